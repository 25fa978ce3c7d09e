package interceptors

import (
	"io"

	"google.golang.org/protobuf/proto"

	"github.com/errwire/errwire/retry"
	"github.com/errwire/errwire/status"
)

// commit binds the stream to an attempt.
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

// replace follows a, which failed with err, by other attempts until there is one
// to go on with or the stream has failed. It is for who reads.
func (s *clientStream) replace(a *streamAttempt, err error) (*streamAttempt, error) {
	mine, final := s.startDeciding(a)
	switch {
	case !mine:
		return nil, final
	case s.live.Load() != nil && !s.uncommit(a, err):
		return nil, s.decided(a, err)
	default:
		return s.proceed(a, err)
	}
}

// proceed is replace for who is deciding already. Without an err, a is the
// attempt to go on with.
func (s *clientStream) proceed(a *streamAttempt, err error) (*streamAttempt, error) {
	for err != nil {
		f, e := s.failure(a, err)
		wait, again := s.call.Failed(s.caller, f)
		a.discard()
		if !again || !await(s.caller, s.cc, f, wait) {
			return nil, s.fail(a, f, e)
		}
		a, err = s.open()
	}
	s.adopt(a)
	return a, nil
}

// adopt makes a the current attempt and sends it what was sent before, in a
// goroutine of its own: the server may need its answers read meanwhile.
func (s *clientStream) adopt(a *streamAttempt) {
	s.mu.Lock()
	s.current, s.deciding = a, false
	if s.policy.MaxAttempts() == 1 {
		s.live.Store(a) // there will be no other attempt: nothing to keep
	}
	if len(s.sent) > 0 || s.closed {
		a.behind.Store(true)
		go s.replay(a, s.sent)
	}
	finished := a.finished
	s.mu.Unlock()
	s.cond.Broadcast()
	if finished != nil {
		_ = s.conclude(a, finished)
	}
}

// replay sends again, all of it: io.EOF need not mean that nobody gets it, see
// streamAttempt.seal. What the server makes of it is RecvMsg's to tell.
func (s *clientStream) replay(a *streamAttempt, sent []proto.Message) {
	for _, m := range sent {
		if err := a.stream.SendMsg(m); err != nil && err != io.EOF { //nolint:errorlint // grpc's promise
			_ = s.conclude(a, err)
			break
		}
	}
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		_ = a.stream.CloseSend() // always nil
		s.mu.Lock()
	}
	a.behind.Store(false)
	s.mu.Unlock()
	s.cond.Broadcast()
}

// failure puts the failure of an attempt in terms of the engine; e is nil for an
// error that is not recognised.
func (s *clientStream) failure(a *streamAttempt, err error) (retry.Failure, *status.Error) {
	e, recognised := status.Recognize(err)
	if !recognised {
		return retry.Failure{Err: err, Permanent: true}, nil
	}
	if a.outOfTime() && e.Code() == status.Cancelled {
		err = errAttemptTimeout
		e, _ = status.Recognize(err)
	}
	ours := err == errAttemptTimeout //nolint:errorlint // the very same, not a server's
	f := a.failure(s.policy, e, ours, s.mayRepeat)
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
	return s.resume != nil || s.c.mayRepeat(s.method, &s.settings, first)
}
