package main

import (
	"fmt"
	"strings"
	"sync"
	"time"
)

// A column shows what a storm did.
type column struct {
	title string
	storm storm
	cell  func(*record) string
}

var storms = []column{
	{"outage, 100 large clients", outage(large), outageCell},
	{"outage, 1000 small clients", outage(small), outageCell},
	{"overload", overload(large, 0), overloadCell},
	{"overload, told to wait 1 s", overload(large, time.Second), overloadCell},
	{"all told at once to wait 1 s", hang(time.Second), waveCell},
}

var weather = []column{
	{"1 % fail", flaky(large, 0.01), weatherCell},
	{"5 % fail", flaky(large, 0.05), weatherCell},
	{"20 % fail", flaky(large, 0.20), weatherCell},
	{"50 % fail", flaky(large, 0.50), weatherCell},
}

func outageCell(r *record) string {
	return fmt.Sprintf("%.2f (%.1f)", r.total(begins, outageEnds).load(), r.peak())
}

func weatherCell(r *record) string {
	all := r.total(0, len(r.seconds))
	return fmt.Sprintf("%s, %.2f", percent(all.success()), all.load())
}

func overloadCell(r *record) string {
	success := percent(r.total(begins, overloadEnds).success())
	if seconds, ended := r.recovery(); ended {
		return fmt.Sprintf("%s, %d s", success, seconds)
	}
	return success + ", never"
}

func waveCell(r *record) string {
	first, last, peak := r.wave()
	if len(r.returns) == 0 {
		return "nobody"
	}
	return fmt.Sprintf("%d–%d ms, %.2f×", first.Milliseconds(), last.Milliseconds(), peak)
}

// percent never rounds up to 100 %.
func percent(part float64) string {
	if part < 1 && part >= 0.9995 {
		return fmt.Sprintf("%.2f %%", min(part*100, 99.99))
	}
	return fmt.Sprintf("%.1f %%", part*100)
}

// table plays each storm under each policy, and shows it in Markdown.
func table(policies []policy, columns []column) string {
	cells := make([][]string, len(policies))
	var all sync.WaitGroup
	for i, p := range policies {
		cells[i] = make([]string, len(columns))
		all.Go(func() {
			for j, c := range columns {
				cells[i][j] = c.cell(c.storm.rage(p))
			}
		})
	}
	all.Wait()
	var out strings.Builder
	out.WriteString("| |")
	for _, c := range columns {
		out.WriteString(" " + c.title + " |")
	}
	out.WriteString("\n|---|" + strings.Repeat("---|", len(columns)) + "\n")
	for i, p := range policies {
		fmt.Fprintf(&out, "| %s | %s |\n", p.title(), strings.Join(cells[i], " | "))
	}
	return out.String()
}

// tables are what docs/storm.md shows.
func tables() string { return table(policies, storms) + "\n" + table(policies, weather) }
