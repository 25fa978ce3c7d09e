package interceptors_test

import (
	"context"
	"slices"
	"testing"

	mwretry "github.com/grpc-ecosystem/go-grpc-middleware/v2/interceptors/retry"
	mwtimeout "github.com/grpc-ecosystem/go-grpc-middleware/v2/interceptors/timeout"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"time"

	"github.com/errwire/errwire/interceptors"
	"github.com/errwire/errwire/retry"
	"github.com/errwire/errwire/status"
)

// nativeRetry is a service config of 4 attempts by gRPC itself.
var nativeRetry = grpc.WithDefaultServiceConfig(`{"methodConfig":[{"name":[{}],"retryPolicy":{
	"maxAttempts":4,"initialBackoff":"0.001s","maxBackoff":"0.001s","backoffMultiplier":1,
	"retryableStatusCodes":["UNAVAILABLE"]}}]}`)

// A layering is a way to put our interceptors on a channel with native retries,
// and how many runs and attempts a call makes by it.
type layering struct {
	name     string
	dial     []grpc.DialOption
	call     []grpc.CallOption
	runs     int
	attempts int // 0 where there is none of ours
}

// layerings are the same for unary calls and for streams; bare makes an
// interceptor by itself.
func layerings(t *testing.T, bare func(...interceptors.ClientOption) grpc.DialOption) []layering {
	t.Helper()
	policy := interceptors.WithRetryPolicy(fast(t, retry.WithMaxAttempts(3)))
	one := interceptors.WithRetryPolicy(fast(t, retry.WithMaxAttempts(1)))
	ours := interceptors.DialOptions
	three := slices.Concat(ours(policy), ours(policy), ours(policy))
	return []layering{
		{"native alone", nil, nil, 4, 0},
		{"DialOptions", ours(policy), nil, 3, 3},
		{"DialOptions of one attempt", ours(one), nil, 1, 1},
		{"DialOptions, NoRetry", ours(policy), []grpc.CallOption{interceptors.NoRetry()}, 1, 1},
		{"WithoutRetry", ours(interceptors.WithoutRetry()), nil, 4, 1},
		{"WithoutRetry, NoRetry", ours(interceptors.WithoutRetry()), []grpc.CallOption{interceptors.NoRetry()}, 1, 1},
		{
			"WithoutRetry, CallPolicy", ours(interceptors.WithoutRetry()),
			[]grpc.CallOption{interceptors.CallPolicy(fast(t, retry.WithMaxAttempts(2)))}, 2, 2,
		},
		{"bare", []grpc.DialOption{bare(policy)}, nil, 3, 3},
		{"bare of one attempt", []grpc.DialOption{bare(one)}, nil, 1, 1},
		{"bare, WithoutRetry", []grpc.DialOption{bare(interceptors.WithoutRetry())}, nil, 4, 1},
		{"bare twice", []grpc.DialOption{bare(policy), bare(policy)}, nil, 3, 3},
		{"DialOptions around bare", slices.Concat(ours(policy), []grpc.DialOption{bare(one)}), nil, 3, 3},
		{"bare around DialOptions", slices.Concat([]grpc.DialOption{bare(policy)}, ours(one)), nil, 3, 3},
		{"DialOptions three times", three, nil, 3, 3},
		{"caller's own buffer size", []grpc.DialOption{bare(policy)}, []grpc.CallOption{grpc.MaxRetryRPCBufferSize(1 << 20)}, 3, 3},
	}
}

