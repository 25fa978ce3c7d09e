package retry_test

import (
	"context"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/errwire/errwire/retry"
	"github.com/errwire/errwire/status"
)

// lastDecision is the last of the constants; its successor has no name.
const lastDecision = retry.DecisionDoneBody

func TestDecisions(t *testing.T) {
	t.Parallel()
	names := map[string]bool{}
	for d := retry.DecisionRetry; d <= lastDecision; d++ {
		assert.Regexp(t, `^[a-z]+(_[a-z]+)*$`, d.String())
		assert.False(t, names[d.String()], "%s twice", d)
		names[d.String()] = true
	}
	assert.NotContains(t, names, "unknown")
	for _, d := range []retry.Decision{-1, lastDecision + 1, math.MaxInt8, math.MinInt8} {
		assert.Equal(t, "unknown", d.String())
	}
}

// failed is a Failure of that code, changed.
func failed(code status.Code, change ...func(*retry.Failure)) retry.Failure {
	f := retry.Failure{Err: code, Code: code}
	for _, c := range change {
		c(&f)
	}
	return f
}

func TestCallDecides(t *testing.T) {
	t.Parallel()
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	soon, cancel := context.WithDeadline(t.Context(), time.Now().Add(time.Hour))
	t.Cleanup(cancel)
	passed, cancel := context.WithDeadline(t.Context(), time.Now().Add(-time.Hour))
	t.Cleanup(cancel)
	var nilContext context.Context

	permanent := func(f *retry.Failure) { f.Permanent = true }
	transient := func(f *retry.Failure) { f.Transient = true }
	refused := func(f *retry.Failure) { f.Refuse = true }
	safe := func(f *retry.Failure) { f.Safe = true }
	stopped := func(f *retry.Failure) { f.Err = retry.Stop(f.Err) }
	reach := func(r retry.Reach) func(*retry.Failure) { return func(f *retry.Failure) { f.Reach = r } }
	asked := func(d time.Duration) func(*retry.Failure) {
		return func(f *retry.Failure) { f.Asked, f.Delay = true, d }
	}
	const (
		again    = retry.DecisionRetry
		code     = retry.DecisionDoneCode
		stop     = retry.DecisionDoneStop
		unsafe   = retry.DecisionDoneUnsafe
		pushback = retry.DecisionDonePushback
		context_ = retry.DecisionDoneContext
	)
	ctx, none := t.Context(), []retry.Option(nil)
	exhausted := []retry.Option{retry.WithCodes(status.ResourceExhausted)}
	anyDelay := []retry.Option{retry.WithMaxServerDelay(math.MaxInt64)}
	once := []retry.Option{retry.WithMaxAttempts(1)}
	spent := budget(t, retry.WithTokens(1))
	spender := policy(t, retry.WithBudget(spent)).Start("", "", nil)
	spender.Failed(ctx, failed(status.Unavailable))
	empty := []retry.Option{retry.WithBudget(spent)}

	reached := map[retry.Decision]bool{}
	for _, tt := range []struct {
		name string
		ctx  context.Context
		opts []retry.Option
		f    retry.Failure
		want retry.Decision
		wait time.Duration
	}{
		{"a code of the policy", ctx, none, failed(status.Unavailable), again, 500 * ms},
		{"nil context", nilContext, none, failed(status.Unavailable), again, 500 * ms},
		{"no failure at all", ctx, none, retry.Failure{}, code, 0},
		{"a code there is none of", ctx, none, failed(99), code, 0},
		{"a negative code", ctx, none, failed(-1), code, 0},
		{"another code", ctx, none, failed(status.NotFound), code, 0},
		{"another code, refused", ctx, none, failed(status.NotFound, refused), code, 0},
		{"another code, asked to wait", ctx, none, failed(status.NotFound, asked(s)), code, 0},

		{"transient", ctx, none, failed(status.DeadlineExceeded, transient), again, 500 * ms},
		{"transient and marked", ctx, none, failed(status.DeadlineExceeded, transient, stopped), stop, 0},
		{"permanent", ctx, none, failed(status.Unavailable, permanent), stop, 0},
		{"permanent and transient", ctx, none, failed(status.Unavailable, permanent, transient), stop, 0},
		{"permanent, of another code", ctx, none, failed(status.Unknown, permanent), stop, 0},
		{"marked", ctx, none, failed(status.Unavailable, stopped), stop, 0},
		{"marked, context ended", ended, none, failed(status.Unavailable, stopped), stop, 0},

		{"never left", ctx, none, failed(status.Unavailable, reach(retry.NeverLeft)), again, 500 * ms},
		{"lost", ctx, none, failed(status.Unavailable, reach(retry.Lost)), unsafe, 0},
		{"lost but safe", ctx, none, failed(status.Unavailable, reach(retry.Lost), safe), again, 500 * ms},
		{"lost and transient", ctx, none, failed(status.DeadlineExceeded, reach(retry.Lost), transient), unsafe, 0},
		{"lost and safe and transient", ctx, none, failed(status.DeadlineExceeded, reach(retry.Lost), safe, transient), again, 500 * ms},

		{"refused", ctx, none, failed(status.Unavailable, refused), pushback, 0},
		{"refused and asked", ctx, none, failed(status.Unavailable, refused, asked(s)), pushback, 0},
		{"only one attempt", ctx, once, failed(status.Unavailable), retry.DecisionDoneAttempts, 0},
		{"refused, only one attempt", ctx, once, failed(status.Unavailable, refused), pushback, 0},

		{"asked", ctx, none, failed(status.Unavailable, asked(3*s)), again, 3300 * ms},
		{"asked for nothing", ctx, none, failed(status.Unavailable, asked(0)), again, 50 * ms},
		{"asked for less than nothing", ctx, none, failed(status.Unavailable, asked(-s)), again, 500 * ms},
		{"asked for the most", ctx, none, failed(status.Unavailable, asked(2*time.Minute)), again, 132 * s},
		{"asked for more", ctx, none, failed(status.Unavailable, asked(2*time.Minute+1)), retry.DecisionDoneServerDelay, 0},
		{"asked for a century", ctx, anyDelay, failed(status.Unavailable, asked(1_000_000*time.Hour)), again, 1_100_000 * time.Hour},
		{"overflowed", ctx, anyDelay, failed(status.Unavailable, asked(math.MaxInt64)), retry.DecisionDoneServerDelay, 0},

		{"exhausted", ctx, exhausted, failed(status.ResourceExhausted), code, 0},
		{"exhausted, asked", ctx, exhausted, failed(status.ResourceExhausted, asked(s)), again, 1100 * ms},
		{"exhausted, asked for less than nothing", ctx, exhausted, failed(status.ResourceExhausted, asked(-1)), code, 0},
		{"exhausted, not in the policy", ctx, none, failed(status.ResourceExhausted, asked(s)), code, 0},

		{"context ended", ended, none, failed(status.Unavailable), context_, 0},
		{"context ended, transient", ended, none, failed(status.Internal, transient), context_, 0},
		{"context ended, and so says the code", ended, none, failed(status.Cancelled), context_, 0},
		{"deadline passed, and so says the code", passed, none, failed(status.DeadlineExceeded), context_, 0},
		{"context ended, another code", ended, none, failed(status.NotFound), code, 0},
		{"cancelled by the server", ctx, none, failed(status.Cancelled), code, 0},
		{"deadline far", soon, none, failed(status.Unavailable), again, 500 * ms},
		{"deadline too close", soon, []retry.Option{retry.WithBackoff(2*time.Hour, 2*time.Hour)}, failed(status.Unavailable), retry.DecisionDoneDeadline, 0},
		{"deadline too close for the server", soon, anyDelay, failed(status.Unavailable, asked(time.Hour)), retry.DecisionDoneDeadline, 0},

		{"budget empty", ctx, empty, failed(status.Unavailable), retry.DecisionDoneBudget, 0},
		{"budget empty, asked", ctx, empty, failed(status.Unavailable, asked(s)), retry.DecisionDoneBudget, 0},
		{"budget empty, context ended", ended, empty, failed(status.Unavailable), context_, 0},
	} {
		reached[tt.want] = true
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var seen recorder
			call := policy(t, append(slices.Clone(tt.opts), seen.option())...).Start("target", "method", nil)
			wait, again := call.Failed(tt.ctx, tt.f)
			assert.Equal(t, tt.want == retry.DecisionRetry, again)
			assert.Equal(t, tt.wait, wait)
			assert.Equal(t, 1, call.Attempts())
			assert.Equal(t, []retry.Event{{
				Target: "target", Method: "method", Attempt: 1, Err: tt.f.Err, Delay: tt.wait, Decision: tt.want,
			}}, seen.events)
		})
	}

	// These are for transports to say, by FailedForGood.
	reached[retry.DecisionDoneCommitted], reached[retry.DecisionDoneBody] = true, true
	for d := retry.DecisionRetry; d <= lastDecision; d++ {
		assert.True(t, reached[d], "no test for %s", d)
	}
}

