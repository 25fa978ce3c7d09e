package retry_test

import (
	"context"
	"math"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/errwire/errwire/retry"
	"github.com/errwire/errwire/status"
)

// requirePlain checks that err is one that no predicate claims.
func requirePlain(t *testing.T, err error) {
	t.Helper()
	require.Error(t, err)
	_, recognised := status.Recognize(err)
	assert.False(t, recognised, "a programming error is no API error: %v", err)
	assert.NotContains(t, err.Error(), "\n")
}

func TestNewPolicyRefusesNonsense(t *testing.T) {
	t.Parallel()
	nan, inf := math.NaN(), math.Inf(1)
	for _, tt := range []struct {
		name string
		opt  retry.Option
		says []string // the option and the value
	}{
		{"no attempts", retry.WithMaxAttempts(0), []string{"WithMaxAttempts(0)"}},
		{"negative attempts", retry.WithMaxAttempts(-3), []string{"WithMaxAttempts(-3)"}},
		{"fewest attempts", retry.WithMaxAttempts(math.MinInt), []string{"WithMaxAttempts(-9223372036854775808)"}},
		{"negative backoff", retry.WithBackoff(-time.Second, time.Second), []string{"WithBackoff(-1s, 1s)"}},
		{"negative longest", retry.WithBackoff(time.Second, -time.Second), []string{"WithBackoff(1s, -1s)"}},
		{"both negative", retry.WithBackoff(-2, -1), []string{"WithBackoff(-2ns, -1ns)"}},
		{"inverted backoff", retry.WithBackoff(2*time.Second, time.Second), []string{"WithBackoff(2s, 1s)"}},
		{"shrinking", retry.WithMultiplier(0.99), []string{"WithMultiplier(0.99)"}},
		{"zero multiplier", retry.WithMultiplier(0), []string{"WithMultiplier(0)"}},
		{"negative multiplier", retry.WithMultiplier(-2), []string{"WithMultiplier(-2)"}},
		{"multiplier not a number", retry.WithMultiplier(nan), []string{"WithMultiplier(NaN)"}},
		{"infinite multiplier", retry.WithMultiplier(inf), []string{"WithMultiplier(+Inf)"}},
		{"negative infinite multiplier", retry.WithMultiplier(-inf), []string{"WithMultiplier(-Inf)"}},
		{"negative server delay", retry.WithMaxServerDelay(-1), []string{"WithMaxServerDelay(-1ns)"}},
		{"negative attempt timeout", retry.WithPerAttemptTimeout(-time.Minute), []string{"WithPerAttemptTimeout(-1m0s)"}},
		{"no codes", retry.WithCodes(), []string{"WithCodes()"}},
		{"OK", retry.WithCodes(status.OK), []string{"WithCodes(OK)", "must not"}},
		{"CANCELLED", retry.WithCodes(status.Cancelled), []string{"WithCodes(CANCELLED)", "must not"}},
		{"DEADLINE_EXCEEDED", retry.WithCodes(status.DeadlineExceeded), []string{"WithCodes(DEADLINE_EXCEEDED)", "must not"}},
		{"INVALID_ARGUMENT", retry.WithCodes(status.InvalidArgument), []string{"WithCodes(INVALID_ARGUMENT)", "must not"}},
		{"DATA_LOSS", retry.WithCodes(status.DataLoss), []string{"WithCodes(DATA_LOSS)", "must not"}},
		{"one bad code of two", retry.WithCodes(status.Aborted, status.DataLoss), []string{"WithCodes(DATA_LOSS)"}},
		{"code past the last", retry.WithCodes(status.Conflict + 1), []string{"WithCodes(Code(18))", "no such code"}},
		{"code 32", retry.WithCodes(32), []string{"WithCodes(Code(32))"}},
		{"negative code", retry.WithCodes(-1), []string{"WithCodes(Code(-1))"}},
		{"largest code", retry.WithCodes(math.MaxInt32), []string{"WithCodes(Code(2147483647))"}},
		{"nil budget", retry.WithBudget(nil), []string{"WithBudget(nil)"}},
		{"nil observer", retry.WithObserver(nil), []string{"WithObserver(nil)"}},
		{"nil random", retry.WithRandom(nil), []string{"WithRandom(nil)"}},
		{"nil option", nil, []string{"nil option"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p, err := retry.NewPolicy(retry.WithMaxAttempts(2), tt.opt)
			requirePlain(t, err)
			assert.Nil(t, p)
			for _, want := range tt.says {
				assert.ErrorContains(t, err, want)
			}
			assert.PanicsWithError(t, err.Error(), func() { retry.MustPolicy(retry.WithMaxAttempts(2), tt.opt) })
		})
	}
}

