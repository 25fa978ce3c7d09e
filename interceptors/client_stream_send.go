package interceptors

import (
	"io"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/errwire/errwire/retry"
)

// SendMsg sends m. As grpc-go's, it answers io.EOF when the stream is over: its
// error is RecvMsg's to tell. The caller may change m afterwards.
func (s *clientStream) SendMsg(m any) error {
	if live := s.live.Load(); live != nil {
		return s.sendLive(live, m)
	}
	s.mu.Lock()
	for s.deciding && s.final == nil {
		s.cond.Wait()
	}
	switch {
	case s.final != nil:
		s.mu.Unlock()
		return io.EOF
	case s.live.Load() != nil || !s.remember(m):
		s.commitLocked(s.current)
		s.mu.Unlock()
		return s.sendLive(s.live.Load(), m)
	}
	a := s.current
	err := a.stream.SendMsg(m)
	s.mu.Unlock()
	switch err { //nolint:errorlint // grpc's promise is the very same value
	case nil:
		return nil
	case io.EOF:
		return s.sendVerdict(a)
	default:
		return s.conclude(a, err, retry.DecisionDoneStop)
	}
}

// sendLive is SendMsg on a stream that has committed.
func (s *clientStream) sendLive(a *streamAttempt, m any) error {
	err := a.stream.SendMsg(m)
	if err == nil || err == io.EOF { //nolint:errorlint // as in SendMsg
		return err
	}
	return s.conclude(a, err, retry.DecisionDoneStop)
}

// sendVerdict is the answer of a SendMsg whose attempt was over. When another
// attempt took its place, the message, which is remembered, went to that one.
func (s *clientStream) sendVerdict(a *streamAttempt) error {
	for {
		next, replaced := s.awaitVerdict(a)
		if !replaced {
			return io.EOF
		}
		if !next.cut {
			return nil
		}
		a = next
	}
}

// CloseSend ends the sending side. It answers nil, as grpc-go's does.
func (s *clientStream) CloseSend() error {
	s.mu.Lock()
	s.closed = true
	a := s.current
	if s.deciding { // the next attempt is closed when all was sent to it
		s.mu.Unlock()
		return nil
	}
	defer s.mu.Unlock()
	return a.stream.CloseSend()
}

// remember keeps a copy of m for a replay; it reports false when there is no
// room, or m is not a proto message.
func (s *clientStream) remember(m any) bool {
	const frame = 5 // bytes that gRPC puts before each message
	message, ok := m.(proto.Message)
	if !ok || !message.ProtoReflect().IsValid() {
		return false
	}
	size := proto.Size(message) + frame
	if s.size+size > s.c.streamBuffer {
		return false
	}
	s.size += size
	s.sent = append(s.sent, proto.Clone(message))
	return true
}

// awaitVerdict waits until it is known what becomes of an attempt that is over
// without a header, and sees to it if nobody else does. It returns the attempt
// that took its place; replaced is false when none did.
func (s *clientStream) awaitVerdict(a *streamAttempt) (next *streamAttempt, replaced bool) {
	other, err := s.startReading(a)
	switch {
	case err != nil || other == a:
		return nil, false
	case other != nil:
		return other, true
	}
	defer s.stopReading()
	if s.current != a { // it cannot change now
		return s.current, true
	}
	switch md, _ := a.stream.Header(); {
	case a.outOfTime():
		a.drain()
		err = errAttemptTimeout
	case len(md) > 0:
		s.commit(a) // there may be messages for the caller
		return nil, false
	default:
		// Without a header there is no message, so that this fetches the status.
		err = a.stream.RecvMsg(&emptypb.Empty{})
	}
	switch err { //nolint:errorlint // as in SendMsg
	case nil:
		s.commit(a)
		return nil, false
	case io.EOF:
		_ = s.succeed(a)
		return nil, false
	default:
		next, err = s.replace(a, err)
		return next, err == nil
	}
}
