package retry

import (
	"math"
	"time"
)

// jitterRange is how far a wait may stray, as a part of it (gRFC A6).
const jitterRange = 0.2

// wait is the wait after the given failed attempt, the first being 1. wish is
// what the server asked for, if it asked.
func (p *Policy) wait(attempt int, wish time.Duration, asked bool) time.Duration {
	backoff := p.backoff(attempt)
	if asked {
		return p.obeying(wish, backoff)
	}
	return p.jittered(backoff)
}

// backoff is the wait after the given failed attempt before any jitter.
func (p *Policy) backoff(attempt int) time.Duration {
	if p.initial == 0 {
		return 0 // times a power that may have overflowed to infinity is no number
	}
	wait := float64(p.initial) * math.Pow(p.multiplier, float64(attempt-1))
	if wait >= float64(p.max) {
		return p.max
	}
	return time.Duration(wait)
}

// jittered is the backoff times 0.8 to 1.2.
func (p *Policy) jittered(backoff time.Duration) time.Duration {
	return scale(backoff, 1-jitterRange+2*jitterRange*p.random())
}

// obeying is the wait when the server asked for one: never shorter, and spread
// upwards so that a fleet that was sent away together does not come back
// together. The spread is a fifth of the wish or of the backoff, whichever is
// longer: clients that are told to wait a millisecond spread out as well.
func (p *Policy) obeying(wish, backoff time.Duration) time.Duration {
	spread := scale(max(wish, backoff), jitterRange*p.random())
	if wish > math.MaxInt64-spread {
		return math.MaxInt64
	}
	return wish + spread
}

// scale is d times by, neither of them negative, without an overflow.
func scale(d time.Duration, by float64) time.Duration {
	scaled := float64(d) * by
	if scaled >= math.MaxInt64 {
		return math.MaxInt64
	}
	return time.Duration(scaled)
}

// checked makes the source of the jitter answer numbers from 0 up to but not 1,
// whatever it answers: the promise to a server that asked for a wait hangs on it.
func checked(random func() float64) func() float64 {
	return func() float64 {
		if r := random(); r >= 0 && r < 1 {
			return r
		}
		return 0
	}
}
