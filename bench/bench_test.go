package main

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	grpcstatus "google.golang.org/grpc/status"

	"github.com/errwire/errwire/status"
)

func Benchmark(b *testing.B) {
	for _, g := range all() {
		b.Run(g.name, func(b *testing.B) {
			for _, c := range g.contenders {
				b.Run(c.name, c.benchmark)
			}
		})
	}
}

// TestAllDoTheSameWork holds every contender to errwire's answer.
func TestAllDoTheSameWork(t *testing.T) {
	t.Parallel()
	for _, g := range all() {
		t.Run(g.name, func(t *testing.T) {
			t.Parallel()
			want := answer(g.contenders[0])
			assert.NotZero(t, want)
			for _, c := range g.contenders[1:] {
				assert.Equal(t, want, answer(c), c.name)
			}
		})
	}
}

func answer(c contender) any {
	op, stop := c.start()
	defer stop()
	switch result := op().(type) {
	case *grpcstatus.Status:
		return fmt.Sprint(result.Code(), result.Message(), status.FromError(result.Err()).Reason(), status.FromError(result.Err()).Metadata())
	case fmt.Stringer:
		return result.String()
	default:
		return result
	}
}

func TestTable(t *testing.T) {
	t.Parallel()
	g := group{"work → done", []contender{{name: "errwire"}, {name: "a peer"}}}
	results := []testing.BenchmarkResult{{N: 10, T: 20}, {N: 1, T: 5000, MemAllocs: 3}}
	for markdown, want := range map[bool][]string{
		true:  {"| work | by |", "| work → done | errwire | 2.0 ns | 1.00 | 0 |\n|  | a peer | 5.00 µs | 2500.00 | 3 |"},
		false: {"work → done", "errwire    ", " 2.0 ns     1.00        0\n  a peer", " 5.00 µs  2500.00        3"},
	} {
		var out strings.Builder
		printed := table{&out, markdown}
		printed.header()
		printed.group(g, results)
		for _, text := range append(want, runtime.Version()+", "+runtime.GOOS+"/"+runtime.GOARCH) {
			assert.Contains(t, out.String(), text)
		}
	}
}

func TestNamed(t *testing.T) {
	t.Parallel()
	assert.Len(t, named(""), len(groups))
	assert.Len(t, named("DIALECT"), len(dialects))
	assert.Len(t, named("error → REST"), 1)
	assert.Empty(t, named("no such group"))
}
