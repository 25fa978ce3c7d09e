package retry

import (
	"context"
	"time"

	"github.com/errwire/errwire/status"
)

// A Reach says how far the request of a failed attempt got.
type Reach int8

const (
	// Answered: whoever was asked answered, or the transport cannot tell.
	Answered Reach = iota
	// NeverLeft: nothing was sent. A repeat is always safe.
	NeverLeft
	// Lost: the request left and no answer came. It may have run.
	Lost
)

// A Failure describes a failed attempt in terms that every transport has.
type Failure struct {
	Err  error       // what the attempt failed with
	Code status.Code // its platform code

	Reach Reach
	Safe  bool // the request may run twice without harm

	// Transient: a repeat may help whatever the policy's codes say, such as after
	// an attempt that ran into its own timeout.
	Transient bool
	// Permanent: no repeat will mend it, such as a certificate that does not hold.
	Permanent bool

	Asked  bool          // the server asked to wait
	Delay  time.Duration // how long, if it asked
	Refuse bool          // the server asked for no retry
}

// A Call follows one call through its attempts. It is the engine under [Do], the
// interceptors and httpbridge: a transport makes the attempts and the waits, the
// Call decides. Make one with [Policy.Start]; it is for one goroutine at a time.
type Call struct {
	policy   *Policy
	budget   *Budget
	target   string
	method   string
	attempts int
	decision Decision
}

// Start begins a call. The target and method are for the observer; shared is the
// budget that holds unless the policy has one of its own or none, and may be nil.
func (p *Policy) Start(target, method string, shared *Budget) Call {
	c := Call{policy: p, target: target, method: method}
	switch {
	case p.unbudgeted:
	case p.budget != nil:
		c.budget = p.budget
	default:
		c.budget = shared
	}
	return c
}

// Attempts is how many attempts have failed.
func (c *Call) Attempts() int { return c.attempts }

// Succeeded tells the engine that the call is over and well.
func (c *Call) Succeeded() { c.budget.reward() }

// Failed tells the engine that an attempt failed, and the observer what follows.
// When again is true the caller makes another attempt after the wait.
func (c *Call) Failed(ctx context.Context, f Failure) (wait time.Duration, again bool) {
	return c.failed(ctx, f, true, DecisionRetry)
}

// FailedForGood is Failed for a transport that has its own reason why there is
// no further attempt, such as [DecisionDoneCommitted].
func (c *Call) FailedForGood(ctx context.Context, f Failure, why Decision) {
	c.failed(ctx, f, false, why)
}

func (c *Call) failed(ctx context.Context, f Failure, ask bool, why Decision) (time.Duration, bool) {
	c.attempts++
	var wait time.Duration
	if ask {
		wait, why = c.decide(ctx, f)
	}
	c.decision = why
	if why == DecisionDoneCode && f.Reach == Answered && !fromCaller.has(f.Code) {
		c.budget.reward() // a target that says no is not down
	}
	if c.policy.observer != nil {
		c.policy.observer(ctx, Event{
			Target: c.target, Method: c.method, Attempt: c.attempts, Err: f.Err, Delay: wait, Decision: why,
		})
	}
	return wait, why == DecisionRetry
}

// fromCaller are codes that say nothing of whether the target is well.
var fromCaller = codeSet(0).with(status.Cancelled).with(status.DeadlineExceeded).with(status.Unavailable)

// decide is the whole of the rules, the cheapest and most final first. The
// budget comes last: only a retry that will happen may cost a token.
func (c *Call) decide(ctx context.Context, f Failure) (time.Duration, Decision) {
	p := c.policy
	switch {
	case f.Permanent || Stopped(f.Err):
		return 0, DecisionDoneStop
	case !f.Transient && !p.codes.has(f.Code):
		return 0, DecisionDoneCode
	case f.Code == status.ResourceExhausted && !f.Asked:
		return 0, DecisionDoneCode
	case ctx.Err() != nil:
		return 0, DecisionDoneContext
	case f.Reach == Lost && !f.Safe:
		return 0, DecisionDoneUnsafe
	case f.Refuse:
		return 0, DecisionDonePushback
	case c.attempts >= p.maxAttempts:
		return 0, DecisionDoneAttempts
	case f.Asked && f.Delay > p.maxServerDelay:
		return 0, DecisionDoneServerDelay
	}
	wait := c.wait(f)
	if deadline, ok := ctx.Deadline(); ok && wait >= time.Until(deadline) {
		return 0, DecisionDoneDeadline
	}
	if !c.budget.take() {
		return 0, DecisionDoneBudget
	}
	return wait, DecisionRetry
}

// wait is the time before the next attempt.
func (c *Call) wait(f Failure) time.Duration {
	backoff := c.policy.backoff(c.attempts)
	if f.Asked {
		return c.policy.obeying(f.Delay, backoff)
	}
	return c.policy.jittered(backoff)
}

// Sleep waits, unless ctx ends first; it reports whether it waited to the end.
func Sleep(ctx context.Context, wait time.Duration) bool {
	if wait <= 0 {
		return ctx.Err() == nil
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// Result is the error of the whole call as the caller should see it: err as a
// *status.Error that tells the attempts and why there were no more. When the
// context ended during a wait, its error is reachable. An err that is not
// recognised (see [status.Recognize]) is returned as it is.
func (c *Call) Result(ctx context.Context, err error) error {
	err = unmark(err)
	e, ok := status.Recognize(err)
	if !ok {
		return err
	}
	if c.decision == DecisionRetry && ctx.Err() != nil {
		c.decision = DecisionDoneContext
		e = e.WithContextError(ctx)
	}
	why := c.decision
	if why == DecisionDoneCode {
		return e.WithAttempts(c.attempts, "")
	}
	return e.WithAttempts(c.attempts, why.String())
}
