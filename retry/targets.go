package retry

import "sync"

// maxTargets bounds the registry of budgets.
const maxTargets = 4096

// budgets holds the budget of each target of this process.
var budgets struct {
	sync.RWMutex
	byTarget map[string]*Budget
}

// TargetBudget returns the budget that all calls of this process to one target
// share, over whichever transport; the key is the lower-case host:port. The
// interceptors and httpbridge use it; call it for a transport of your own.
//
// At most 4096 targets are kept. Beyond that one that is full makes place, for
// it has nothing to remember.
func TargetBudget(target string) *Budget {
	budgets.RLock()
	b := budgets.byTarget[target]
	budgets.RUnlock()
	if b != nil {
		return b
	}
	budgets.Lock()
	defer budgets.Unlock()
	if b := budgets.byTarget[target]; b != nil {
		return b
	}
	if budgets.byTarget == nil {
		budgets.byTarget = make(map[string]*Budget)
	}
	if len(budgets.byTarget) >= maxTargets {
		delete(budgets.byTarget, leastMissed(budgets.byTarget))
	}
	b = &Budget{full: defaultTokens, ratio: defaultRatio}
	budgets.byTarget[target] = b
	return b
}

// leastMissed picks a target whose budget is full among a few at random, or the
// last one looked at.
func leastMissed(byTarget map[string]*Budget) (target string) {
	const few = 16
	looked := 0
	for name, b := range byTarget {
		target = name
		if looked++; b.spent.Load() == 0 || looked == few {
			break
		}
	}
	return target
}
