package retry_test

import (
	"context"
	"log/slog"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/errwire/errwire/retry"
	"github.com/errwire/errwire/status"
)

// stopReason is what the log says of why there were no more attempts.
func stopReason(t *testing.T, err error) string {
	t.Helper()
	for _, attr := range status.FromError(err).LogValue().Group() {
		if attr.Key == "retry_stopped" {
			require.Equal(t, slog.KindString, attr.Value.Kind())
			return attr.Value.String()
		}
	}
	return ""
}

func TestObserverHearsOfEachFailedAttempt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		type key struct{}
		ctx := context.WithValue(t.Context(), key{}, "the call's")
		errs := []error{down(), status.New(status.Unavailable, "later").WithRetryDelay(3 * s), wrapped(down()), nil}
		var seen []retry.Event
		calls := 0
		p := policy(t, retry.WithPerAttemptTimeout(s), retry.WithObserver(func(ctx context.Context, e retry.Event) {
			assert.Equal(t, "the call's", ctx.Value(key{}))
			assert.NoError(t, ctx.Err(), "the call's context, not the attempt's")
			assert.Equal(t, calls, e.Attempt, "heard before the next attempt")
			seen = append(seen, e)
		}))
		require.NoError(t, retry.Do(ctx, p, func(context.Context) error {
			calls++
			return errs[calls-1]
		}))
		assert.Equal(t, []retry.Event{
			{Attempt: 1, Err: errs[0], Delay: 500 * ms, Decision: retry.DecisionRetry},
			{Attempt: 2, Err: errs[1], Delay: 3300 * ms, Decision: retry.DecisionRetry},
			{Attempt: 3, Err: errs[2], Delay: 2 * s, Decision: retry.DecisionRetry},
		}, seen, "and of no success")
	})
}

func TestObserverHearsWhyThereAreNoMoreAttempts(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var seen recorder
		server := callee{err: down()}
		err := retry.Do(t.Context(), policy(t, retry.WithMaxAttempts(3), seen.option()), server.call)
		assert.Equal(t, []retry.Event{
			{Attempt: 1, Err: server.err, Delay: 500 * ms, Decision: retry.DecisionRetry},
			{Attempt: 2, Err: server.err, Delay: s, Decision: retry.DecisionRetry},
			{Attempt: 3, Err: server.err, Decision: retry.DecisionDoneAttempts},
		}, seen.events)
		assert.Equal(t, "attempts_exhausted", stopReason(t, err))
	})
}

func TestObserverHearsTheTargetAndTheMethod(t *testing.T) {
	t.Parallel()
	var seen recorder
	call := policy(t, seen.option()).Start("library.example.com:443", "/library.v1.Library/GetShelf", nil)
	call.Failed(t.Context(), retry.Failure{Err: status.NotFound, Code: status.NotFound})
	assert.Equal(t, []retry.Event{{
		Target: "library.example.com:443", Method: "/library.v1.Library/GetShelf",
		Attempt: 1, Err: status.NotFound, Decision: retry.DecisionDoneCode,
	}}, seen.events)
}

func TestLogSaysWhyOnlyWhereTheCodeDoesNot(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		empty := budget(t, retry.WithTokens(1))
		require.Error(t, retry.Do(t.Context(), policy(t, retry.WithBudget(empty)), (&callee{err: down()}).call))
		for want, err := range map[string]error{
			"":                      retry.Do(t.Context(), policy(t), (&callee{err: status.NotFound}).call),
			"stopped":               retry.Do(t.Context(), policy(t), (&callee{err: retry.Stop(down())}).call),
			"attempts_exhausted":    retry.Do(t.Context(), policy(t), (&callee{err: down()}).call),
			"budget_exhausted":      retry.Do(t.Context(), policy(t, retry.WithBudget(empty)), (&callee{err: down()}).call),
			"server_delay_too_long": retry.Do(t.Context(), policy(t, retry.WithMaxServerDelay(0)), (&callee{err: status.New(status.Unavailable, "").WithRetryDelay(1)}).call),
		} {
			assert.Equal(t, want, stopReason(t, err))
		}
	})
}
