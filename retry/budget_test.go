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

func TestNewBudgetRefusesNonsense(t *testing.T) {
	t.Parallel()
	nan, inf := math.NaN(), math.Inf(1)
	for _, tt := range []struct {
		name string
		opt  retry.BudgetOption
		says string
	}{
		{"no tokens", retry.WithTokens(0), "WithTokens(0)"},
		{"less than one token", retry.WithTokens(0.999), "WithTokens(0.999)"},
		{"negative tokens", retry.WithTokens(-6), "WithTokens(-6)"},
		{"too many tokens", retry.WithTokens(1000.001), "WithTokens(1000.001)"},
		{"infinite tokens", retry.WithTokens(inf), "WithTokens(+Inf)"},
		{"tokens not a number", retry.WithTokens(nan), "WithTokens(NaN)"},
		{"no ratio", retry.WithTokenRatio(0), "WithTokenRatio(0)"},
		{"less than a thousandth", retry.WithTokenRatio(0.0009), "WithTokenRatio(0.0009)"},
		{"negative ratio", retry.WithTokenRatio(-0.1), "WithTokenRatio(-0.1)"},
		{"more than all", retry.WithTokenRatio(1.001), "WithTokenRatio(1.001)"},
		{"infinite ratio", retry.WithTokenRatio(inf), "WithTokenRatio(+Inf)"},
		{"ratio not a number", retry.WithTokenRatio(nan), "WithTokenRatio(NaN)"},
		{"nil option", nil, "nil option"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			b, err := retry.NewBudget(retry.WithTokens(2), tt.opt)
			requirePlain(t, err)
			assert.Nil(t, b)
			assert.ErrorContains(t, err, tt.says)
		})
	}
	for _, opt := range []retry.BudgetOption{
		retry.WithTokens(1), retry.WithTokens(1000), retry.WithTokenRatio(0.001), retry.WithTokenRatio(1),
	} {
		_, err := retry.NewBudget(opt)
		require.NoError(t, err)
	}
}

// A meter finds out what is left in a budget by spending it.
type meter struct {
	t      *testing.T
	budget *retry.Budget
	policy *retry.Policy
}

func newMeter(t *testing.T, b *retry.Budget) meter {
	t.Helper()
	return meter{t, b, policy(t, retry.WithMaxAttempts(math.MaxInt), retry.WithBudget(b))}
}

func (m meter) start() retry.Call { return m.policy.Start("", "", nil) }

// drain spends what is left and tells how many tokens that were.
func (m meter) drain() int {
	m.t.Helper()
	call := m.start()
	for {
		if _, again := call.Failed(m.t.Context(), unavailable); !again {
			return call.Attempts() - 1
		}
	}
}

func (m meter) succeed(times int) {
	for range times {
		call := m.start()
		call.Succeeded()
	}
}

func TestBudgetArithmetic(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name      string
		budget    *retry.Budget
		full      int
		successes int // needed for one more retry, from empty
	}{
		{"default", budget(t), 6, 4},
		{"zero Budget", &retry.Budget{}, 6, 4},
		{"one token", budget(t, retry.WithTokens(1)), 1, 4},
		{"smallest ratio", budget(t, retry.WithTokenRatio(0.001)), 6, 1000},
		{"a ratio no float has", budget(t, retry.WithTokenRatio(0.1)), 6, 10},
		{"a third", budget(t, retry.WithTokenRatio(0.333)), 6, 4},
		{"one for one", budget(t, retry.WithTokenRatio(1)), 6, 1},
		{"largest", budget(t, retry.WithTokens(1000)), 1000, 4},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			m := newMeter(t, tt.budget)
			m.succeed(10)
			assert.Equal(t, tt.full, m.drain(), "full at the start, and never more")
			assert.Zero(t, m.drain())
			m.succeed(tt.successes - 1)
			assert.Zero(t, m.drain(), "less than one token is none")
			m.succeed(1)
			assert.Equal(t, 1, m.drain())
			m.succeed(1_000_000)
			assert.Equal(t, tt.full, m.drain(), "never more than full")
		})
	}
}

func TestBudgetKeepsPartsOfATokenExactly(t *testing.T) {
	t.Parallel()
	m := newMeter(t, budget(t, retry.WithTokens(1.001), retry.WithTokenRatio(0.001)))
	assert.Equal(t, 1, m.drain())
	m.succeed(998)
	assert.Zero(t, m.drain(), "0.001 was left")
	m.succeed(1)
	assert.Equal(t, 1, m.drain())
}

