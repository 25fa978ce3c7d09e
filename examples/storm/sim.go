package main

import (
	"cmp"
	"container/heap"
	"math/rand/v2"
	"slices"
	"time"
)

// deadline is how long a caller gives each call, its retries included. The
// engine's waits sum up to 9 s, so that a call that waits out its own backoff
// ends well before: the real clock, which the engine reads to compute what is
// left, decides nothing here.
const deadline = 10 * time.Second

// A fleet is clients of one server. Each has a budget of its own and makes its
// calls at its own rate, whatever becomes of those before.
type fleet struct {
	clients int
	rate    float64 // calls per second and client
}

// A storm is a fleet, and a server that has a bad day.
type storm struct {
	fleet
	length time.Duration
	server func() server // a new one for each run
}

// A server answers an attempt at a time. The die is the attempt's own.
type server func(at time.Duration, die func() float64) answer

// An answer is success, or UNAVAILABLE.
type answer struct {
	ok   bool
	took time.Duration
	wish time.Duration // how long the server asks to wait; 0 is not at all
}

// A second is what began in one second of a run.
type second struct{ calls, succeeded, attempts int }

func (s second) load() float64    { return float64(s.attempts) / float64(s.calls) }
func (s second) success() float64 { return float64(s.succeeded) / float64(s.calls) }

// A record is what happened in a run.
type record struct {
	seconds []second
	returns []time.Duration // how long after a wish each retry came
}

// total is what began from one second on up to another.
func (r *record) total(from, to int) second {
	var sum second
	for _, s := range r.seconds[from:to] {
		sum.calls += s.calls
		sum.succeeded += s.succeeded
		sum.attempts += s.attempts
	}
	return sum
}

// A run is a storm that rages.
type run struct {
	storm
	record
	serve   server
	clients []client
	phases  []phase
	begun   int
	due     queue
	pushed  int
	turn    *flight        // whose dice fall
	toss    func() float64 // the server's
}

// A phase is when, as a part of its period, a client makes its calls.
type phase struct {
	client int
	part   float64
}

// A die falls by who throws it and what for, not by who threw before: every
// policy meets the same weather, and every run is the same.
func die(client, call, attempt, purpose int) float64 {
	//nolint:gosec // none is negative
	source := rand.NewPCG(uint64(client), uint64(call)<<16|uint64(attempt)<<2|uint64(purpose))
	return float64(source.Uint64()>>11) / (1 << 53)
}

func (r *run) die(purpose int) float64 {
	return die(r.turn.client, r.turn.number, r.turn.attempt, purpose)
}

const (
	forPhase = iota
	forServer
	forWait
)

// rage plays the storm over a fleet that retries by p.
func (s storm) rage(p policy) *record {
	r := &run{storm: s, serve: s.server()}
	r.seconds = make([]second, int((s.length+deadline)/time.Second)+1)
	r.toss = func() float64 { return r.die(forServer) }
	newClient := p.fleet(func() float64 { return r.die(forWait) })
	for i := range s.clients {
		r.clients = append(r.clients, newClient())
		r.phases = append(r.phases, phase{i, die(i, 0, 0, forPhase)})
	}
	slices.SortFunc(r.phases, func(a, b phase) int { return cmp.Compare(a.part, b.part) })
	for {
		next, more := r.arrival()
		switch {
		case len(r.due) > 0 && (!more || r.due[0].at <= next):
			r.step(heap.Pop(&r.due).(*flight)) //nolint:forcetypeassert // a heap of nothing else
		case more:
			r.begin(next)
		default:
			r.seconds = r.seconds[:s.length/time.Second]
			return &r.record
		}
	}
}

// arrival is when the next call begins. All clients have the same period, so
// that they take turns.
func (r *run) arrival() (at time.Duration, more bool) {
	n := len(r.phases)
	period := float64(r.begun/n) + r.phases[r.begun%n].part
	at = time.Duration(period / r.rate * float64(time.Second))
	return at, at < r.length
}

func (r *run) begin(at time.Duration) {
	who, number := r.phases[r.begun%len(r.phases)].client, r.begun/len(r.phases)
	r.begun++
	r.seconds[at/time.Second].calls++
	r.step(&flight{at: at, began: at, client: who, number: number, call: r.clients[who].begin(at)})
}

// step makes an attempt, or tells the client of its end.
func (r *run) step(f *flight) {
	r.turn = f
	if !f.answered {
		r.seconds[f.at/time.Second].attempts++
		f.answer = r.serve(f.at, r.toss)
		f.answered = true
		if f.answer.took > 0 {
			r.push(f, f.answer.took)
			return
		}
	}
	left := f.began + deadline - f.at
	switch {
	case left <= 0: // too late, whatever the answer
	case f.answer.ok:
		f.call.succeeded(f.at)
		r.seconds[f.began/time.Second].succeeded++
	default:
		wait, again := f.call.failed(f.at, left, f.answer.wish)
		if !again {
			return
		}
		if f.answer.wish > 0 {
			r.returns = append(r.returns, wait)
		}
		f.answered = false
		f.attempt++
		r.push(f, wait)
	}
}

func (r *run) push(f *flight, after time.Duration) {
	f.at += after
	f.turn = r.pushed
	r.pushed++
	heap.Push(&r.due, f)
}
