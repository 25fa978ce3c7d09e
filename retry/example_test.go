package retry_test

import (
	"context"
	"errors"
	"expvar"
	"fmt"
	"time"

	"github.com/errwire/errwire/retry"
	"github.com/errwire/errwire/status"
)

// quick keeps the examples from sleeping; a program of yours wants the default.
var quick = retry.WithBackoff(time.Millisecond, time.Millisecond)

func ExampleDo() {
	policy := retry.MustPolicy(quick)
	calls := 0
	err := retry.Do(context.Background(), policy, func(ctx context.Context) error {
		if calls++; calls < 3 {
			return status.New(status.Unavailable, "the store is restarting")
		}
		return nil
	})
	fmt.Println(calls, "calls, error:", err)

	// What no repeat will mend is returned at once.
	err = retry.Do(context.Background(), policy, func(ctx context.Context) error {
		return status.New(status.NotFound, "there is no shelf 42")
	})
	fmt.Println(status.IsNotFound(err), status.FromError(err).Attempts())
	// Output:
	// 3 calls, error: <nil>
	// true 1
}

func ExampleNewPolicy() {
	policy, err := retry.NewPolicy(
		retry.WithMaxAttempts(3), // the first included
		retry.WithBackoff(100*time.Millisecond, 2*time.Second),
		retry.WithPerAttemptTimeout(5*time.Second),
		retry.WithCodes(status.Unavailable, status.Aborted),
	)
	fmt.Println(policy.MaxAttempts(), err)

	// Nonsense is refused where it is written, not in the middle of a call.
	_, err = retry.NewPolicy(retry.WithCodes(status.InvalidArgument))
	fmt.Println(err)
	// Output:
	// 3 <nil>
	// retry: WithCodes(INVALID_ARGUMENT): this code must not be retried (AIP-194)
}

func ExampleStop() {
	quota := errors.New("the monthly quota is used up")
	err := retry.Do(context.Background(), retry.MustPolicy(quick), func(ctx context.Context) error {
		// UNAVAILABLE would be retried, but we know better.
		return retry.Stop(status.New(status.Unavailable, "try again next month").WithCause(quota))
	})
	fmt.Println(err, status.FromError(err).Attempts())
	fmt.Println(status.IsUnavailable(err), errors.Is(err, quota))
	// Output:
	// try again next month 1
	// true true
}

// Decisions make good labels: there are few, and their names do not change.
func ExampleWithObserver() {
	failures := new(expvar.Map) // expvar.NewMap("failed_attempts") publishes it
	policy := retry.MustPolicy(quick, retry.WithObserver(func(_ context.Context, e retry.Event) {
		failures.Add(e.Decision.String(), 1)
	}))
	for _, err := range []error{
		status.New(status.Unavailable, "down"),
		status.New(status.PermissionDenied, "no"),
		retry.Stop(status.New(status.Unavailable, "down for good")),
	} {
		_ = retry.Do(context.Background(), policy, func(context.Context) error { return err })
	}
	fmt.Println(failures)
	// Output:
	// {"attempts_exhausted": 1, "not_retriable": 1, "retry": 4, "stopped": 1}
}

// Calls of one kind to one target share a budget, so that an outage does not
// multiply the load on it. The interceptors and httpbridge see to that by
// themselves; Do does not know the target.
func ExampleWithBudget() {
	budget, err := retry.NewBudget() // 6 tokens; a success gives a quarter back
	if err != nil {
		panic(err)
	}
	policy := retry.MustPolicy(quick, retry.WithBudget(budget))
	attempts := 0
	for range 100 {
		_ = retry.Do(context.Background(), policy, func(context.Context) error {
			attempts++
			return status.New(status.Unavailable, "down")
		})
	}
	fmt.Println(attempts, "attempts at 100 calls")
	// Output: 106 attempts at 100 calls
}

// A transport of your own makes the attempts and the waits. The engine under it
// decides, as it does for gRPC and HTTP.
func ExamplePolicy_Start() {
	send := printer()
	const target = "printer.example.com:9100"
	call := retry.MustPolicy(quick).Start(target, "print", retry.TargetBudget(target))
	ctx := context.Background()
	err := func() error {
		for {
			sent, err := send(ctx, "page")
			if err == nil {
				call.Succeeded()
				return nil
			}
			failure := retry.Failure{Err: err, Code: status.CodeOf(err), Reach: retry.Lost}
			if !sent {
				failure.Reach = retry.NeverLeft
			}
			wait, again := call.Failed(ctx, failure)
			if !again || !retry.Sleep(ctx, wait) {
				return call.Result(ctx, err)
			}
		}
	}()
	fmt.Println(err, status.FromError(err).Attempts())
	fmt.Printf("%+v\n", err)
	// Output:
	// the printer said nothing 2
	// UNAVAILABLE: the printer said nothing
	//     attempts: 2 may_have_run
}

// printer refuses the first connection. After the second it keeps silent: the
// page may lie in the tray, so that nobody should send it again.
func printer() func(ctx context.Context, page string) (sent bool, err error) {
	attempts := 0
	return func(context.Context, string) (bool, error) {
		if attempts++; attempts == 1 {
			return false, status.New(status.Unavailable, "connection refused")
		}
		return true, status.New(status.Unavailable, "the printer said nothing")
	}
}
