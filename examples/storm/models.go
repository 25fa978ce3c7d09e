package main

import (
	"math"
	"time"
)

// A model does what the library's documents and code say, as far as this
// simulation can tell: the number of attempts, the waits and the budget.
type model struct {
	attempts int // in all, 0 is no limit
	waits    waits
	pushback bool // obeys the server's wish, exactly
	bucket   func() bucket
}

func modelled(name string, m model) policy {
	if m.bucket == nil {
		m.bucket = func() bucket { return bottomless{} }
	}
	return policy{name, true, func(random func() float64) func() client {
		return func() client { return &modelClient{m, m.bucket(), random} }
	}}
}

// waits grow from the first to the longest, each times from … to at random.
type waits struct {
	first, longest time.Duration
	multiplier     float64
	from, to       float64
}

func (w waits) after(failures int, random float64) time.Duration {
	wait := min(float64(w.first)*math.Pow(w.multiplier, float64(failures-1)), float64(w.longest))
	return time.Duration(wait * (w.from + float64((w.to-w.from)*random)))
}

type modelClient struct {
	model
	bucket bucket
	random func() float64
}

func (c *modelClient) begin(at time.Duration) call {
	c.bucket.began(at)
	return &modelCall{modelClient: c}
}

type modelCall struct {
	*modelClient
	failures int
}

func (c *modelCall) failed(at, left, wish time.Duration) (time.Duration, bool) {
	c.failures++
	c.bucket.failed()
	if c.failures == c.attempts || !c.bucket.take(at) {
		return 0, false
	}
	wait := c.waits.after(c.failures, c.random())
	if c.pushback && wish > 0 {
		wait = wish
	}
	return wait, wait < left
}

func (c *modelCall) succeeded(time.Duration) { c.bucket.succeeded(c.failures > 0) }
