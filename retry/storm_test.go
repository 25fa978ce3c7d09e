package retry_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/errwire/errwire/retry"
	"github.com/errwire/errwire/status"
)

// A storm is a fleet of clients that call one service through the real engine,
// in virtual time. Each client has a budget of its own and makes its calls at
// its own rate, whatever becomes of those before.
type storm struct {
	clients int
	rate    float64 // calls per second and client
	seconds int
	serve   func(at time.Duration, random *dice) error // blocks as long as it takes
}

// The two fleets make the same 1000 calls a second. What each client may spend
// by itself weighs ten times as much in the second.
var fleets = map[string]storm{
	"100 large clients":  {clients: 100, rate: 10},
	"1000 small clients": {clients: 1000, rate: 1},
}

// A second is what began in one second of a storm.
type second struct{ calls, succeeded, attempts int }

func (s second) load() float64    { return float64(s.attempts) / float64(s.calls) }
func (s second) success() float64 { return float64(s.succeeded) / float64(s.calls) }

// total is what began from one second on up to another.
func total(seconds []second, from, to int) second {
	var sum second
	for _, s := range seconds[from:to] {
		sum.calls += s.calls
		sum.succeeded += s.succeeded
		sum.attempts += s.attempts
	}
	return sum
}

// dice are safe for concurrent use, and fall the same way every time.
type dice struct {
	mu     sync.Mutex
	source *rand.Rand
}

func newDice() *dice {
	return &dice{source: rand.New(rand.NewPCG(8, 8))}
}

func (d *dice) Float64() float64 {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.source.Float64()
}

// run plays the storm and returns what happened in each second.
func (s storm) run(t *testing.T) []second {
	t.Helper()
	const lastCalls = 11 // a call takes no more than its deadline
	random, seconds := newDice(), make([]second, s.seconds+lastCalls)
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		start := time.Now()
		count := func(at time.Duration, what func(*second)) {
			mu.Lock()
			defer mu.Unlock()
			what(&seconds[at/time.Second])
		}
		call := func(p *retry.Policy) {
			began := time.Since(start)
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			defer cancel()
			err := retry.Do(ctx, p, func(context.Context) error {
				at := time.Since(start)
				count(at, func(s *second) { s.attempts++ })
				return s.serve(at, random)
			})
			count(began, func(s *second) {
				s.calls++
				if err == nil {
					s.succeeded++
				}
			})
		}
		var all sync.WaitGroup
		for range s.clients {
			p, phase := policy(t, retry.WithRandom(random.Float64), retry.WithBudget(budget(t))), random.Float64()
			all.Go(func() {
				for n := range int(float64(s.seconds) * s.rate) {
					next := time.Duration((float64(n) + phase) / s.rate * float64(time.Second))
					time.Sleep(next - time.Since(start))
					all.Go(func() { call(p) })
				}
			})
		}
		all.Wait()
	})
	return seconds
}

func TestSequentialCallsInAnOutage(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, server := policy(t, retry.WithBudget(budget(t))), callee{err: down()}
		for i := range 1000 {
			err := retry.Do(t.Context(), p, server.call)
			require.ErrorIs(t, err, server.err, "the server's own error")
			if i == 0 {
				assert.Equal(t, 5, server.calls, "a first call gets all its attempts")
			}
		}
		assert.LessOrEqual(t, server.calls, 1250)
	})
}

// 30 s of a total outage between two stretches of good weather.
func TestOutageIsNotMultiplied(t *testing.T) {
	t.Parallel()
	const begins, ends, over = 2, 32, 40
	for name, s := range fleets {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s.seconds = over
			s.serve = func(at time.Duration, _ *dice) error {
				if at >= begins*time.Second && at < ends*time.Second {
					return down()
				}
				return nil
			}
			seconds := s.run(t)
			outage, after := total(seconds, begins, ends), total(seconds, ends, over)
			t.Logf("load in the outage %.3f, after it %.3f", outage.load(), after.load())
			assert.LessOrEqual(t, outage.load(), 1.25)
			assert.LessOrEqual(t, after.load(), 1.05, "no wave when it is over")
			assert.Equal(t, after.calls, after.succeeded)
		})
	}
}

