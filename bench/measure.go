package main

import "testing"

// A group is one piece of work and those who do it; the first contender is
// errwire.
type group struct {
	name       string
	contenders []contender
}

// A contender does the work once per call of op. What op returns is compared in
// a test, so that nobody wins by doing less.
type contender struct {
	name  string
	start func() (op func() any, stop func())
}

// sink keeps the compiler from leaving the work out.
var sink any //nolint:unused // written, never read: that is its use

func (c contender) benchmark(b *testing.B) {
	op, stop := c.start()
	defer stop()
	b.ReportAllocs()
	for b.Loop() {
		sink = op()
	}
}

// measure runs the contenders in turns, so that a machine whose speed drifts
// drifts for all of them, and returns each one's fastest run: whatever else the
// machine does only ever makes a run slower.
func measure(g group, rounds int) []testing.BenchmarkResult {
	fastest := make([]testing.BenchmarkResult, len(g.contenders))
	for round := range rounds {
		for i, c := range g.contenders {
			if r := testing.Benchmark(c.benchmark); round == 0 || perOp(r) < perOp(fastest[i]) {
				fastest[i] = r
			}
		}
	}
	return fastest
}

// perOp is the time of one operation in nanoseconds.
func perOp(r testing.BenchmarkResult) float64 { return float64(r.T) / float64(max(r.N, 1)) }

// no is for contenders that have nothing to stop.
func no() {}