func TestNewPolicyTakesTheExtremes(t *testing.T) {
	t.Parallel()
	p, err := retry.NewPolicy(
		retry.WithMaxAttempts(math.MaxInt), retry.WithBackoff(0, math.MaxInt64), retry.WithMultiplier(math.MaxFloat64),
		retry.WithMaxServerDelay(math.MaxInt64), retry.WithPerAttemptTimeout(math.MaxInt64),
		retry.WithCodes(status.Unknown, status.NotFound, status.AlreadyExists, status.PermissionDenied,
			status.ResourceExhausted, status.FailedPrecondition, status.Aborted, status.OutOfRange, status.Unimplemented,
			status.Internal, status.Unavailable, status.Unauthenticated, status.Conflict),
		retry.WithBudget(&retry.Budget{}), retry.WithoutBudget(), retry.WithObserver(func(context.Context, retry.Event) {}),
	)
	require.NoError(t, err)
	assert.Equal(t, math.MaxInt, p.MaxAttempts())
	assert.Equal(t, time.Duration(math.MaxInt64), p.AttemptTimeout())
	_, err = retry.NewPolicy(retry.WithMaxAttempts(1), retry.WithBackoff(0, 0), retry.WithMultiplier(1),
		retry.WithMaxServerDelay(0), retry.WithPerAttemptTimeout(0))
	require.NoError(t, err)
}

func TestDefaults(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		fresh, err := retry.NewPolicy()
		require.NoError(t, err)
		for _, p := range []*retry.Policy{fresh, retry.DefaultPolicy(), retry.MustPolicy()} {
			assert.Equal(t, 5, p.MaxAttempts())
			assert.Zero(t, p.AttemptTimeout())
			for _, code := range append(allCodes(), status.OK, -1, 99) {
				assert.Equal(t, code == status.Unavailable, p.Retries(code), "%v", code)
			}
		}
		var seen recorder
		require.Error(t, retry.Do(t.Context(), policy(t, seen.option()), (&callee{err: down()}).call))
		assert.Equal(t, []time.Duration{500 * time.Millisecond, time.Second, 2 * time.Second, 4 * time.Second}, seen.delays())
	})
}

func TestDefaultLongestServerDelayIsTwoMinutes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for delay, attempts := range map[time.Duration]int{2 * time.Minute: 5, 2*time.Minute + 1: 1} {
			server := callee{err: status.New(status.Unavailable, "later").WithRetryDelay(delay)}
			require.Error(t, retry.Do(t.Context(), policy(t), server.call))
			assert.Equal(t, attempts, server.calls, "%v", delay)
		}
	})
}

func TestLaterOptionsHold(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		empty := budget(t, retry.WithTokens(1))
		for name, tt := range map[string]struct {
			opts     []retry.Option
			attempts int
		}{
			"attempts":                {[]retry.Option{retry.WithMaxAttempts(9), retry.WithMaxAttempts(3)}, 3},
			"codes":                   {[]retry.Option{retry.WithCodes(status.Unavailable), retry.WithCodes(status.Aborted)}, 1},
			"a budget, then none":     {[]retry.Option{retry.WithBudget(empty), retry.WithoutBudget()}, 5},
			"no budget, then one":     {[]retry.Option{retry.WithoutBudget(), retry.WithBudget(budget(t, retry.WithTokens(1)))}, 2},
			"one budget, then others": {[]retry.Option{retry.WithBudget(empty), retry.WithBudget(budget(t, retry.WithTokens(2)))}, 3},
		} {
			server := callee{err: down()}
			require.Error(t, retry.Do(t.Context(), policy(t, tt.opts...), server.call))
			assert.Equal(t, tt.attempts, server.calls, name)
		}
	})
}

func TestPolicyNotMadeByNewPolicyAllowsOneAttempt(t *testing.T) {
	t.Parallel()
	for name, p := range map[string]*retry.Policy{"nil": nil, "zero": {}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, 1, p.MaxAttempts())
			assert.Zero(t, p.AttemptTimeout())
			assert.False(t, p.Retries(status.Unavailable))
			call := p.Start("target", "method", &retry.Budget{})
			wait, again := call.Failed(t.Context(), retry.Failure{Err: down(), Code: status.Unavailable, Transient: true})
			assert.False(t, again)
			assert.Zero(t, wait)
			assert.Equal(t, 1, call.Attempts())
			call.Succeeded()
		})
	}
}