func TestFailuresThatComeAndGoAreMended(t *testing.T) {
	t.Parallel()
	const large, small = "100 large clients", "1000 small clients"
	for _, tt := range []struct {
		fleet   string
		failing float64
		success float64
		load    float64
	}{
		{large, 0.01, 0.9999, 1.02},
		{large, 0.05, 0.999, 1.06},
		{small, 0.05, 0.999, 1.06},
		{large, 0.20, 0.94, 1.25},
		{small, 0.20, 0.94, 1.25},
		{large, 0.50, 0.55, 1.25}, // no budget can mend that
	} {
		t.Run(fmt.Sprintf("%v, %s", tt.failing, tt.fleet), func(t *testing.T) {
			t.Parallel()
			s := fleets[tt.fleet]
			s.seconds = 30
			s.serve = func(_ time.Duration, random *dice) error {
				if random.Float64() < tt.failing {
					return down()
				}
				return nil
			}
			all := total(s.run(t), 0, s.seconds)
			t.Logf("load %.3f, success %.5f", all.load(), all.success())
			assert.GreaterOrEqual(t, all.success(), tt.success)
			assert.LessOrEqual(t, all.load(), tt.load)
		})
	}
}

// A queue is a service of bounded capacity that sheds what would wait too long.
// To shed a request costs a part of what it costs to serve it.
type queue struct {
	mu       sync.Mutex
	idle     time.Duration // when it will have done all it took on
	capacity func(at time.Duration) (perSecond float64)
	shed     error
}

func (q *queue) serve(at time.Duration, _ *dice) error {
	const longestWait, shedding = 200 * time.Millisecond, 0.3
	q.mu.Lock()
	q.idle = max(q.idle, at)
	cost := float64(time.Second) / q.capacity(at)
	if q.idle-at > longestWait {
		q.idle += time.Duration(cost * shedding)
		q.mu.Unlock()
		return q.shed
	}
	q.idle += time.Duration(cost)
	done := q.idle
	q.mu.Unlock()
	time.Sleep(done - at)
	return nil
}

// For 10 s a service that is used to 5/6 loses half its capacity.
func TestOverloadEndsWithItsCause(t *testing.T) {
	t.Parallel()
	const begins, ends, over = 5, 15, 25
	capacity := func(at time.Duration) float64 {
		if at >= begins*time.Second && at < ends*time.Second {
			return 600
		}
		return 1200
	}
	for how, shed := range map[string]error{
		"plain":     down(),
		"with wish": status.New(status.Unavailable, "busy").WithRetryDelay(time.Second),
	} {
		for name, s := range fleets {
			t.Run(how+", "+name, func(t *testing.T) {
				t.Parallel()
				s.seconds, s.serve = over, (&queue{shed: shed, capacity: capacity}).serve
				seconds := s.run(t)
				trigger, recovery := total(seconds, begins, ends), ends
				for i := ends; i < over; i++ {
					if seconds[i].success() < 0.99 {
						recovery = i + 1
					}
				}
				t.Logf("load %.3f and success %.3f under the trigger, recovery %d s", trigger.load(), trigger.success(), recovery-ends)
				assert.LessOrEqual(t, recovery-ends, 2)
			})
		}
	}
}

// A fleet that was told at one moment to come back in a second does not come
// back at one moment.
func TestServersWishSpreadsAFleet(t *testing.T) {
	t.Parallel()
	const fleet, buckets = 1000, 10
	for name, tt := range map[string]struct{ wish, spread time.Duration }{
		"a second":      {s, 200 * ms},
		"a minute":      {time.Minute, 12 * s},
		"a millisecond": {ms, 100 * ms}, // a fifth of the backoff
		"no wait":       {0, 100 * ms},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			random := newDice()
			var returning [buckets]int
			for range fleet {
				call := policy(t, retry.WithRandom(random.Float64)).Start("", "", budget(t))
				wait, again := call.Failed(t.Context(), retry.Failure{Code: status.Unavailable, Asked: true, Delay: tt.wish})
				require.True(t, again)
				require.GreaterOrEqual(t, wait, tt.wish)
				require.Less(t, wait, tt.wish+tt.spread)
				returning[(wait-tt.wish)*buckets/tt.spread]++
			}
			t.Log(returning)
			assert.LessOrEqual(t, slices.Max(returning[:]), fleet/buckets*13/10)
		})
	}
}
