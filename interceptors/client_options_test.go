package interceptors_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	testpb "google.golang.org/grpc/interop/grpc_testing"
	grpcstatus "google.golang.org/grpc/status"

	"github.com/errwire/errwire/interceptors"
	"github.com/errwire/errwire/retry"
	"github.com/errwire/errwire/status"
)

// How often a call is attempted whose server is always busy.
func TestUnaryOptions(t *testing.T) {
	t.Parallel()
	two, three := fast(t, retry.WithMaxAttempts(2)), fast(t, retry.WithMaxAttempts(3))
	byMethod := func(policy *retry.Policy) interceptors.ClientOption {
		return interceptors.WithMethodPolicy(func(method string) *retry.Policy {
			if method == testpb.TestService_UnaryCall_FullMethodName {
				return policy
			}
			return retry.DefaultPolicy()
		})
	}
	for _, test := range []struct {
		name    string
		channel []interceptors.ClientOption
		call    []grpc.CallOption
		want    int
	}{
		{"none", nil, nil, 5},
		{"WithRetryPolicy", []interceptors.ClientOption{interceptors.WithRetryPolicy(two)}, nil, 2},
		{"the later one", []interceptors.ClientOption{interceptors.WithRetryPolicy(two), interceptors.WithRetryPolicy(three)}, nil, 3},
		{"WithoutRetry", []interceptors.ClientOption{interceptors.WithoutRetry()}, nil, 1},
		{"a policy after WithoutRetry", []interceptors.ClientOption{interceptors.WithoutRetry(), interceptors.WithRetryPolicy(two)}, nil, 2},
		{"WithMethodPolicy", []interceptors.ClientOption{byMethod(three)}, nil, 3},
		{"WithMethodPolicy, nil", []interceptors.ClientOption{byMethod(nil)}, nil, 5},
		{"WithMethodPolicy beside WithoutRetry", []interceptors.ClientOption{byMethod(three), interceptors.WithoutRetry()}, nil, 1},
		{"NoRetry", nil, []grpc.CallOption{interceptors.NoRetry()}, 1},
		{"NoRetry beats the method", []interceptors.ClientOption{byMethod(three)}, []grpc.CallOption{interceptors.NoRetry()}, 1},
		{"CallPolicy", nil, []grpc.CallOption{interceptors.CallPolicy(two)}, 2},
		{"CallPolicy under WithoutRetry", []interceptors.ClientOption{interceptors.WithoutRetry()}, []grpc.CallOption{interceptors.CallPolicy(two)}, 2},
		{"CallPolicy beats the method", []interceptors.ClientOption{byMethod(three)}, []grpc.CallOption{interceptors.CallPolicy(two)}, 2},
		{"the later call option", nil, []grpc.CallOption{interceptors.NoRetry(), interceptors.CallPolicy(two)}, 2},
		{"the later call option, again", nil, []grpc.CallOption{interceptors.CallPolicy(nil), interceptors.NoRetry()}, 1},
		{"a zero policy", nil, []grpc.CallOption{interceptors.CallPolicy(&retry.Policy{})}, 1},
		{"options of grpc", nil, []grpc.CallOption{grpc.WaitForReady(true), interceptors.CallPolicy(two), grpc.StaticMethod()}, 2},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			server := startBackend(t, failing(errBusy))
			_, err := unary(t.Context(), retryingConn(t, server.addr, test.channel...), test.call...)
			assertOnly(t, status.Unavailable, err)
			assert.Equal(t, test.want, apiError(t, err).Attempts())
			assert.EqualValues(t, test.want, server.runs.Load())
		})
	}
}

// Our call options do nothing on a channel that does not know us.
func TestUnaryOptionsAreInert(t *testing.T) {
	t.Parallel()
	server := startBackend(t, failing(nil))
	_, err := unary(t.Context(), plainConn(t, server.addr), interceptors.NoRetry(), interceptors.Idempotent(),
		interceptors.CallPolicy(nil), interceptors.CallPolicy(retry.DefaultPolicy()))
	require.NoError(t, err)
	assert.EqualValues(t, 1, server.runs.Load())
}

// As options of the channel they hold for each of its calls.
func TestUnaryDefaultCallOptions(t *testing.T) {
	t.Parallel()
	server := startBackend(t, failing(errBusy))
	conn := plainConn(t, server.addr, append(interceptors.DialOptions(interceptors.WithRetryPolicy(fast(t))),
		grpc.WithDefaultCallOptions(interceptors.NoRetry()))...)
	assert.Equal(t, 1, attempts(t, conn))
	assert.Equal(t, 2, attempts(t, conn, interceptors.CallPolicy(fast(t, retry.WithMaxAttempts(2)))))
}

