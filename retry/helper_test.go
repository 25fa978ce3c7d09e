package retry_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/errwire/errwire/retry"
	"github.com/errwire/errwire/status"
)

// steady makes every jitter the middle of its range: a backoff is as it is, and
// a server's wish gets a tenth on top.
func steady() float64 { return 0.5 }

// policy is NewPolicy with steady jitter.
func policy(t *testing.T, opts ...retry.Option) *retry.Policy {
	t.Helper()
	p, err := retry.NewPolicy(slices.Concat([]retry.Option{retry.WithRandom(steady)}, opts)...)
	require.NoError(t, err)
	return p
}

func budget(t *testing.T, opts ...retry.BudgetOption) *retry.Budget {
	t.Helper()
	b, err := retry.NewBudget(opts...)
	require.NoError(t, err)
	return b
}

// A recorder observes.
type recorder struct {
	mu     sync.Mutex
	events []retry.Event
}

func (r *recorder) option() retry.Option {
	return retry.WithObserver(func(_ context.Context, e retry.Event) {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.events = append(r.events, e)
	})
}

func (r *recorder) decisions() []retry.Decision {
	var all []retry.Decision
	for _, e := range r.events {
		all = append(all, e.Decision)
	}
	return all
}

func (r *recorder) delays() []time.Duration {
	var all []time.Duration
	for _, e := range r.events {
		if e.Decision == retry.DecisionRetry {
			all = append(all, e.Delay)
		}
	}
	return all
}

// A callee fails with the same error every time, and counts how often.
type callee struct {
	err   error
	calls int
}

func (c *callee) call(context.Context) error {
	c.calls++
	return c.err
}

func down() error { return status.New(status.Unavailable, "down") }

// allCodes are the codes that an error can have.
func allCodes() []status.Code {
	var all []status.Code
	for code := status.Cancelled; code <= status.Conflict; code++ {
		all = append(all, code)
	}
	return all
}
