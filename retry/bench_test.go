package retry_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/errwire/errwire/retry"
	"github.com/errwire/errwire/status"
)

// inParallel shares out b.N among goroutines; each has its own number.
func inParallel(b *testing.B, goroutines int, f func(goroutine, n int)) {
	b.Helper()
	b.ReportAllocs()
	var all sync.WaitGroup
	for g := range goroutines {
		all.Go(func() { f(g, b.N/goroutines+1) })
	}
	all.Wait()
}

var goroutineCounts = []int{1, 2, 4, 16}

// What a call that succeeds costs.
func BenchmarkSuccess(b *testing.B) {
	p, shared := retry.DefaultPolicy(), retry.TargetBudget("success.example.com:443")
	for _, goroutines := range goroutineCounts {
		b.Run(fmt.Sprintf("goroutines=%d", goroutines), func(b *testing.B) {
			inParallel(b, goroutines, func(_, n int) {
				for range n {
					call := p.Start("success.example.com:443", "/method", shared)
					call.Succeeded()
				}
			})
		})
	}
}

func BenchmarkDoSuccess(b *testing.B) {
	b.ReportAllocs()
	p, ctx := retry.DefaultPolicy(), b.Context()
	ok := func(context.Context) error { return nil }
	for b.Loop() {
		_ = retry.Do(ctx, p, ok)
	}
}

// What the engine decides, without what the error costs to read.
func BenchmarkFailed(b *testing.B) {
	for name, code := range map[string]status.Code{"not retried": status.NotFound, "retried": status.Unavailable} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			p, ctx, f := retry.DefaultPolicy(), b.Context(), retry.Failure{Err: code, Code: code}
			for b.Loop() {
				call := p.Start("failed.example.com:443", "/method", nil)
				call.Failed(ctx, f)
			}
		})
	}
}

func BenchmarkDoFailure(b *testing.B) {
	b.ReportAllocs()
	p, ctx, err := retry.DefaultPolicy(), b.Context(), status.New(status.NotFound, "gone")
	attempt := func(context.Context) error { return err }
	for b.Loop() {
		_ = retry.Do(ctx, p, attempt)
	}
}

// A look-up of one of few or many targets. Beyond 4096 they crowd each other
// out: every look-up makes a budget, and another goes.
func BenchmarkTargetBudget(b *testing.B) {
	for _, targets := range []int{1, 100, 4000, 100_000} {
		names := make([]string, targets)
		for i := range names {
			names[i] = fmt.Sprintf("host%d.of%d.example.com:443", i, targets)
		}
		for _, goroutines := range goroutineCounts {
			b.Run(fmt.Sprintf("targets=%d/goroutines=%d", targets, goroutines), func(b *testing.B) {
				for _, name := range names {
					retry.TargetBudget(name)
				}
				b.ResetTimer()
				inParallel(b, goroutines, func(g, n int) {
					for i := range n {
						retry.TargetBudget(names[(i*127+g*31)%targets])
					}
				})
			})
		}
	}
}

// Many goroutines that fail on one target: the slow path, where they do meet.
func BenchmarkOutage(b *testing.B) {
	for _, goroutines := range goroutineCounts {
		b.Run(fmt.Sprintf("goroutines=%d", goroutines), func(b *testing.B) {
			p, ctx := retry.DefaultPolicy(), b.Context()
			shared := new(retry.Budget)
			f := retry.Failure{Err: status.Unavailable, Code: status.Unavailable}
			inParallel(b, goroutines, func(_, n int) {
				for range n {
					call := p.Start("outage.example.com:443", "/method", shared)
					call.Failed(ctx, f)
					call.Succeeded()
				}
			})
		})
	}
}
