package retry

import (
	"strings"
	"sync"
)

// maxTargets bounds the registry of budgets.
const maxTargets = 4096

// targets holds the budget of each target of this process.
var targets registry

// TargetBudget returns the budget that all calls of this process to one target
// share, over whichever transport. The key is the lower-case host:port; it is
// compared as it is. The interceptors and httpbridge use it; call it for a
// transport of your own. It is safe for concurrent use, and a known target costs
// neither a lock nor an allocation.
//
// At most 4096 targets are kept. Beyond that a full budget makes place, for it
// has nothing to remember, or, when there is none, the one that is least spent.
// Whoever still holds the one that went keeps using it.
func TargetBudget(target string) *Budget { return targets.budget(target) }

// A registry is a bounded map. Which member makes place is decided by a clock:
// the hand goes round, so that full members go in the order they came.
type registry struct {
	byTarget sync.Map // string to *Budget; read without a lock

	mu    sync.Mutex // for what follows, and for changing byTarget
	clock []member
	hand  int
}

type member struct {
	target string
	budget *Budget
}

func (r *registry) budget(target string) *Budget {
	if b := r.known(target); b != nil {
		return b
	}
	// The caller's string may be a part of a large one.
	return r.add(strings.Clone(target))
}

func (r *registry) known(target string) *Budget {
	b, _ := r.byTarget.Load(target)
	budget, _ := b.(*Budget)
	return budget
}

func (r *registry) add(target string) *Budget {
	r.mu.Lock()
	defer r.mu.Unlock()
	if b := r.known(target); b != nil {
		return b // somebody else was quicker
	}
	added := member{target, &Budget{}}
	if len(r.clock) < maxTargets {
		r.clock = append(r.clock, added)
	} else {
		place := r.leastSpent()
		r.byTarget.Delete(r.clock[place].target)
		r.clock[place] = added
		r.hand = (place + 1) % maxTargets
	}
	r.byTarget.Store(target, added.budget)
	return added.budget
}

// leastSpent is the place of the first full budget from the hand on. Only when
// nearly every target is in trouble does it look at them all.
func (r *registry) leastSpent() int {
	place := r.hand
	least := r.clock[place].budget.spent.Load()
	for i := 1; i < len(r.clock) && least > 0; i++ {
		next := (r.hand + i) % len(r.clock)
		if spent := r.clock[next].budget.spent.Load(); spent < least {
			place, least = next, spent
		}
	}
	return place
}