func TestFailedForGood(t *testing.T) {
	t.Parallel()
	for why := retry.DecisionRetry; why <= lastDecision; why++ {
		t.Run(why.String(), func(t *testing.T) {
			t.Parallel()
			want := why
			if why == retry.DecisionRetry {
				want = retry.DecisionDoneStop
			}
			var seen recorder
			call := policy(t, seen.option()).Start("target", "method", nil)
			err := down()
			call.FailedForGood(t.Context(), retry.Failure{Err: err, Code: status.Unavailable}, why)
			assert.Equal(t, []retry.Event{{Target: "target", Method: "method", Attempt: 1, Err: err, Decision: want}}, seen.events)
			reason := want.String()
			if want == retry.DecisionDoneCode {
				reason = ""
			}
			assert.Equal(t, reason, stopReason(t, call.Result(t.Context(), err)))
		})
	}
}

func TestCallIsSafeWithNothing(t *testing.T) {
	t.Parallel()
	var nilContext context.Context
	var nilPolicy *retry.Policy
	started := nilPolicy.Start("", "", nil)
	zeroPolicy := (&retry.Policy{}).Start("", "", &retry.Budget{})
	for name, call := range map[string]*retry.Call{
		"nil call": nil, "zero call": {}, "nil policy": &started, "zero policy": &zeroPolicy,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			assert.Zero(t, call.Attempts())
			call.Succeeded()
			wait, again := call.Failed(nilContext, retry.Failure{Err: down(), Code: status.Unavailable})
			assert.Zero(t, wait)
			assert.False(t, again)
			_, again = call.Failed(nilContext, retry.Failure{Transient: true})
			assert.False(t, again)
			call.FailedForGood(nilContext, retry.Failure{}, -5)
			require.NoError(t, call.Result(nilContext, nil))
			err := down()
			assert.ErrorIs(t, call.Result(nilContext, err), err)
			assert.True(t, status.IsUnavailable(call.Result(t.Context(), wrapped(err))))
			assert.Error(t, call.Result(nilContext, (*hostile)(nil)))
		})
	}
}

