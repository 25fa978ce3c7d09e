package retry

// A Decision is what the engine decided after a failed attempt: to retry, or
// why not.
type Decision int8

const (
	// DecisionRetry: there will be another attempt after Event.Delay.
	DecisionRetry Decision = iota
	// DecisionDoneCode: an error of this kind is not retried under this policy.
	DecisionDoneCode
	// DecisionDoneStop: the error was marked by [Stop], or is of a kind that no
	// repeat will mend, such as a certificate that does not hold or a programming
	// error.
	DecisionDoneStop
	// DecisionDoneUnsafe: the request left, its fate is unknown, and nothing says
	// that it may run twice.
	DecisionDoneUnsafe
	// DecisionDonePushback: the server asked for no retry (gRFC A6).
	DecisionDonePushback
	// DecisionDoneAttempts: the policy's attempts are used up.
	DecisionDoneAttempts
	// DecisionDoneServerDelay: the server asks for a longer wait than the policy
	// allows.
	DecisionDoneServerDelay
	// DecisionDoneDeadline: the wait would outlive the context's deadline.
	DecisionDoneDeadline
	// DecisionDoneContext: the caller's context has ended, during the attempt. Of
	// one that ends during a wait the observer learns nothing more.
	DecisionDoneContext
	// DecisionDoneBudget: the target's retry budget is empty.
	DecisionDoneBudget
	// DecisionDoneCommitted: part of the answer was already delivered, so that a
	// repeat could deliver it twice.
	DecisionDoneCommitted
	// DecisionDoneBody: the request cannot be sent again, as its body is gone.
	DecisionDoneBody
)

var decisionNames = [...]string{
	DecisionRetry:           "retry",
	DecisionDoneCode:        "not_retriable",
	DecisionDoneStop:        "stopped",
	DecisionDoneUnsafe:      "may_have_run",
	DecisionDonePushback:    "server_pushback",
	DecisionDoneAttempts:    "attempts_exhausted",
	DecisionDoneServerDelay: "server_delay_too_long",
	DecisionDoneDeadline:    "deadline_too_close",
	DecisionDoneContext:     "context_ended",
	DecisionDoneBudget:      "budget_exhausted",
	DecisionDoneCommitted:   "already_delivered",
	DecisionDoneBody:        "body_not_replayable",
}

// String returns a short constant fit for a metric's label, such as "retry" or
// "budget_exhausted".
func (d Decision) String() string {
	if d < 0 || int(d) >= len(decisionNames) {
		return "unknown"
	}
	return decisionNames[d]
}
