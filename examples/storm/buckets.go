package main

import "time"

// A bucket is what a client's calls may spend on retries.
type bucket interface {
	began(at time.Duration)
	succeeded(retried bool)
	failed()                    // an attempt
	take(at time.Duration) bool // for a retry
}

// A bottomless bucket has no limit.
type bottomless struct{}

func (bottomless) began(time.Duration)     {}
func (bottomless) succeeded(bool)          {}
func (bottomless) failed()                 {}
func (bottomless) take(time.Duration) bool { return true }

// A throttle is gRFC A6's: a failure costs 1, a success gives the ratio, and
// there are retries while the bucket is more than half full.
type throttle struct {
	bottomless
	tokens, full, ratio float64
}

func throttling(full, ratio float64) func() bucket {
	return func() bucket { return &throttle{tokens: full, full: full, ratio: ratio} }
}

func (t *throttle) failed()                 { t.tokens = max(t.tokens-1, 0) }
func (t *throttle) succeeded(bool)          { t.tokens = min(t.tokens+t.ratio, t.full) }
func (t *throttle) take(time.Duration) bool { return t.tokens > t.full/2 }

// A retryQuota is the AWS SDK's: a success gives 1, that of a retry its cost too.
type retryQuota struct {
	bottomless
	tokens, full, cost int
}

func quota(full, cost int) func() bucket {
	return func() bucket { return &retryQuota{tokens: full, full: full, cost: cost} }
}

func (q *retryQuota) succeeded(retried bool) {
	q.tokens++
	if retried {
		q.tokens += q.cost
	}
	q.tokens = min(q.tokens, q.full)
}

func (q *retryQuota) take(time.Duration) bool {
	if q.tokens < q.cost {
		return false
	}
	q.tokens -= q.cost
	return true
}

// ttl is how long, in seconds, a sliding remembers.
const ttl = 10

// A sliding is Finagle's: for each so many calls of the last 10 s a retry, and
// so many a second beside.
type sliding struct {
	bottomless
	cost, reserve int
	balance       [ttl]int // by second
	latest        int
}

func window(callsPerRetry, perSecond int) func() bucket {
	return func() bucket { return &sliding{cost: callsPerRetry, reserve: perSecond * ttl * callsPerRetry} }
}

func (s *sliding) began(at time.Duration) { *s.now(at)++ }

func (s *sliding) take(at time.Duration) bool {
	now, left := s.now(at), s.reserve
	for _, balance := range s.balance {
		left += balance
	}
	if left < s.cost {
		return false
	}
	*now -= s.cost
	return true
}

// now forgets what is too long ago.
func (s *sliding) now(at time.Duration) *int {
	second := int(at / time.Second)
	for s.latest = max(s.latest, second-ttl); s.latest < second; {
		s.latest++
		s.balance[s.latest%ttl] = 0
	}
	return &s.balance[second%ttl]
}
