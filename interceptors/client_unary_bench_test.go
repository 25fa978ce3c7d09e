package interceptors_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	mwretry "github.com/grpc-ecosystem/go-grpc-middleware/v2/interceptors/retry"
	"github.com/stretchr/testify/assert"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"
	grpcstatus "google.golang.org/grpc/status"

	"github.com/errwire/errwire/interceptors"
	"github.com/errwire/errwire/retry"
	"github.com/errwire/errwire/status"
)

// alone calls an interceptor whose attempts reach nobody and end with err.
func alone(conn *grpc.ClientConn, interceptor grpc.UnaryClientInterceptor, err error, opts ...grpc.CallOption) func() error {
	ctx := context.Background()
	req, resp := &healthpb.HealthCheckRequest{}, &healthpb.HealthCheckResponse{}
	invoker := func(context.Context, string, any, any, *grpc.ClientConn, ...grpc.CallOption) error { return err }
	return func() error {
		return interceptor(ctx, healthpb.Health_Check_FullMethodName, req, resp, conn, invoker, opts...)
	}
}

// The options that callers give now and then, as one slice made once: the
// interceptor's cost, not the caller's.
func callersOptions() []grpc.CallOption {
	return []grpc.CallOption{
		grpc.Header(new(metadata.MD)), grpc.Trailer(new(metadata.MD)), grpc.Peer(new(peer.Peer)),
		grpc.WaitForReady(true), interceptors.Idempotent(),
	}
}

// unaryBenchmarks are the interceptor by itself, beside go-grpc-middleware's,
// which captures neither header nor trailer nor peer.
var unaryBenchmarks = []struct {
	name string
	err  error
	opts []grpc.CallOption
}{
	{"success", nil, nil},
	{"success with options", nil, callersOptions()},
	{"failure", grpcstatus.Error(codes.NotFound, "no such shelf"), nil},
	{"failure with options", grpcstatus.Error(codes.NotFound, "no such shelf"), callersOptions()},
}

func BenchmarkUnary(b *testing.B) {
	conn := idleConn(b)
	for _, bench := range unaryBenchmarks {
		for _, house := range []struct {
			name        string
			interceptor grpc.UnaryClientInterceptor
		}{
			{"errwire", interceptors.UnaryClientInterceptor()},
			{"middleware", mwretry.UnaryClientInterceptor(mwretry.WithMax(5))},
		} {
			b.Run(bench.name+"/"+house.name, func(b *testing.B) {
				call := alone(conn, house.interceptor, bench.err, bench.opts...)
				b.ReportAllocs()
				for b.Loop() {
					_ = call()
				}
			})
		}
	}
}

// A call that succeeds at the fifth attempt.
func BenchmarkUnaryRetried(b *testing.B) {
	conn := idleConn(b)
	for _, house := range []struct {
		name        string
		interceptor grpc.UnaryClientInterceptor
	}{
		{"errwire", interceptors.UnaryClientInterceptor(interceptors.WithRetryPolicy(
			retry.MustPolicy(retry.WithBackoff(0, 0), retry.WithoutBudget())))},
		{"middleware", mwretry.UnaryClientInterceptor(mwretry.WithMax(5), mwretry.WithBackoff(mwretry.BackoffLinear(0)))},
	} {
		b.Run(house.name, func(b *testing.B) {
			attempts := 0
			invoker := func(context.Context, string, any, any, *grpc.ClientConn, ...grpc.CallOption) error {
				if attempts++; attempts%5 != 0 {
					return errBusy
				}
				return nil
			}
			req, resp, ctx := &healthpb.HealthCheckRequest{}, &healthpb.HealthCheckResponse{}, context.Background()
			b.ReportAllocs()
			for b.Loop() {
				_ = house.interceptor(ctx, healthpb.Health_Check_FullMethodName, req, resp, conn, invoker)
			}
		})
	}
}

// Callers on all processors meet nowhere, whether they share a channel or not.
func BenchmarkUnaryParallel(b *testing.B) {
	for _, channels := range []int{1, 16} {
		for _, goroutines := range []int{1, 16} {
			b.Run(fmt.Sprintf("channels=%d/goroutines=%d", channels, goroutines), func(b *testing.B) {
				interceptor := interceptors.UnaryClientInterceptor()
				calls := make([]func() error, channels)
				for i := range calls {
					calls[i] = alone(idleConn(b), interceptor, nil)
				}
				b.ReportAllocs()
				b.ResetTimer()
				var all sync.WaitGroup
				for g := range goroutines {
					all.Go(func() {
						for range b.N/goroutines + 1 {
							_ = calls[g%channels]()
						}
					})
				}
				all.Wait()
			})
		}
	}
}

// Interceptors shared by many channels: what the first call on one costs, and
// what any other does.
func BenchmarkUnaryChannels(b *testing.B) {
	for _, channels := range []int{1, 100, 10_000} {
		b.Run(fmt.Sprintf("channels=%d", channels), func(b *testing.B) {
			conns := make([]*grpc.ClientConn, channels)
			for i := range conns {
				conns[i] = plainConn(b, fmt.Sprintf("127.0.%d.%d:1", i/250, i%250))
			}
			req, resp, ctx := &healthpb.HealthCheckRequest{}, &healthpb.HealthCheckResponse{}, context.Background()
			invoker := func(context.Context, string, any, any, *grpc.ClientConn, ...grpc.CallOption) error { return nil }
			var interceptor grpc.UnaryClientInterceptor
			callAll := func() {
				for _, conn := range conns {
					_ = interceptor(ctx, healthpb.Health_Check_FullMethodName, req, resp, conn, invoker)
				}
			}
			b.Run("first", func(b *testing.B) {
				b.ReportAllocs()
				for n := 0; n < b.N; n += channels {
					interceptor = interceptors.UnaryClientInterceptor()
					callAll()
				}
			})
			b.Run("later", func(b *testing.B) {
				b.ReportAllocs()
				for n := 0; n < b.N; n += channels {
					callAll()
				}
			})
		})
	}
}

// Success costs no allocation, with and without options of the caller's, on one
// connection or on several in turn. A failure costs a known few: its *Error in
// the making, and what a call keeps of itself and does not give back. Not
// parallel: allocations of other tests would count.
func TestUnaryAllocations(t *testing.T) {
	if underRace {
		t.Skip("the race detector makes pools allocate")
	}
	interceptor := interceptors.UnaryClientInterceptor()
	conn := idleConn(t)
	for _, test := range []struct {
		name string
		err  error
		opts []grpc.CallOption
		most float64
	}{
		{"success", nil, nil, 0},
		{"success with options", nil, callersOptions(), 0},
		{"failure", errNoShelf, nil, 8},
		{"failure with options", errNoShelf, callersOptions(), 14},
	} {
		call := alone(conn, interceptor, test.err, test.opts...)
		assert.LessOrEqual(t, testing.AllocsPerRun(1000, func() { _ = call() }), test.most, test.name)
	}
	first, second := alone(conn, interceptor, nil), alone(idleConn(t), interceptor, nil)
	assert.Zero(t, testing.AllocsPerRun(1000, func() { _, _ = first(), second() }), "connections in turn")
}

var errNoShelf = status.New(status.NotFound, "no such shelf").GRPCStatus().Err()

// idleConn is a connection that nobody connects.
func idleConn(tb testing.TB) *grpc.ClientConn {
	tb.Helper()
	return plainConn(tb, "127.0.0.1:1")
}
