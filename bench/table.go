package main

import (
	"fmt"
	"io"
	"runtime"
	"testing"
	"time"
)

// A table prints the groups as they are measured, for a terminal or as Markdown.
type table struct {
	w        io.Writer
	markdown bool
}

// header says what was measured where, and how to read it.
func (t table) header() {
	t.line("%s, %s/%s, %d cores. Fastest of several rounds; × is the time in times of", runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.GOMAXPROCS(0))
	t.line("errwire's (above 1: errwire is faster). A floor is the part of the work that")
	t.line("nobody can leave out.")
	if t.markdown {
		t.line("")
		t.line("| work | by | time | × | allocations |")
		t.line("|---|---|---:|---:|---:|")
	}
}

func (t table) group(g group, results []testing.BenchmarkResult) {
	title := g.name
	if !t.markdown {
		t.line("\n%-50s %10s %8s %8s", title, "time", "×", "allocs")
	}
	for i, c := range g.contenders {
		r := results[i]
		ratio := perOp(r) / perOp(results[0])
		if t.markdown {
			t.line("| %s | %s | %s | %.2f | %d |", title, c.name, round(perOp(r)), ratio, r.AllocsPerOp())
			title = ""
		} else {
			t.line("  %-48s %10s %8.2f %8d", c.name, round(perOp(r)), ratio, r.AllocsPerOp())
		}
	}
}

func (t table) line(format string, args ...any) { _, _ = fmt.Fprintf(t.w, format+"\n", args...) }

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
