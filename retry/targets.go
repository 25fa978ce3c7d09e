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
// At most 4096 targets are kept. Beyond that one whose budget is full makes
// place for a new one, for it has nothing to remember; whoever still holds it
// keeps using it. Those that are passed over get a token back, so that a target
// which is down, and which nobody calls any more, is not kept for ever.
func TargetBudget(target string) *Budget { return targets.budget(target) }

// A registry is a bounded map. Which member makes place is decided by a clock:
// a hand that goes round, as in a cache that gives second chances. In the long
// run it passes over as many members as tokens were spent, so that a new target
// costs about the same however many there are and however many are down.
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
		r.turn()
		r.byTarget.Delete(r.clock[r.hand].target)
		r.clock[r.hand] = added
		r.hand = (r.hand + 1) % len(r.clock)
	}
	r.byTarget.Store(target, added.budget)
	return added.budget
}

// turn moves the hand to a full budget. After as many rounds as a budget has
// tokens there is one, unless somebody spends faster than the hand gives.
func (r *registry) turn() {
	for range len(r.clock) * defaultTokens / token {
		b := r.clock[r.hand].budget
		if b.spent.Load() == 0 {
			return
		}
		b.refund()
		r.hand = (r.hand + 1) % len(r.clock)
	}
}
