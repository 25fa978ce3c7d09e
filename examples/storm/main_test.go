package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var fleets = map[string]fleet{"large clients": large, "small clients": small}

func TestOutageIsNotMultiplied(t *testing.T) {
	t.Parallel()
	for name, f := range fleets {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := outage(f).rage(errwire)
			assert.LessOrEqual(t, r.total(begins, outageEnds).load(), 1.25)
			after := r.total(outageEnds, over)
			assert.LessOrEqual(t, after.load(), 1.05, "no wave when it is over")
			assert.Equal(t, after.calls, after.succeeded)
		})
	}
}

// What a client may add to an outage is its 6 tokens, and 4 retries a call: much
// for one that makes few calls, however many there are of its kind.
func TestOutageOfOtherFleets(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		fleet fleet
		load  float64
	}{
		{"10 times as many", fleet{10_000, 1}, 1 + 6.0/30},
		{"3 calls each", fleet{5000, 0.1}, 1 + 6.0/3},
		{"300 calls each", fleet{100, 10}, 1 + 6.0/300},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := outage(tt.fleet).rage(errwire)
			assert.InDelta(t, tt.load, r.total(begins, outageEnds).load(), 0.02)
		})
	}
}

func TestFailuresThatComeAndGoAreMended(t *testing.T) {
	t.Parallel()
	for name, f := range fleets {
		for part, success := range map[float64]float64{0.01: 0.999, 0.05: 0.999, 0.20: 0.94} {
			all := flaky(f, part).rage(errwire).total(0, 30)
			assert.GreaterOrEqual(t, all.success(), success, "%v fail, %s", part, name)
			assert.LessOrEqual(t, all.load(), 1.25, "%v fail, %s", part, name)
		}
	}
}

func TestOverloadEndsWithItsCause(t *testing.T) {
	t.Parallel()
	for name, f := range fleets {
		for _, wish := range []time.Duration{0, time.Second} {
			seconds, ended := overload(f, wish).rage(errwire).recovery()
			assert.True(t, ended, "%s, %v", name, wish)
			assert.LessOrEqual(t, seconds, 2, "%s, %v", name, wish)
		}
	}
	_, ended := overload(large, 0).rage(named("grpc-go, 5 attempts")).recovery()
	assert.False(t, ended, "a storm that nobody survives, but with a budget")
}

// Of a fleet that is told at one moment to come back later, everyone comes back
// later, and in no tenth of the time in which they do more than 1.3 times the
// mean of that time.
func TestNoWaveAfterWish(t *testing.T) {
	t.Parallel()
	for _, wish := range []time.Duration{100 * time.Millisecond, time.Second, 5 * time.Second} {
		r := hang(wish).rage(errwire)
		first, last, peak := r.wave()
		assert.Len(t, r.returns, many.clients, wish)
		assert.GreaterOrEqual(t, first, wish)
		assert.Greater(t, last-first, wish/6, "spread over a fifth of the wish")
		assert.LessOrEqual(t, peak, 1.3, wish)
		all := r.total(0, len(r.seconds))
		assert.Equal(t, all.calls, all.succeeded)
	}
	_, _, peak := hang(time.Second).rage(named("grpc-go, 5 attempts")).wave()
	assert.InDelta(t, 10, peak, 0, "a wave if there is one")
}

// The engine sees virtual time through the context.
func TestDeadlineIsVirtual(t *testing.T) {
	t.Parallel()
	newClient := engine(func() float64 { return 0.5 })
	for _, tt := range []struct {
		name       string
		left, wish time.Duration
		again      bool
	}{
		{"backoff ends too late", 400 * time.Millisecond, 0, false},
		{"backoff ends in time", time.Minute, 0, true},
		{"wish ends too late", 30 * time.Second, time.Minute, false},
		{"wish ends in time", 2 * time.Minute, time.Minute, true},
	} {
		_, again := newClient().begin(0).failed(0, tt.left, tt.wish)
		assert.Equal(t, tt.again, again, tt.name)
	}
}

// What the real libraries were measured to do in 1000 calls, one after the other,
// while nothing answers.
func TestModelsSpendWhatTheLibrariesDo(t *testing.T) {
	t.Parallel()
	calls := storm{fleet{1, 0.05}, 20_000 * time.Second, func() server {
		return func(time.Duration, func() float64) answer { return answer{} }
	}}
	for name, attempts := range map[string]int{
		"go-grpc-middleware, `WithMax(5)`": 5000,
		"grpc-go, throttling {10, 0.1}":    1004,
	} {
		r := calls.rage(named(name))
		assert.Equal(t, attempts, r.total(0, len(r.seconds)).attempts, name)
	}
}

func TestWindowForgets(t *testing.T) {
	t.Parallel()
	b := window(5, 0)()
	for range 5 {
		b.began(0)
	}
	assert.False(t, b.take(ttl*time.Second), "10 s later")
	for range 10 {
		b.began(25 * time.Second)
	}
	assert.True(t, b.take(34*time.Second))
	assert.True(t, b.take(34*time.Second))
	assert.False(t, b.take(34*time.Second), "a fifth of the calls")
}

// The documents show what the program prints and draws, on every machine.
func TestDocumentsAreOfThisProgram(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../docs/storm.md")
	require.NoError(t, err)
	var out bytes.Buffer
	require.NoError(t, storming(&out, nil))
	assert.Contains(t, string(text), out.String())

	want, err := os.ReadFile("../../docs/storm.svg")
	require.NoError(t, err)
	file := filepath.Join(t.TempDir(), "storm.svg")
	require.NoError(t, storming(&out, []string{"-svg", file}))
	got, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.Equal(t, string(want), string(got), "go run ./examples/storm -svg docs/storm.svg")
	assert.Less(t, len(got), 20_000)
}

func TestArguments(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, err, out string
		args           []string
	}{
		{name: "a fleet", args: []string{"-clients", "50", "-rate", "2"}, out: "| | outage, 50 clients |\n|---|---|\n| errwire | 1.10 ("},
		{name: "too many", args: []string{"-clients", "1000001"}, err: "-clients 1000001: want 1 to 1000000"},
		{name: "negative", args: []string{"-clients", "-1"}, err: "-clients -1: want 1 to 1000000"},
		{name: "too seldom", args: []string{"-rate", "NaN"}, err: "-rate NaN: want 0.1 to 100"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			err := storming(&out, tt.args)
			if tt.err != "" {
				require.EqualError(t, err, tt.err)
				return
			}
			require.NoError(t, err)
			assert.Contains(t, out.String(), tt.out)
		})
	}
}
