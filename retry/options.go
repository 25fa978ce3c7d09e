package retry

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/errwire/errwire/status"
)

// An Option changes one thing of a [Policy]. Of two that change the same thing
// the later one holds.
type Option func(*Policy) error

// WithMaxAttempts sets how many attempts are made in all, the first included;
// 1 is no retry. The default is 5.
func WithMaxAttempts(n int) Option {
	return func(p *Policy) error {
		if n < 1 {
			return fmt.Errorf("WithMaxAttempts(%d): want at least 1", n)
		}
		p.maxAttempts = n
		return nil
	}
}

// WithBackoff sets the wait before the second attempt and the longest wait
// between attempts; from one to the next it grows by the multiplier. The
// defaults are 500 ms and 30 s. Each wait is then multiplied by 0.8 to 1.2 at
// random (gRFC A6), the longest too. An initial wait of 0 is none, and does not
// grow.
func WithBackoff(initial, longest time.Duration) Option {
	return func(p *Policy) error {
		if initial < 0 || longest < initial {
			return fmt.Errorf("WithBackoff(%v, %v): want 0 <= initial <= max", initial, longest)
		}
		p.initial, p.max = initial, longest
		return nil
	}
}

// WithMultiplier sets by how much the wait grows from one attempt to the next, at
// least 1. The default is 2.
func WithMultiplier(m float64) Option {
	return func(p *Policy) error {
		if !(m >= 1) || math.IsInf(m, 0) {
			return fmt.Errorf("WithMultiplier(%v): want a number of at least 1", m)
		}
		p.multiplier = m
		return nil
	}
}

// WithMaxServerDelay sets the longest wait that a server may ask for. When it
// asks for more the error returns at once; at 0 that is whoever asks at all. The
// default is 2 minutes.
func WithMaxServerDelay(d time.Duration) Option {
	return func(p *Policy) error {
		if d < 0 {
			return fmt.Errorf("WithMaxServerDelay(%v): want at least 0", d)
		}
		p.maxServerDelay = d
		return nil
	}
}

// WithPerAttemptTimeout bounds each attempt. One that runs into it counts as a
// request whose fate is unknown: it is retried where a repeat is safe. The
// default is 0: an attempt may take as long as the context allows.
func WithPerAttemptTimeout(d time.Duration) Option {
	return func(p *Policy) error {
		if d < 0 {
			return fmt.Errorf("WithPerAttemptTimeout(%v): want at least 0", d)
		}
		p.attemptTimeout = d
		return nil
	}
}

// WithCodes sets the codes that are retried, in place of [status.Unavailable].
// RESOURCE_EXHAUSTED is retried only when the server says how long to wait.
// Codes of which AIP-194 says never are refused: OK, CANCELLED,
// DEADLINE_EXCEEDED, INVALID_ARGUMENT and DATA_LOSS.
func WithCodes(codes ...status.Code) Option {
	return func(p *Policy) error {
		if len(codes) == 0 {
			return errors.New("WithCodes(): want at least one code; to retry nothing use WithMaxAttempts(1)")
		}
		var set codeSet
		for _, code := range codes {
			switch {
			case !allCodes.has(code):
				return fmt.Errorf("WithCodes(%v): there is no such code", code)
			case neverRetried.has(code):
				return fmt.Errorf("WithCodes(%v): this code must not be retried (AIP-194)", code)
			}
			set = set.with(code)
		}
		p.codes = set
		return nil
	}
}

// WithBudget makes every call under this policy share b, whatever its target.
// The default is one budget for each target, see [TargetBudget]; in [Do], which
// knows no target, it is none.
func WithBudget(b *Budget) Option {
	return func(p *Policy) error {
		if b == nil {
			return errors.New("WithBudget(nil): want a budget; to have none use WithoutBudget")
		}
		p.budget, p.unbudgeted = b, false
		return nil
	}
}

// WithoutBudget lets every call use up its attempts, however much of the target
// is down. In an outage that multiplies the load by the number of attempts.
func WithoutBudget() Option {
	return func(p *Policy) error {
		p.budget, p.unbudgeted = nil, true
		return nil
	}
}

// WithObserver calls f once for each failed attempt, before the wait for the
// next, with the call's context. f must be quick and safe for concurrent use.
// The default is none.
func WithObserver(f func(context.Context, Event)) Option {
	return func(p *Policy) error {
		if f == nil {
			return errors.New("WithObserver(nil): want a function")
		}
		p.observer = f
		return nil
	}
}

// WithRandom replaces the source of the jitter, a function that answers numbers
// from 0 up to but not 1 and is safe for concurrent use; any other number counts
// as 0. It is for simulations and tests; the default is math/rand/v2's.
func WithRandom(random func() float64) Option {
	return func(p *Policy) error {
		if random == nil {
			return errors.New("WithRandom(nil): want a function")
		}
		p.random = checked(random)
		return nil
	}
}
