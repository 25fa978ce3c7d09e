// Package retry makes a call again when that may help, and says why not when it
// may not. It knows neither gRPC nor HTTP: the interceptors and httpbridge drive
// it, and [Do] is for everything else.
//
//	policy, err := retry.NewPolicy(retry.WithMaxAttempts(3))
//	if err != nil { … } // an option that makes no sense
//	err = retry.Do(ctx, policy, func(ctx context.Context) error {
//		return store.Put(ctx, key, value)
//	})
//
// # What is retried
//
// By default an error whose code is UNAVAILABLE, up to 5 attempts in all, after
// 500 ms, 1 s, 2 s and 4 s, each times 0.8 to 1.2 at random (gRFC A6; the counts
// are those of Google's Admin SDKs). A transport adds what it knows: whether the
// request left, whether it may run twice, whether the server asked for no
// retry (see [Failure]).
//
// Never retried are errors that are not API errors (see status.Recognize), those
// marked by [Stop], failures of TLS, and anything once the caller's context has
// ended. [Decision] lists all that can be said against a retry; an observer
// hears it for each failed attempt ([WithObserver]).
//
// The error that a loop returns is that of its last attempt, whatever stopped the
// loop. It tells the number of attempts (status.Error.Attempts) and, in its
// LogValue, why there were no more.
//
// # Waits
//
// A server that asks for a wait (google.rpc.RetryInfo and its relatives) is
// obeyed: the wait is never shorter, and up to a fifth longer so that clients
// spread out. One that asks for more than [WithMaxServerDelay] gets no retry:
// the error returns at once. So it does when the wait would outlive the
// context's deadline: the caller gets the real error while there is time to act
// on it, not a DEADLINE_EXCEEDED.
//
// # The budget
//
// Retries multiply load just when a service can bear it least. A [Budget] per
// target bounds them: a retry costs 1 token of 6, an answer gives 0.25 back.
// However long an outage lasts, a client adds 6 attempts to it; when one attempt
// in 20 fails, better than 999 calls in 1000 succeed. While the budget is empty
// errors return at once, marked "budget_exhausted".
//
// # A transport of your own
//
// [Policy.Start] begins a [Call], which follows one call through its attempts:
// tell it of each failure and it answers whether to try again, and after which
// wait. It starts no goroutine and keeps no time. A call that succeeds costs no
// allocation.
//
// # Programming errors
//
// An option that makes no sense is refused by [NewPolicy] or [NewBudget], a nil
// argument by [Do], with a plain error that no predicate of package status
// claims. Only [MustPolicy] panics. A nil or zero [Policy] allows one attempt, a
// nil [Budget] has no limit, and a zero one is the default.
package retry
