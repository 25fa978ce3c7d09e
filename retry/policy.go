package retry

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/errwire/errwire/status"
)

// A Policy says which failures are retried, how often and after which waits.
// It is made by [NewPolicy], immutable and safe for concurrent use.
type Policy struct {
	maxAttempts    int
	initial        time.Duration
	max            time.Duration
	multiplier     float64
	maxServerDelay time.Duration
	attemptTimeout time.Duration
	codes          codeSet
	budget         *Budget
	unbudgeted     bool
	observer       func(context.Context, Event)
	random         func() float64 // in [0, 1)
}

// The defaults of a policy, as the Admin SDKs' guide promises them; the jitter
// is gRFC A6's.
const (
	defaultMaxAttempts    = 5
	defaultInitial        = 500 * time.Millisecond
	defaultMax            = 30 * time.Second
	defaultMultiplier     = 2
	defaultMaxServerDelay = 2 * time.Minute
)

var (
	defaultPolicy = MustPolicy()
	oneAttempt    = &Policy{maxAttempts: 1, unbudgeted: true}
)

// DefaultPolicy returns the policy that holds where none is given: the one that
// NewPolicy makes without options.
func DefaultPolicy() *Policy { return defaultPolicy }

// NewPolicy returns a policy: 5 attempts in all, waits of 500 ms, 1 s, 2 s and
// 4 s, each times 0.8 to 1.2 at random, UNAVAILABLE retried, a server obeyed
// that asks for up to 2 minutes, and one budget per target. Options change it.
//
// An option that makes no sense is a programming error: a plain error that
// names the option and the value.
func NewPolicy(opts ...Option) (*Policy, error) {
	p := &Policy{
		maxAttempts:    defaultMaxAttempts,
		initial:        defaultInitial,
		max:            defaultMax,
		multiplier:     defaultMultiplier,
		maxServerDelay: defaultMaxServerDelay,
		codes:          codeSet(0).with(status.Unavailable),
		random:         rand.Float64,
	}
	for _, opt := range opts {
		if opt == nil {
			return nil, errors.New("retry: NewPolicy: nil option")
		}
		if err := opt(p); err != nil {
			return nil, fmt.Errorf("retry: %w", err)
		}
	}
	return p, nil
}

// MustPolicy is [NewPolicy] for package variables: it panics on an option that
// makes no sense.
func MustPolicy(opts ...Option) *Policy {
	p, err := NewPolicy(opts...)
	if err != nil {
		panic(err) //nolint:forbidigo // the one function that says so
	}
	return p
}

// AttemptTimeout is the bound of each attempt; 0 is none.
func (p *Policy) AttemptTimeout() time.Duration { return p.orOneAttempt().attemptTimeout }

// MaxAttempts is how many attempts are made in all; 1 for a policy that was not
// made by [NewPolicy].
func (p *Policy) MaxAttempts() int { return p.orOneAttempt().maxAttempts }

// Retries reports whether errors of that code are retried; of those of other
// codes a transport need not read what the server asks for.
func (p *Policy) Retries(code status.Code) bool { return p.orOneAttempt().codes.has(code) }

// made reports whether p was made by NewPolicy.
func (p *Policy) made() bool { return p != nil && p.maxAttempts > 0 }

// orOneAttempt is p, or what takes the place of a policy that is nil or zero.
func (p *Policy) orOneAttempt() *Policy {
	if p.made() {
		return p
	}
	return oneAttempt
}
