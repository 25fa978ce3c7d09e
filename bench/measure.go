package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"testing"
	"time"
)

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
// drifts for all of them, and returns each one's median.
func measure(g group, rounds int) []testing.BenchmarkResult {
	runs := make([][]testing.BenchmarkResult, len(g.contenders))
	for range rounds {
		for i, c := range g.contenders {
			runs[i] = append(runs[i], testing.Benchmark(c.benchmark))
		}
	}
	medians := make([]testing.BenchmarkResult, len(runs))
	for i, results := range runs {
		slices.SortFunc(results, func(a, b testing.BenchmarkResult) int { return cmp.Compare(perOp(a), perOp(b)) })
		medians[i] = results[len(results)/2]
	}
	return medians
}

// perOp is the time of one operation in nanoseconds.
func perOp(r testing.BenchmarkResult) float64 { return float64(r.T) / float64(max(r.N, 1)) }

func printHeader(w io.Writer) {
	_, _ = fmt.Fprintln(w, "| work | by | time | × errwire | allocations |")
	_, _ = fmt.Fprintln(w, "|---|---|---:|---:|---:|")
}

func printGroup(w io.Writer, g group, medians []testing.BenchmarkResult) {
	ours := perOp(medians[0])
	title := g.name
	for i, c := range g.contenders {
		_, _ = fmt.Fprintf(w, "| %s | %s | %s | %.2f | %d |\n",
			title, c.name, round(perOp(medians[i])), perOp(medians[i])/ours, medians[i].AllocsPerOp())
		title = ""
	}
}

// round keeps three digits or so.
func round(ns float64) string {
	d := time.Duration(ns)
	switch {
	case d < time.Microsecond:
		return fmt.Sprintf("%.1f ns", ns)
	case d < time.Millisecond:
		return fmt.Sprintf("%.2f µs", ns/1e3)
	default:
		return fmt.Sprintf("%.2f ms", ns/1e6)
	}
}

// no is for contenders that have nothing to stop.
func no() {}
