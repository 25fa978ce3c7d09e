package retry

import (
	"math"
	"time"
)

// jitterRange is how far a wait may stray, as a part of it (gRFC A6).
const jitterRange = 0.2

// backoff is the wait after the given failed attempt, the first being 1, before
// any jitter.
func (p *Policy) backoff(attempt int) time.Duration {
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

func scale(d time.Duration, by float64) time.Duration {
	scaled := float64(d) * by
	if scaled >= math.MaxInt64 {
		return math.MaxInt64
	}
	return time.Duration(scaled)
}
