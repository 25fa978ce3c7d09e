package interceptors

import (
	"io"

	"google.golang.org/grpc/codes"
	grpcstatus "google.golang.org/grpc/status"

	"github.com/errwire/errwire/retry"
	"github.com/errwire/errwire/status"
)

// succeed ends the stream well.
func (s *clientStream) succeed(a *streamAttempt) error {
	if !s.startDeciding() {
		return s.final
	}
	if !s.answered.Swap(true) {
		s.call.Succeeded()
	}
	s.commit(a)
	return s.end(a, io.EOF)
}

// conclude ends the stream with an error that is not retried, and says why.
func (s *clientStream) conclude(a *streamAttempt, err error, why retry.Decision) error {
	if !s.startDeciding() {
		return s.final
	}
	return s.decided(a, err, why)
}

// decided is conclude for who is deciding already.
func (s *clientStream) decided(a *streamAttempt, err error, why retry.Decision) error {
	f, e := s.failure(a, err)
	switch {
	case s.settings.resumed && s.policy.Retries(f.Code): // the resuming stream tells
	case !s.policy.Retries(f.Code):
		s.call.FailedForGood(s.caller, f, retry.DecisionDoneCode)
	case s.policy.MaxAttempts() == 1:
		s.call.FailedForGood(s.caller, f, retry.DecisionDoneAttempts)
	default:
		s.call.FailedForGood(s.caller, f, why)
	}
	return s.end(a, s.result(a, f.Err, e))
}

// result is the error that the caller gets.
func (s *clientStream) result(a *streamAttempt, err error, e *status.Error) error {
	if e == nil || !s.c.translates {
		return err
	}
	return s.call.Result(s.caller, a.translate(s.caller, e))
}

// end makes the outcome known: first what the attempt told of itself, then the
// caller's OnFinish. It is called once, by who is deciding.
func (s *clientStream) end(a *streamAttempt, final error) error {
	s.settings.publish(&a.attempt)
	s.mu.Lock()
	s.final, s.trailer = final, a.trailer
	s.sent, s.deciding = nil, false
	s.mu.Unlock()
	s.cond.Broadcast()
	a.discard()
	s.cancel()
	if final == io.EOF { //nolint:errorlint // our own value
		s.settings.finish(nil)
	} else {
		s.settings.finish(final)
	}
	return final
}

// attemptFinished hears from grpc-go that an attempt is over. Whoever uses the
// stream finds out by itself; this is for streams that nobody uses any more,
// whose context has ended or whose connection was closed. grpc-go may call it
// from within SendMsg, under our lock.
func (s *clientStream) attemptFinished(a *streamAttempt, err error) {
	switch grpcstatus.Code(err) {
	case codes.Canceled, codes.DeadlineExceeded:
		if !a.dropped.Load() && !a.outOfTime() {
			go s.abandon(a, err)
		}
	}
}

func (s *clientStream) abandon(a *streamAttempt, err error) {
	s.mu.Lock()
	current := s.current == a || s.current == nil
	s.mu.Unlock()
	if current {
		_ = s.conclude(a, err, retry.DecisionDoneContext)
	}
}
