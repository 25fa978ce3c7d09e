package interceptors

import (
	"io"

	"github.com/errwire/errwire/retry"
	"github.com/errwire/errwire/status"
)

// startReading makes this goroutine the one that reads the current attempt. It
// waits until nobody else does; when the stream is over or has committed by
// then, it says so instead. It does not wait when another attempt has taken the
// place of old.
func (s *clientStream) startReading(old *streamAttempt) (live *streamAttempt, final error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for s.reading && s.final == nil && s.live.Load() == nil {
		if old != nil && s.current != old {
			return s.current, nil
		}
		s.cond.Wait()
	}
	if live := s.live.Load(); live != nil {
		return live, nil
	}
	if s.final != nil {
		return nil, s.final
	}
	s.reading = true
	return nil, nil //nolint:nilnil // this goroutine reads
}

func (s *clientStream) stopReading() {
	s.mu.Lock()
	s.reading = false
	s.mu.Unlock()
	s.cond.Broadcast()
}

// commit binds the stream to an attempt for good.
func (s *clientStream) commit(a *streamAttempt) {
	s.mu.Lock()
	s.commitLocked(a)
	s.mu.Unlock()
}

// commitCurrent commits to a, unless another attempt is taking its place.
func (s *clientStream) commitCurrent(a *streamAttempt) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.current != a || s.deciding {
		return s.live.Load() == a
	}
	s.commitLocked(a)
	return true
}

func (s *clientStream) commitLocked(a *streamAttempt) {
	if s.live.CompareAndSwap(nil, a) {
		a.keep()
		s.sent, s.size = nil, 0
		s.cond.Broadcast()
	}
}

// startDeciding makes this goroutine the one that decides what follows a
// failure; it reports false when the stream is over by then.
func (s *clientStream) startDeciding() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for s.deciding && s.final == nil {
		s.cond.Wait()
	}
	if s.final != nil {
		return false
	}
	s.deciding = true
	return true
}

// replace follows an attempt that failed with err by others, until there is one
// to go on with or the stream has failed.
func (s *clientStream) replace(a *streamAttempt, err error) (*streamAttempt, error) {
	if !s.startDeciding() {
		return nil, s.final
	}
	if s.live.Load() != nil {
		return nil, s.decided(a, err, retry.DecisionDoneCommitted)
	}
	for {
		f, e := s.failure(a, err)
		wait, again := s.call.Failed(s.caller, f)
		if !again || !await(s.caller, s.cc, f, wait) {
			return nil, s.end(a, s.result(a, f.Err, e))
		}
		a.discard()
		if a, err = s.open(s.call.Attempts()); err != nil {
			continue
		}
		if err = s.adopt(a); err == nil {
			return a, nil
		}
	}
}

// adopt sends to a what was sent before, and makes it the current attempt.
func (s *clientStream) adopt(a *streamAttempt) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, m := range s.sent {
		if err := a.stream.SendMsg(m); err == io.EOF { //nolint:errorlint // grpc's promise
			a.cut = true // whoever reads it finds out why
			break
		} else if err != nil {
			return err
		}
	}
	if s.closed {
		_ = a.stream.CloseSend() // always nil
	}
	s.current, s.deciding = a, false
	s.cond.Broadcast()
	return nil
}

// failure puts the failure of an attempt in terms of the engine; e is nil for an
// error that is not recognised.
func (s *clientStream) failure(a *streamAttempt, err error) (retry.Failure, *status.Error) {
	if a.outOfTime() {
		err = errAttemptTimeout
	}
	e, recognised := status.Recognize(err)
	if !recognised {
		return retry.Failure{Err: err, Permanent: true}, nil
	}
	f := a.failure(s.policy, e, a.outOfTime(), s.mayRepeat)
	f.Err = err
	return f, e
}

// mayRepeat asks the first message for its request_id.
func (s *clientStream) mayRepeat() bool {
	s.mu.Lock()
	var first any
	if len(s.sent) > 0 {
		first = s.sent[0]
	}
	s.mu.Unlock()
	return s.c.mayRepeat(s.method, &s.settings, first)
}