// What is wrong with the options is told by each call, as a plain error that
// names the option, and before anything leaves.
func TestBadOptions(t *testing.T) {
	t.Parallel()
	good := interceptors.WithRetryPolicy(fast(t))
	for _, test := range []struct {
		name    string
		channel []interceptors.ClientOption
		call    []grpc.CallOption
		want    string
	}{
		{name: "nil option", channel: []interceptors.ClientOption{nil}, want: "nil ClientOption"},
		{name: "nil policy", channel: []interceptors.ClientOption{interceptors.WithRetryPolicy(nil)}, want: "WithRetryPolicy(nil)"},
		{name: "nil method policy", channel: []interceptors.ClientOption{interceptors.WithMethodPolicy(nil)}, want: "WithMethodPolicy(nil)"},
		{name: "no budget target", channel: []interceptors.ClientOption{interceptors.WithBudgetTarget("")}, want: `WithBudgetTarget("")`},
		{name: "negative buffer", channel: []interceptors.ClientOption{interceptors.WithStreamBuffer(-1)}, want: "WithStreamBuffer(-1)"},
		{name: "a good one after", channel: []interceptors.ClientOption{nil, good}, want: "nil ClientOption"},
		{name: "nil call policy", call: []grpc.CallOption{interceptors.CallPolicy(nil)}, want: "CallPolicy(nil)"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			server := startBackend(t, failing(nil))
			outer := plainConn(t, server.addr, interceptors.DialOptions(test.channel...)...)
			inner := plainConn(t, server.addr, append(interceptors.DialOptions(good), interceptors.DialOptions(test.channel...)...)...)
			for _, conn := range []*grpc.ClientConn{outer, inner} {
				for range 2 {
					var finished []error
					opts := append(test.call, grpc.OnFinish(func(err error) { finished = append(finished, err) }))
					_, ofCall := unary(t.Context(), conn, opts...)
					_, ofStream := conn.NewStream(t.Context(), bothStream, "/talk.Talk/Talk", opts...)
					for _, err := range []error{ofCall, ofStream} {
						require.ErrorContains(t, err, "interceptors: ")
						assert.ErrorContains(t, err, test.want)
						assertOnly(t, status.OK, err)
					}
					assert.Equal(t, []error{ofCall, ofStream}, finished)
				}
			}
			assert.Zero(t, server.runs.Load())
		})
	}
}

// Nil arguments are plain errors too.
func TestUnaryNilArguments(t *testing.T) {
	t.Parallel()
	intercept := interceptors.UnaryClientInterceptor()
	invoker := func(context.Context, string, any, any, *grpc.ClientConn, ...grpc.CallOption) error { return nil }
	var none context.Context
	for _, err := range []error{
		intercept(none, "/a/b", nil, nil, nil, invoker),
		intercept(t.Context(), "/a/b", nil, nil, nil, nil),
	} {
		require.Error(t, err)
		assertOnly(t, status.OK, err)
	}
}

// A plain error of an inner interceptor is nobody's API error: it passes as it
// is, and at once.
func TestUnaryPlainErrors(t *testing.T) {
	t.Parallel()
	plain := errors.New("the request has no shelf")
	attempts := 0
	fail := func(err error) func(context.Context) error {
		return func(context.Context) error { attempts++; return err }
	}
	assert.Same(t, plain, invoked(t.Context(), fail(plain)))
	assert.Equal(t, 1, attempts)

	// A mark is for the loop that meets it.
	assert.Same(t, plain, invoked(t.Context(), fail(retry.Stop(plain))))
	assert.Same(t, errBusy, invoked(t.Context(), fail(retry.Stop(errBusy)), interceptors.WithoutTranslation()))
	err := invoked(t.Context(), fail(retry.Stop(errBusy)))
	assertOnly(t, status.Unavailable, err)
	assert.False(t, retry.Stopped(err))
	assert.Equal(t, 4, attempts)

	// One that comes after a retry, too.
	attempts = 0
	err = invoked(t.Context(), func(context.Context) error {
		if attempts++; attempts == 1 {
			return grpcstatus.Error(codes.Unavailable, "busy")
		}
		return plain
	}, interceptors.WithRetryPolicy(fast(t)))
	assert.Same(t, plain, err)
}

// Goroutines may append to options that they share.
func TestDialOptionsHaveNoRoomToSpare(t *testing.T) {
	t.Parallel()
	for _, options := range [][]grpc.DialOption{interceptors.DialOptions(), interceptors.DialOptions(interceptors.WithoutRetry())} {
		assert.Equal(t, len(options), cap(options))
	}
}
