package retry

import (
	"context"
	"math"
	"time"

	"github.com/errwire/errwire/status"
)

// A Call follows one call through its attempts. It is the engine under [Do], the
// interceptors and httpbridge: a transport makes the attempts and the waits, the
// Call decides. Make one with [Policy.Start]; it is for one goroutine at a time.
// The zero Call allows one attempt.
type Call struct {
	policy   *Policy
	budget   *Budget
	target   string
	method   string
	attempts int
	settled  int // attempts before the last progress
	decision Decision
}

// Start begins a call. The target and method are for the observer; shared is the
// budget that holds unless the policy has one of its own or none, and may be nil.
// A policy that was not made by [NewPolicy] allows one attempt.
func (p *Policy) Start(target, method string, shared *Budget) Call {
	p = p.orOneAttempt()
	return Call{policy: p, budget: p.budgetOr(shared), target: target, method: method}
}

// Succeeded tells the engine of a call that is over and well after its first
// attempt. It is what Start and [Call.Succeeded] do, for a transport that counts
// the nanoseconds.
func (p *Policy) Succeeded(shared *Budget) { p.orOneAttempt().budgetOr(shared).reward() }

func (p *Policy) budgetOr(shared *Budget) *Budget {
	switch {
	case p.unbudgeted:
		return nil
	case p.budget != nil:
		return p.budget
	default:
		return shared
	}
}

// Attempts is how many attempts have failed.
func (c *Call) Attempts() int {
	if c == nil {
		return 0
	}
	return c.attempts
}

// Progressed tells the engine that a part of the answer is with the caller for
// good, such as the messages of a stream that goes on where it breaks: the next
// failure counts as the first one, for the policy's attempts and waits. Attempts
// and [Event].Attempt go on counting.
func (c *Call) Progressed() {
	if c != nil {
		c.settled = c.attempts
	}
}

// Succeeded tells the engine that the call is over and well.
func (c *Call) Succeeded() {
	if c != nil {
		c.budget.reward()
	}
}

// Failed tells the engine that an attempt failed, and the observer what follows.
// When again is true the caller makes another attempt after the wait.
func (c *Call) Failed(ctx context.Context, f Failure) (wait time.Duration, again bool) {
	if c == nil {
		return 0, false
	}
	ctx = orBackground(ctx)
	c.attempts++
	wait, why := c.decide(ctx, f)
	c.decided(ctx, f, wait, why)
	return wait, why == DecisionRetry
}

// FailedForGood is Failed for a transport that has its own reason why there is
// no further attempt, such as [DecisionDoneCommitted]. [DecisionRetry] is none,
// and counts as [DecisionDoneStop].
func (c *Call) FailedForGood(ctx context.Context, f Failure, why Decision) {
	if c == nil {
		return
	}
	if why == DecisionRetry {
		why = DecisionDoneStop
	}
	c.attempts++
	c.decided(orBackground(ctx), f, 0, why)
}

func (c *Call) decided(ctx context.Context, f Failure, wait time.Duration, why Decision) {
	c.decision = why
	if why == DecisionDoneCode && f.Reach == Answered && !unwell.has(f.Code) {
		c.budget.reward() // a target that says no is not down
	}
	if observe := c.policy.orOneAttempt().observer; observe != nil {
		observe(ctx, Event{
			Target: c.target, Method: c.method, Attempt: c.attempts, Err: f.Err, Delay: wait, Decision: why,
		})
	}
}

// decide is the whole of the rules, the cheapest and most final first. The
// budget comes last: only a retry that is allowed may cost a token.
func (c *Call) decide(ctx context.Context, f Failure) (time.Duration, Decision) {
	p := c.policy.orOneAttempt()
	asked := f.Asked && f.Delay >= 0
	retriable := f.Transient || p.codes.has(f.Code)
	attempts := c.attempts - c.settled
	switch {
	case f.Permanent || Stopped(f.Err):
		return 0, DecisionDoneStop
	case ctx.Err() != nil && (retriable || ofContext.has(f.Code)):
		return 0, DecisionDoneContext
	case !retriable, f.Code == status.ResourceExhausted && !asked:
		return 0, DecisionDoneCode
	case f.Reach == Lost && !f.Safe:
		return 0, DecisionDoneUnsafe
	case f.Refuse:
		return 0, DecisionDonePushback
	case attempts >= p.maxAttempts:
		return 0, DecisionDoneAttempts
	case asked && tooLong(f.Delay, p.maxServerDelay):
		return 0, DecisionDoneServerDelay
	}
	wait := p.wait(attempts, f.Delay, asked)
	if deadline, ok := ctx.Deadline(); ok && wait >= time.Until(deadline) {
		return 0, DecisionDoneDeadline
	}
	if !c.budget.take() {
		return 0, DecisionDoneBudget
	}
	return wait, DecisionRetry
}

// tooLong reports whether a server asks for a longer wait than the policy
// allows. The longest of all stands for one that overflowed.
func tooLong(delay, longest time.Duration) bool {
	return delay > longest || delay == math.MaxInt64
}

// Sleep waits, unless ctx ends first; it reports whether ctx goes on after it.
func Sleep(ctx context.Context, wait time.Duration) bool {
	ctx = orBackground(ctx)
	if wait > 0 {
		timer := time.NewTimer(wait)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-ctx.Done():
		}
	}
	return ctx.Err() == nil
}

// Result is the error of the whole call as the caller should see it: err as a
// *status.Error that tells the attempts and why there were no more. When the
// context ended during an attempt or a wait, its error is reachable. An err that
// is not recognised (see [status.Recognize]) is returned as it is, without a
// mark of [Stop].
func (c *Call) Result(ctx context.Context, err error) error {
	err = unmark(err)
	e, ok := status.Recognize(err)
	if !ok || c == nil {
		return err
	}
	ctx = orBackground(ctx)
	if c.decision == DecisionRetry && ctx.Err() != nil {
		c.decision = DecisionDoneContext
		c.budget.refund()
	}
	var stopped string
	switch c.decision {
	case DecisionRetry, DecisionDoneCode: // nothing that the code does not say
	case DecisionDoneContext:
		e = e.WithContextError(ctx)
		stopped = c.decision.String()
	default:
		stopped = c.decision.String()
	}
	return unmarkCause(e).WithAttempts(c.attempts, stopped)
}

func orBackground(ctx context.Context) context.Context {
	if ctx == nil {
		return context.Background()
	}
	return ctx
}
