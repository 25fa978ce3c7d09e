package retry

import (
	"strconv"
	"sync"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func (r *registry) size() int {
	n := 0
	r.byTarget.Range(func(any, any) bool { n++; return true })
	return n
}

func name(i int) string { return "host" + strconv.Itoa(i) + ".example.com:443" }

func TestSameTargetSameBudget(t *testing.T) {
	t.Parallel()
	assert.Same(t, TargetBudget("same.example.com:443"), TargetBudget("same.example.com:"+strconv.Itoa(443)))
	assert.NotSame(t, TargetBudget("same.example.com:443"), TargetBudget("other.example.com:443"))
	assert.NotSame(t, TargetBudget("same.example.com:443"), TargetBudget("same.example.com:8443"))
	assert.NotNil(t, TargetBudget(""))
}

func TestSameTargetSameBudgetWhoeverIsFirst(t *testing.T) {
	t.Parallel()
	var r registry
	const targets, each = 500, 16
	found := make([][]*Budget, targets)
	for i := range found {
		found[i] = make([]*Budget, each)
	}
	var wg sync.WaitGroup
	for j := range each {
		wg.Go(func() {
			for i := range targets {
				found[i][j] = r.budget(name(i))
			}
		})
	}
	wg.Wait()
	require.Same(t, found[0][0], r.add(name(0)), "whoever comes second to the lock")
	for i := range found {
		for j := range each {
			require.Same(t, found[i][0], found[i][j])
		}
	}
	assert.Equal(t, targets, r.size())
}

func TestRegistryIsBounded(t *testing.T) {
	t.Parallel()
	var r registry
	for i := range 3 * maxTargets {
		r.budget(name(i)).take() // none is full
		require.LessOrEqual(t, len(r.clock), maxTargets)
	}
	assert.Equal(t, maxTargets, r.size())
	assert.Len(t, r.clock, maxTargets)
	for i, m := range r.clock {
		require.Same(t, m.budget, r.known(m.target), "%d", i)
	}
}

func TestRegistryIsBoundedUnderConcurrency(t *testing.T) {
	t.Parallel()
	var r registry
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			for i := range 2 * maxTargets {
				b := r.budget(name(g*maxTargets/2 + i))
				if i%3 == 0 {
					b.take()
				}
			}
		})
	}
	wg.Wait()
	assert.Equal(t, maxTargets, r.size())
	for _, m := range r.clock {
		require.Same(t, m.budget, r.known(m.target))
	}
}

func TestOnlyFullBudgetsMakePlace(t *testing.T) {
	t.Parallel()
	var r registry
	spent := map[string]*Budget{}
	for i := range maxTargets {
		b := r.budget(name(i))
		if i%64 != 63 { // 64 stay full
			b.spent.Store(2 * token)
			spent[name(i)] = b
		}
	}
	for i := range 64 {
		r.budget(name(maxTargets + i)).spent.Store(2 * token)
	}
	for target, b := range spent {
		require.Same(t, b, r.known(target), "%s was forgotten while full ones were there", target)
		require.Equal(t, int64(token), b.spent.Load(), "it was passed over once")
	}
	// Now none is full. The hand goes round until one is.
	r.budget(name(2 * maxTargets))
	assert.Equal(t, maxTargets, r.size())
	gone := 0
	for target, b := range spent {
		require.Zero(t, b.spent.Load())
		if r.known(target) == nil {
			gone++
		}
	}
	assert.Equal(t, 1, gone)
}

// Targets that were down and that nobody calls any more must not fill the
// registry, so that the living ones find no place.
func TestDeadTargetsAreForgottenAtLast(t *testing.T) {
	t.Parallel()
	var r registry
	for i := range maxTargets {
		r.budget(name(i)).spent.Store(defaultTokens)
	}
	for i := range 2 * maxTargets {
		r.budget(name(maxTargets + i))
	}
	for i := range maxTargets {
		require.Nil(t, r.known(name(i)))
		require.NotNil(t, r.known(name(2*maxTargets+i)))
	}
}

// A host that was cut out of a long URL must not keep the URL alive.
func TestRegistryKeepsNoForeignMemory(t *testing.T) {
	t.Parallel()
	var r registry
	url := "https://" + name(7) + "/a/long/path"
	host := url[len("https://"):][:len(name(7))]
	r.budget(host)
	require.Equal(t, host, r.clock[0].target)
	assert.NotSame(t, unsafe.StringData(host), unsafe.StringData(r.clock[0].target))
}

// The hand of the clock goes round: one busy, healthy target is not thrown out
// again and again by the new ones.
func TestFullBudgetsTakeTurns(t *testing.T) {
	t.Parallel()
	var r registry
	for i := range maxTargets {
		r.budget(name(i))
	}
	for i := range maxTargets - 1 {
		r.budget(name(maxTargets + i))
		require.Nil(t, r.known(name(i)), "the oldest goes")
		require.NotNil(t, r.known(name(i+1)))
		require.NotNil(t, r.known(name(maxTargets)), "not the newest")
	}
}

func TestWhoHoldsAForgottenBudgetMayUseIt(t *testing.T) {
	t.Parallel()
	var r registry
	held := r.budget("held")
	for i := range maxTargets {
		r.budget(name(i))
	}
	require.Nil(t, r.known("held"))
	for range defaultTokens / token {
		assert.True(t, held.take())
	}
	assert.False(t, held.take())
	assert.NotSame(t, held, r.budget("held"))
}

// Not parallel: AllocsPerRun counts those of every goroutine
func TestKnownTargetAllocatesNothing(t *testing.T) {
	targets := [...]string{name(1), name(2), name(3)}
	for _, target := range targets {
		TargetBudget(target)
	}
	i := 0
	assert.Zero(t, testing.AllocsPerRun(1000, func() {
		i++
		TargetBudget(targets[i%len(targets)])
	}))
}
