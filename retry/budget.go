package retry

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"sync/atomic"
)

// A Budget keeps retries from multiplying the load on a target that is down: a
// retry costs one token, an answer from the target gives a part of one back.
// While there is less than one token, failed calls return their error at once.
//
// The zero Budget is one with the defaults. It is safe for concurrent use, and
// must not be copied. A nil *Budget has no limit.
type Budget struct {
	// In thousandths of a token, as gRFC A6 counts. 0 is the default.
	full  int64
	ratio int64

	// What is spent, not what is left, so that the zero value is a full budget.
	// It is never below 0 nor above full.
	spent atomic.Int64
}

// A BudgetOption changes one thing of a [Budget].
type BudgetOption func(*Budget) error

// The defaults are chosen by simulation (see storm_test.go). A larger bucket
// fails in an outage, for each of a thousand small clients has one: 6 tokens add
// a fifth to the 30 calls that each makes in 30 s. A smaller one leaves a first
// call without its 4 retries, or the second with none. A smaller ratio mends
// less: at 20 % failures 0.25 lets 97 to 99 % of calls succeed.
const (
	token         = 1000
	defaultTokens = 6 * token
	defaultRatio  = token / 4
	maxTokens     = 1000 * token
)

// NewBudget returns a full budget of 6 tokens, a quarter of a token given back
// for each success.
func NewBudget(opts ...BudgetOption) (*Budget, error) {
	b := &Budget{}
	for _, opt := range opts {
		if opt == nil {
			return nil, errors.New("retry: NewBudget: nil option")
		}
		if err := opt(b); err != nil {
			return nil, fmt.Errorf("retry: %w", err)
		}
	}
	return b, nil
}

// WithTokens sets how many tokens a full budget has, from 1 to 1000, in
// thousandths; it is how many retries may follow one another without an answer.
// The default is 6.
func WithTokens(tokens float64) BudgetOption {
	return func(b *Budget) error {
		if !(tokens >= 1 && tokens <= maxTokens/token) {
			return fmt.Errorf("WithTokens(%v): want 1 to %d", tokens, maxTokens/token)
		}
		b.full = thousandths(tokens)
		return nil
	}
}

// WithTokenRatio sets how much of a token a success gives back, above 0 up to 1,
// in thousandths; in the long run it is how many retries there may be for each
// success. The default is 0.25.
func WithTokenRatio(ratio float64) BudgetOption {
	return func(b *Budget) error {
		if !(ratio >= 1.0/token && ratio <= 1) {
			return fmt.Errorf("WithTokenRatio(%v): want 0.001 to 1", ratio)
		}
		b.ratio = thousandths(ratio)
		return nil
	}
}

func thousandths(tokens float64) int64 { return int64(math.Round(tokens * token)) }

// take spends a token, if there is one.
func (b *Budget) take() bool {
	if b == nil {
		return true
	}
	full := cmp.Or(b.full, defaultTokens)
	for {
		spent := b.spent.Load()
		if full-spent < token {
			return false
		}
		if b.spent.CompareAndSwap(spent, spent+token) {
			return true
		}
	}
}

// reward gives back a part of a token for an answer.
func (b *Budget) reward() {
	if b != nil && b.spent.Load() > 0 {
		b.give(cmp.Or(b.ratio, defaultRatio))
	}
}

// refund gives back a token, such as that of a retry that was not made.
func (b *Budget) refund() {
	if b != nil {
		b.give(token)
	}
}

// give never overfills. A full budget, the usual case, is only read, so that
// calls on many cores do not fight over it.
func (b *Budget) give(back int64) {
	for {
		spent := b.spent.Load()
		if spent == 0 || b.spent.CompareAndSwap(spent, max(spent-back, 0)) {
			return
		}
	}
}
