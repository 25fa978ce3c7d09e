package main

import (
	"math"
	"slices"
	"time"
)

// The two fleets make the same 1000 calls a second. What each client may spend
// by itself weighs ten times as much in the second.
var (
	large = fleet{clients: 100, rate: 10}
	small = fleet{clients: 1000, rate: 1}

	// Many enough to tell a wave from an accident.
	many = fleet{clients: 10_000, rate: 1}
)

// Seconds of the outage and of the overload.
const (
	begins       = 10
	outageEnds   = 40
	overloadEnds = 20
	over         = 60
)

func between(at time.Duration, from, to int) bool {
	return at >= time.Duration(from)*time.Second && at < time.Duration(to)*time.Second
}

// outage is 30 s in which every attempt fails.
func outage(f fleet) storm {
	return storm{f, over * time.Second, func() server {
		return func(at time.Duration, _ func() float64) answer {
			return answer{ok: !between(at, begins, outageEnds)}
		}
	}}
}

// flaky fails a part of the attempts, for 30 s.
func flaky(f fleet, part float64) storm {
	return storm{f, 30 * time.Second, func() server {
		return func(_ time.Duration, die func() float64) answer { return answer{ok: die() >= part} }
	}}
}

// overload halves for 10 s the capacity of a server that is used to 5/6. It
// refuses what would wait for more than 200 ms, and to refuse costs it 0.3 of
// what it costs to serve. With a wish it says when to come back.
func overload(f fleet, wish time.Duration) storm {
	const capacity, longestWait, refusing = 1200, 200 * time.Millisecond, 0.3
	return storm{f, over * time.Second, func() server {
		var idle time.Duration // when it will have done all that it took on
		return func(at time.Duration, _ func() float64) answer {
			cost := float64(time.Second) / capacity
			if between(at, begins, overloadEnds) {
				cost *= 2
			}
			idle = max(idle, at)
			if idle-at > longestWait {
				idle += time.Duration(cost * refusing)
				return answer{wish: wish}
			}
			idle += time.Duration(cost)
			return answer{ok: true, took: idle - at}
		}
	}}
}

// hang holds all calls of a second and refuses them at one moment, with a wish.
// From then on all is well.
func hang(wish time.Duration) storm {
	return storm{many, 2 * time.Second, func() server {
		return func(at time.Duration, _ func() float64) answer {
			if at < time.Second {
				return answer{took: time.Second - at, wish: wish}
			}
			return answer{ok: true}
		}
	}}
}

// recovery is how many seconds after the overload calls still failed, and
// whether that came to an end.
func (r *record) recovery() (seconds int, ended bool) {
	for i, s := range r.seconds[overloadEnds:] {
		if s.success() < 0.99 {
			seconds = i + 1
		}
	}
	return seconds, overloadEnds+seconds < len(r.seconds)
}

// peak is how many attempts the worst second saw for each call of a usual one.
func (r *record) peak() float64 {
	worst := 0
	for _, s := range r.seconds {
		worst = max(worst, s.attempts)
	}
	return float64(worst*len(r.seconds)) / float64(r.total(0, len(r.seconds)).calls)
}

// wave tells how those that were sent away at one moment come back: from when on
// to when, and how many times the mean of that time come in its worst tenth. 10
// is all at once.
func (r *record) wave() (first, last time.Duration, peak float64) {
	const bins = 10
	if len(r.returns) == 0 {
		return 0, 0, math.NaN()
	}
	first, last = slices.Min(r.returns), slices.Max(r.returns)
	var tenths [bins]int
	for _, after := range r.returns {
		tenths[(after-first)*bins/(last-first+1)]++
	}
	return first, last, float64(slices.Max(tenths[:])) * bins / float64(len(r.returns))
}
