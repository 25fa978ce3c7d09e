package interceptors_test

import (
	"context"
	"testing"

	mwretry "github.com/grpc-ecosystem/go-grpc-middleware/v2/interceptors/retry"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"

	"github.com/errwire/errwire/interceptors"
)

// The success path of the interceptor alone, beside go-grpc-middleware's retry
// interceptor, which captures neither header nor trailer nor peer.
func BenchmarkUnarySuccess(b *testing.B) {
	conn := idleConn(b)
	for _, bench := range []struct {
		name        string
		interceptor grpc.UnaryClientInterceptor
	}{
		{"errwire", interceptors.UnaryClientInterceptor()},
		{"middleware", mwretry.UnaryClientInterceptor(mwretry.WithMax(5))},
	} {
		b.Run(bench.name, func(b *testing.B) {
			call := succeed(conn, bench.interceptor)
			b.ReportAllocs()
			for b.Loop() {
				call()
			}
		})
	}
}

func BenchmarkUnarySuccessParallel(b *testing.B) {
	conn, interceptor := idleConn(b), interceptors.UnaryClientInterceptor()
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		call := succeed(conn, interceptor)
		for pb.Next() {
			call()
		}
	})
}

func TestUnarySuccessAllocatesNothing(t *testing.T) {
	call := succeed(idleConn(t), interceptors.UnaryClientInterceptor())
	assert.Zero(t, testing.AllocsPerRun(1000, call))
}

// succeed makes a call that reaches nobody and succeeds.
func succeed(conn *grpc.ClientConn, interceptor grpc.UnaryClientInterceptor) func() {
	ctx := context.Background()
	req, resp := &healthpb.HealthCheckRequest{}, &healthpb.HealthCheckResponse{}
	invoker := func(context.Context, string, any, any, *grpc.ClientConn, ...grpc.CallOption) error { return nil }
	return func() { _ = interceptor(ctx, healthpb.Health_Check_FullMethodName, req, resp, conn, invoker) }
}

func idleConn(tb testing.TB) *grpc.ClientConn {
	tb.Helper()
	conn, err := grpc.NewClient("127.0.0.1:1", grpc.WithTransportCredentials(insecure.NewCredentials()))
	require.NoError(tb, err)
	tb.Cleanup(func() { _ = conn.Close() })
	return conn
}