func TestWhatGivesTokensBack(t *testing.T) {
	t.Parallel()
	for code := status.Cancelled; code <= status.Conflict; code++ {
		t.Run(code.String(), func(t *testing.T) {
			t.Parallel()
			// A target that says no is not down. These say nothing of that.
			wants := true
			switch code {
			case status.Cancelled, status.DeadlineExceeded, status.Unavailable, status.ResourceExhausted:
				wants = false
			default:
			}
			for _, tt := range []struct {
				name string
				f    retry.Failure
				want bool
			}{
				{"answered", failed(code), wants},
				{"never left", failed(code, func(f *retry.Failure) { f.Reach = retry.NeverLeft }), false},
				{"lost", failed(code, func(f *retry.Failure) { f.Reach = retry.Lost }), false},
				{"permanent", failed(code, func(f *retry.Failure) { f.Permanent = true }), false},
			} {
				b := budget(t, retry.WithTokenRatio(1))
				m := newMeter(t, b)
				m.drain()
				call := policy(t, retry.WithBudget(b), retry.WithCodes(status.Aborted), retry.WithMaxAttempts(1)).Start("", "", nil)
				call.Failed(t.Context(), tt.f)
				got := m.drain()
				assert.Equal(t, tt.want && code != status.Aborted, got == 1, "%s", tt.name)
			}
		})
	}
}

func TestRetryThatACancelledWaitPreventsCostsNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m := newMeter(t, budget(t))
		for range 100 {
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(100*ms, cancel)
			err := retry.Do(ctx, m.policy, (&callee{err: down()}).call)
			require.ErrorIs(t, err, context.Canceled)
		}
		assert.Equal(t, 6, m.drain())
		// Only the wait gives back, and only once.
		call := m.start()
		m.succeed(24)
		ctx, cancel := context.WithCancel(t.Context())
		_, again := call.Failed(ctx, unavailable)
		require.True(t, again)
		assert.Equal(t, 5, m.drain())
		cancel()
		for range 3 {
			require.Error(t, call.Result(ctx, down()))
		}
		assert.Equal(t, 1, m.drain())
	})
}

func TestWhichBudgetHolds(t *testing.T) {
	t.Parallel()
	retries := func(p *retry.Policy, shared *retry.Budget) int {
		call := p.Start("", "", shared)
		for {
			if _, again := call.Failed(t.Context(), unavailable); !again {
				return call.Attempts() - 1
			}
		}
	}
	shared, own := budget(t, retry.WithTokens(2)), budget(t, retry.WithTokens(3))
	assert.Equal(t, 4, retries(policy(t), nil), "none")
	assert.Equal(t, 3, retries(policy(t, retry.WithBudget(own)), shared), "the policy's own")
	assert.Equal(t, 4, retries(policy(t, retry.WithoutBudget()), shared), "none is wanted")
	assert.Equal(t, 2, retries(policy(t), shared), "the shared one, which none of those touched")
}

func TestEmptyBudgetReturnsTheOriginalErrorAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := budget(t)
		newMeter(t, b).drain()
		start, server := time.Now(), callee{err: down()}
		err := retry.Do(t.Context(), policy(t, retry.WithBudget(b)), server.call)
		assert.Zero(t, time.Since(start))
		assert.Equal(t, 1, server.calls)
		assert.True(t, status.IsUnavailable(err))
		assert.Equal(t, "down", err.Error())
		assert.Equal(t, "budget_exhausted", stopReason(t, err))
	})
}

func TestPolicySucceededIsACallThatSucceeds(t *testing.T) {
	t.Parallel()
	own := func() *retry.Budget { return budget(t, retry.WithTokens(1), retry.WithTokenRatio(1)) }
	for _, tt := range []struct {
		name   string
		shared *retry.Budget
		opts   []retry.Option
	}{
		{"shared", own(), nil},
		{"the policy's own", own(), []retry.Option{retry.WithBudget(own())}},
		{"none", nil, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := policy(t, append(tt.opts, retry.WithMaxAttempts(math.MaxInt))...)
			p.Succeeded(tt.shared) // never more than full
			call := p.Start("", "", tt.shared)
			_, again := call.Failed(t.Context(), unavailable)
			require.True(t, again)
			if tt.shared != nil {
				_, again = call.Failed(t.Context(), unavailable)
				require.False(t, again, "one token")
			}
			p.Succeeded(tt.shared)
			next := p.Start("", "", tt.shared)
			_, again = next.Failed(t.Context(), unavailable)
			assert.True(t, again, "and it came back")
		})
	}
	var nobody *retry.Policy
	nobody.Succeeded(nil)
	(&retry.Policy{}).Succeeded(&retry.Budget{})
}
