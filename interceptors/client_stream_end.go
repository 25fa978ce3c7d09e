package interceptors

import (
	"context"
	"io"

	"google.golang.org/grpc/codes"
	grpcstatus "google.golang.org/grpc/status"

	"github.com/errwire/errwire/retry"
	"github.com/errwire/errwire/status"
)

// startDeciding makes this goroutine the one that decides what follows the end
// of a. It is not mine to decide when the stream is over by then, with final, or
// another attempt has taken a's place.
func (s *clientStream) startDeciding(a *streamAttempt) (mine bool, final error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for s.deciding && s.final == nil {
		s.cond.Wait()
	}
	if s.final != nil || s.current != a {
		return false, s.final
	}
	s.deciding = true
	return true, nil
}

// succeed ends the stream well.
func (s *clientStream) succeed(a *streamAttempt) error {
	if mine, final := s.startDeciding(a); !mine {
		return final
	}
	if !s.answered.Swap(true) {
		s.call.Succeeded()
	}
	s.commit(a)
	return s.end(a, io.EOF)
}

// conclude ends the stream with an error that is not retried. It returns the
// stream's, which is nil when another attempt has taken a's place.
func (s *clientStream) conclude(a *streamAttempt, err error) error {
	if mine, final := s.startDeciding(a); !mine {
		return final
	}
	return s.decided(a, err)
}

// decided is conclude for who is deciding already.
func (s *clientStream) decided(a *streamAttempt, err error) error {
	f, e := s.failure(a, err)
	if s.answered.Load() {
		f.Reach = retry.Lost // the budget had its reward for an answer
	}
	s.call.FailedForGood(s.caller, f, s.why(f))
	return s.fail(a, f, e)
}

// fail ends the stream with the failure of a.
func (s *clientStream) fail(a *streamAttempt, f retry.Failure, e *status.Error) error {
	return s.end(a, s.c.result(s.caller, &s.call, &a.attempt, f.Err, e))
}

// why says why there is no other attempt.
func (s *clientStream) why(f retry.Failure) retry.Decision {
	ended := s.caller.Err() != nil
	switch {
	case f.Permanent:
		return retry.DecisionDoneStop
	case ended && (f.Code == status.Cancelled || f.Code == status.DeadlineExceeded):
		return retry.DecisionDoneContext
	case !f.Transient && !s.policy.Retries(f.Code):
		return retry.DecisionDoneCode
	case s.policy.MaxAttempts() == 1 && !s.answered.Load():
		return retry.DecisionDoneAttempts
	case s.live.Load() != nil:
		return retry.DecisionDoneCommitted
	default:
		return retry.DecisionDoneStop
	}
}

// end makes the outcome known: first what the attempt told of itself, then the
// caller's OnFinish. It is called once, by who is deciding.
func (s *clientStream) end(a *streamAttempt, final error) error {
	s.settings.publish(&a.attempt)
	s.mu.Lock()
	s.final, s.header, s.trailer = final, a.header, a.trailer
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

// over is the end of the stream, nil before.
func (s *clientStream) over() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.final
}

// attemptFinished hears from grpc-go that an attempt is over. Whoever uses the
// stream finds out by itself; this is for streams that nobody uses any more,
// whose context has ended or whose connection was closed. grpc-go calls it from
// within its own methods, the streamer included.
func (s *clientStream) attemptFinished(a *streamAttempt, err error) {
	switch grpcstatus.Code(err) {
	case codes.Canceled, codes.DeadlineExceeded:
	default:
		return // perhaps it is retried
	}
	switch {
	case a.dropped.Load(): // by receive before anybody decides, for one
		return
	case a.outOfTime(): // perhaps it is retried; if nobody does, there is the context's end
		context.AfterFunc(s.ctx, func() { _ = s.conclude(a, errAttemptTimeout) })
		return
	}
	s.mu.Lock()
	opening := s.current != a
	if opening {
		a.finished = err
	}
	s.mu.Unlock()
	if !opening {
		_ = s.conclude(a, err)
	}
}
