package retry

import (
	"context"
	"errors"

	"github.com/errwire/errwire/status"
)

var (
	errNilContext = errors.New("retry: Do: nil context")
	errNilPolicy  = errors.New("retry: Do: policy not made by NewPolicy")
	errNilAttempt = errors.New("retry: Do: nil attempt")
)

// Do calls attempt until it succeeds, or fails in a way that p does not retry.
// It returns the error of the last attempt: as a *status.Error that tells the
// attempts when it is recognised (see [status.Recognize]), and as it is when it
// is not, such as a programming error, which is never retried.
//
// Do takes it that attempt may run twice, and makes the first attempt whatever
// has become of ctx. When attempt's own context ends because of
// [WithPerAttemptTimeout], that counts as a failure to retry. A delay in the
// error (google.rpc.RetryInfo) is obeyed. Do knows no target, so that there is
// no budget unless the policy has one.
//
// When ctx ends during a wait, the error of the last attempt still says what went
// wrong, and errors.Is finds the context's error, and its cause, behind it.
//
// A nil ctx or attempt, and a p that NewPolicy did not make, are programming
// errors: Do returns a plain error.
func Do(ctx context.Context, p *Policy, attempt func(ctx context.Context) error) error {
	switch {
	case ctx == nil:
		return errNilContext
	case !p.made():
		return errNilPolicy
	case attempt == nil:
		return errNilAttempt
	}
	call := p.Start("", "", nil)
	for {
		timedOut, err := p.try(ctx, attempt)
		if err == nil {
			call.Succeeded()
			return nil
		}
		e, recognised := status.Recognize(err)
		failure := Failure{
			Err:       err,
			Code:      e.Code(),
			Transient: timedOut && ofTimeout.has(e.Code()),
			Permanent: !recognised || status.IsTLSFailure(err),
		}
		failure.Delay, failure.Asked = e.RetryDelay()
		wait, again := call.Failed(ctx, failure)
		if !again || !Sleep(ctx, wait) {
			return call.Result(ctx, err)
		}
	}
}

// try makes one attempt within the policy's bound, and reports whether its time
// was up. That the caller's may be too is for the engine to see.
func (p *Policy) try(ctx context.Context, attempt func(ctx context.Context) error) (timedOut bool, err error) {
	if p.attemptTimeout == 0 {
		return false, attempt(ctx)
	}
	bounded, cancel := context.WithTimeout(ctx, p.attemptTimeout)
	defer cancel()
	err = attempt(bounded)
	return bounded.Err() != nil, err
}
