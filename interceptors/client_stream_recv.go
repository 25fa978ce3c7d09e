package interceptors

import (
	"errors"
	"io"

	"google.golang.org/protobuf/types/known/emptypb"
)

// RecvMsg receives into m. Its error is io.EOF, as the very same value, or that
// of the whole stream.
func (s *clientStream) RecvMsg(m any) error {
	for {
		live := s.live.Load()
		if live == nil {
			if s.startReading(nil) {
				return s.receiveFirst(m)
			}
			if final := s.over(); final != nil {
				return final
			}
			continue // it has committed
		}
		err := live.receive(m)
		switch err {
		case nil:
			s.received(live, m)
			return nil
		case io.EOF: //nolint:errorlint // grpc's promise is the very same value
			return s.succeed(live)
		}
		if err = s.broken(live, err); err != nil {
			return err
		}
		resetReply(m)
	}
}

// receiveFirst receives the message that the stream commits by.
func (s *clientStream) receiveFirst(m any) error {
	defer s.stopReading()
	a := s.current // nobody else changes it now
	for {
		err := a.receive(m)
		switch {
		case err == io.EOF: //nolint:errorlint // as in RecvMsg
			return s.succeed(a)
		case err == nil && a.keep():
			s.commit(a)
			s.received(a, m)
			return nil
		case err == nil: // it came too late
			a.drain()
			err = errAttemptTimeout
		}
		if a, err = s.replace(a, err); err != nil {
			return err
		}
		resetReply(m)
	}
}

// received is what follows a message. grpc-go has read a stream of one message
// to its end by then.
func (s *clientStream) received(a *streamAttempt, m any) {
	first := !s.answered.Load() && !s.answered.Swap(true)
	if first {
		a.keep()
		s.call.Succeeded()
	}
	if s.resume != nil {
		s.delivered(m, first)
	}
	if !s.desc.ServerStreams {
		_ = s.succeed(a)
	}
}

// awaitVerdict waits until it is known what becomes of an attempt that is over,
// and sees to it if nobody else does. It reports whether another attempt has
// taken its place.
func (s *clientStream) awaitVerdict(a *streamAttempt) (replaced bool) {
	if s.startReading(a) {
		s.readVerdict(a)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.final == nil && s.current != a
}

func (s *clientStream) readVerdict(a *streamAttempt) {
	defer s.stopReading()
	var err error
	switch header, _ := a.stream.Header(); {
	case a.outOfTime():
		a.drain()
		err = errAttemptTimeout
	case header != nil:
		s.commit(a) // there may be messages for the caller
		return
	default:
		// Without a header there is no message, so that this fetches the status.
		err = a.receive(&emptypb.Empty{})
	}
	switch err {
	case nil:
		_ = s.conclude(a, errNoHeader)
	case io.EOF: //nolint:errorlint // as in RecvMsg
		_ = s.succeed(a)
	default:
		_, _ = s.replace(a, err)
	}
}

// errNoHeader is for streams of inner interceptors that answer a nil header and
// go on: their message is lost.
var errNoHeader = errors.New("interceptors: a stream without a header has a message")

// startReading makes this goroutine the one that reads the current attempt, as
// soon as nobody else does. It reports false when there is nothing to read: the
// stream is over or has committed, or another attempt has taken the place of
// old, unless that is nil.
func (s *clientStream) startReading(old *streamAttempt) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for {
		switch {
		case s.final != nil, s.live.Load() != nil, old != nil && old != s.current:
			return false
		case !s.reading:
			s.reading = true
			return true
		}
		s.cond.Wait()
	}
}

func (s *clientStream) stopReading() {
	s.mu.Lock()
	s.reading = false
	s.mu.Unlock()
	s.cond.Broadcast()
}
