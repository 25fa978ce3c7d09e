package retry

import (
	"math"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
)

// Whoever looks at a budget, at any moment, finds it between empty and full.
func TestBudgetStaysWithinItsBounds(t *testing.T) {
	t.Parallel()
	for _, b := range []*Budget{{}, {full: 1500, ratio: 333}, {full: 1000, ratio: 1000}} {
		full := b.full
		if full == 0 {
			full = defaultTokens
		}
		var writers, watchers sync.WaitGroup
		done := make(chan struct{})
		watchers.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
					if spent := b.spent.Load(); spent < 0 || spent > full {
						t.Errorf("%d of %d spent", spent, full)
						return
					}
				}
			}
		})
		var taken, rewards, refunds [8]int64
		for w := range taken {
			writers.Go(func() {
				random := rand.New(rand.NewPCG(1, uint64(w)))
				for range 20_000 {
					switch random.IntN(5) {
					case 0, 1, 2:
						if b.take() {
							taken[w]++
						}
					case 3:
						b.reward()
						rewards[w]++
					case 4:
						b.refund()
						refunds[w]++
					}
				}
			})
		}
		writers.Wait()
		close(done)
		watchers.Wait()
		var took, given int64
		for w := range taken {
			took += taken[w] * token
			given += rewards[w]*max(b.ratio, 1) + refunds[w]*token
			if b.ratio == 0 {
				given += rewards[w] * (defaultRatio - 1)
			}
		}
		assert.LessOrEqual(t, took, full+given, "more was spent than there ever was")
	}
}

// What is spent at the same time adds up, and what is given back.
func TestBudgetLosesNoUpdate(t *testing.T) {
	t.Parallel()
	const goroutines, each = 4, 500_000
	b := &Budget{full: math.MaxInt64, ratio: token}
	inParallel := func(f func()) {
		var all sync.WaitGroup
		for range goroutines {
			all.Go(func() {
				for range each {
					f()
				}
			})
		}
		all.Wait()
	}
	inParallel(func() { b.take() })
	assert.Equal(t, int64(goroutines*each*token), b.spent.Load())
	inParallel(b.reward)
	assert.Zero(t, b.spent.Load())
}

func TestNilBudgetHasNoLimit(t *testing.T) {
	t.Parallel()
	var b *Budget
	for range 1000 {
		assert.True(t, b.take())
	}
	b.reward()
	b.refund()
}
