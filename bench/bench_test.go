package main

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	grpcstatus "google.golang.org/grpc/status"

	"github.com/errwire/errwire/status"
)

func Benchmark(b *testing.B) {
	for _, g := range groups {
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
	for _, g := range groups {
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
