package retry_test

import (
	"math"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/errwire/errwire/retry"
	"github.com/errwire/errwire/status"
)

// waits are the waits after the first n failed attempts. Nothing is slept.
func waits(t *testing.T, n int, f retry.Failure, opts ...retry.Option) []time.Duration {
	t.Helper()
	var all []time.Duration
	call := policy(t, append([]retry.Option{retry.WithMaxAttempts(math.MaxInt)}, opts...)...).Start("", "", nil)
	for range n {
		wait, again := call.Failed(t.Context(), f)
		require.True(t, again)
		all = append(all, wait)
	}
	return all
}

var unavailable = retry.Failure{Code: status.Unavailable}

func random(r float64) retry.Option { return retry.WithRandom(func() float64 { return r }) }

const (
	ms = time.Millisecond
	s  = time.Second
)

func TestBackoffSequence(t *testing.T) {
	t.Parallel()
	last := math.Nextafter(1, 0)
	for _, tt := range []struct {
		name string
		opts []retry.Option
		want []time.Duration
	}{
		{"default", nil, []time.Duration{500 * ms, 1 * s, 2 * s, 4 * s, 8 * s, 16 * s, 30 * s, 30 * s}},
		{"least jitter", []retry.Option{random(0)}, []time.Duration{400 * ms, 800 * ms, 1600 * ms, 3200 * ms, 6400 * ms, 12800 * ms, 24 * s, 24 * s}},
		{"three quarters", []retry.Option{random(0.75)}, []time.Duration{550 * ms, 1100 * ms, 2200 * ms, 4400 * ms, 8800 * ms, 17600 * ms, 33 * s, 33 * s}},
		{"most jitter", []retry.Option{random(last), retry.WithBackoff(time.Microsecond, time.Microsecond)}, []time.Duration{1199, 1199}},
		{"multiplier 1", []retry.Option{retry.WithMultiplier(1)}, []time.Duration{500 * ms, 500 * ms, 500 * ms}},
		{"multiplier 1.5", []retry.Option{retry.WithMultiplier(1.5), retry.WithBackoff(100*ms, s)}, []time.Duration{100 * ms, 150 * ms, 225 * ms, 337500 * time.Microsecond}},
		{"capped at once", []retry.Option{retry.WithBackoff(s, s)}, []time.Duration{s, s, s}},
		{"capped between", []retry.Option{retry.WithBackoff(s, 3*s)}, []time.Duration{s, 2 * s, 3 * s, 3 * s}},
		{"none", []retry.Option{retry.WithBackoff(0, 0)}, []time.Duration{0, 0, 0}},
		{"none, and a useless cap", []retry.Option{retry.WithBackoff(0, s)}, []time.Duration{0, 0, 0}},
		{"huge multiplier", []retry.Option{retry.WithMultiplier(math.MaxFloat64)}, []time.Duration{500 * ms, 30 * s, 30 * s, 30 * s}},
		{"no initial, huge multiplier", []retry.Option{retry.WithBackoff(0, s), retry.WithMultiplier(math.MaxFloat64)}, []time.Duration{0, 0, 0, 0}},
		{"longest there is", []retry.Option{retry.WithBackoff(math.MaxInt64, math.MaxInt64)}, []time.Duration{math.MaxInt64, math.MaxInt64}},
		{"longest there is, upwards", []retry.Option{retry.WithBackoff(math.MaxInt64, math.MaxInt64), random(last)}, []time.Duration{math.MaxInt64, math.MaxInt64}},
		{"source below its range", []retry.Option{random(-7)}, []time.Duration{400 * ms, 800 * ms}},
		{"source above its range", []retry.Option{random(1)}, []time.Duration{400 * ms, 800 * ms}},
		{"source not a number", []retry.Option{random(math.NaN())}, []time.Duration{400 * ms, 800 * ms}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := waits(t, len(tt.want), unavailable, tt.opts...)
			for i, want := range tt.want { // a float may be a nanosecond short
				assert.InDelta(t, float64(want), float64(got[i]), math.Max(1, float64(want)*1e-12), "wait %d: %v", i+1, got)
				assert.GreaterOrEqual(t, got[i], time.Duration(0))
			}
		})
	}
}

func TestBackoffStaysCappedForEver(t *testing.T) {
	t.Parallel()
	for initial, want := range map[time.Duration]time.Duration{0: 0, 1: 30 * s, s: 30 * s} {
		got := waits(t, 5000, unavailable, retry.WithBackoff(initial, 30*s)) // 2^5000 is infinite
		assert.Equal(t, want, got[4999], "initial %v", initial)
	}
}

func TestJitterIsWithinAFifthAndFillsIt(t *testing.T) {
	t.Parallel()
	call := retry.MustPolicy(retry.WithMaxAttempts(math.MaxInt), retry.WithMultiplier(1)).Start("", "", nil)
	var all []time.Duration
	for range 10_000 {
		wait, _ := call.Failed(t.Context(), unavailable)
		all = append(all, wait)
	}
	least, most := slices.Min(all), slices.Max(all)
	assert.GreaterOrEqual(t, least, 400*ms)
	assert.LessOrEqual(t, most, 600*ms)
	// With 10,000 draws these fail once in e^100 runs.
	assert.Less(t, least, 402*ms)
	assert.Greater(t, most, 598*ms)
}

func TestServersWishIsNeverShortened(t *testing.T) {
	t.Parallel()
	last := math.Nextafter(1, 0)
	for _, tt := range []struct {
		name   string
		wish   time.Duration
		random float64
		want   time.Duration
	}{
		{"exactly", 3 * s, 0, 3 * s},
		{"spread by its fifth", 3 * s, 0.5, 3300 * ms},
		{"spread to the end", 3 * s, last, 3600 * ms},
		{"short wish, spread by the backoff's fifth", ms, 0.5, 51 * ms},
		{"no wait", 0, 0.5, 50 * ms},
		{"no wait at all", 0, 0, 0},
		{"source below its range", 3 * s, -1, 3 * s},
		{"source not a number", 3 * s, math.NaN(), 3 * s},
		{"nearly overflowing", math.MaxInt64 - 1, last, math.MaxInt64},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := retry.Failure{Code: status.Unavailable, Asked: true, Delay: tt.wish}
			got := waits(t, 1, f, random(tt.random), retry.WithMaxServerDelay(math.MaxInt64))
			assert.Equal(t, tt.want, got[0])
		})
	}
}