func TestResultOfATransportThatGivesUp(t *testing.T) {
	t.Parallel()
	call := policy(t).Start("", "", nil)
	_, again := call.Failed(t.Context(), failed(status.Unavailable))
	require.True(t, again)
	// The connection was closed for good while the transport waited.
	err := call.Result(t.Context(), down())
	assert.Empty(t, stopReason(t, err), "it is not for the engine to say why")
	assert.Equal(t, 1, status.FromError(err).Attempts())
}

// Not parallel: AllocsPerRun counts those of every goroutine
func TestSuccessAllocatesNothing(t *testing.T) {
	p, shared, ctx := retry.DefaultPolicy(), retry.TargetBudget("success.example.com:443"), t.Context()
	got := testing.AllocsPerRun(1000, func() {
		call := p.Start("success.example.com:443", "/method", shared)
		call.Succeeded()
	})
	assert.Zero(t, got, "Start and Succeeded")
	ok := func(context.Context) error { return nil }
	got = testing.AllocsPerRun(1000, func() { _ = retry.Do(ctx, p, ok) })
	assert.Zero(t, got, "Do")
	f := failed(status.NotFound)
	got = testing.AllocsPerRun(1000, func() {
		call := p.Start("success.example.com:443", "/method", shared)
		call.Failed(ctx, f)
	})
	assert.Zero(t, got, "a decision")
}