// However many layers there are, one of them retries.
func TestUnaryOneLayer(t *testing.T) {
	t.Parallel()
	for _, test := range layerings(t, func(opts ...interceptors.ClientOption) grpc.DialOption {
		return grpc.WithChainUnaryInterceptor(interceptors.UnaryClientInterceptor(opts...))
	}) {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			server := startBackend(t, failing(errBusy))
			_, err := unary(t.Context(), plainConn(t, server.addr, append(slices.Clip(test.dial), nativeRetry)...), test.call...)
			assert.EqualValues(t, test.runs, server.runs.Load())
			require.Error(t, err)
			if test.attempts > 0 {
				assertOnly(t, status.Unavailable, err)
				assert.Equal(t, test.attempts, apiError(t, err).Attempts())
				assert.Equal(t, "busy", err.Error(), "grpc's wrapping does not change the message")
			} else {
				assert.ErrorContains(t, err, "max retries exhausted", "if not, grpc wraps no more")
			}
		})
	}
}

// Others' interceptors may be outside and inside.
func TestUnaryBesideMiddleware(t *testing.T) {
	t.Parallel()
	policy := interceptors.WithRetryPolicy(fast(t))
	retries := mwretry.UnaryClientInterceptor(mwretry.WithMax(3), mwretry.WithBackoff(mwretry.BackoffLinear(time.Millisecond)))
	timeout := mwtimeout.UnaryClientInterceptor(time.Minute)
	for _, test := range []struct {
		name  string
		chain []grpc.UnaryClientInterceptor
		runs  int
	}{
		{"timeout outside", []grpc.UnaryClientInterceptor{timeout, interceptors.UnaryClientInterceptor(policy)}, 5},
		{"timeout inside", []grpc.UnaryClientInterceptor{interceptors.UnaryClientInterceptor(policy), timeout}, 5},
		// Two layers that do not know each other multiply; there is no help for it.
		{"retry inside", []grpc.UnaryClientInterceptor{interceptors.UnaryClientInterceptor(policy), retries}, 15},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			server := startBackend(t, failing(errBusy))
			_, err := unary(t.Context(), plainConn(t, server.addr, grpc.WithChainUnaryInterceptor(test.chain...)))
			assertOnly(t, status.Unavailable, err)
			assert.Equal(t, 5, status.FromError(err).Attempts())
			assert.EqualValues(t, test.runs, server.runs.Load())
		})
	}
}

// A panic of an inner interceptor is the caller's to see, and harms no later
// call.
func TestUnaryInnerPanic(t *testing.T) {
	t.Parallel()
	server := startBackend(t, failing(nil))
	panics := true
	conn := plainConn(t, server.addr, append(interceptors.DialOptions(), grpc.WithChainUnaryInterceptor(func(
		ctx context.Context, method string, req, reply any, conn *grpc.ClientConn, invoker grpc.UnaryInvoker, opts ...grpc.CallOption,
	) error {
		if panics {
			panic(codes.Internal)
		}
		return invoker(ctx, method, req, reply, conn, opts...)
	}))...)
	for range 3 {
		assert.PanicsWithValue(t, codes.Internal, func() { _, _ = unary(t.Context(), conn) })
	}
	panics = false
	for range 3 {
		_, err := unary(t.Context(), conn)
		assert.NoError(t, err)
	}
}

// An inner interceptor that adds an option to those of a call adds it to that
// attempt alone.
func TestUnaryInnerOptions(t *testing.T) {
	t.Parallel()
	server := startBackend(t, failing(errBusy))
	var seen []int
	conn := plainConn(t, server.addr, append(interceptors.DialOptions(interceptors.WithRetryPolicy(fast(t))),
		grpc.WithChainUnaryInterceptor(func(
			ctx context.Context, method string, req, reply any, conn *grpc.ClientConn, invoker grpc.UnaryInvoker, opts ...grpc.CallOption,
		) error {
			seen = append(seen, len(opts), cap(opts))
			return invoker(ctx, method, req, reply, conn, append(opts, grpc.WaitForReady(true))...)
		}))...)
	for range 2 {
		_, err := unary(t.Context(), conn, grpc.StaticMethod(), grpc.WaitForReady(false))
		require.Error(t, err)
	}
	require.Len(t, seen, 20)
	for _, n := range seen {
		assert.Equal(t, seen[0], n, "there is no room that two attempts would share")
	}
}
