package interceptors_test

import (
	"context"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	testpb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"
	grpcstatus "google.golang.org/grpc/status"

	"github.com/errwire/errwire/interceptors"
	"github.com/errwire/errwire/retry"
	"github.com/errwire/errwire/status"
)

// attest makes the header and the trailer of each run name it, and something that
// only this run has.
func attest(ctx context.Context, run int) {
	n := strconv.Itoa(run)
	_ = grpc.SetHeader(ctx, metadata.Pairs("run", n, "only-header-"+n, "x"))
	_ = grpc.SetTrailer(ctx, metadata.Pairs("run", n, "only-trailer-"+n, "x"))
}

// Header, Trailer, Peer and OnFinish speak of the attempt whose result is
// returned, and of it alone.
func TestUnaryCallersOptions(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name     string
		failures int
		run      string
		code     status.Code
	}{
		{"first attempt succeeds", 0, "1", status.OK},
		{"third attempt succeeds", 2, "3", status.OK},
		{"all attempts fail", 9, "5", status.Unavailable},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			server := startBackend(t, func(ctx context.Context, run int) error {
				attest(ctx, run)
				return failingUntil(test.failures+1, errBusy)(ctx, run)
			})
			var told diary
			conn := retryingConn(t, server.addr, interceptors.WithRetryPolicy(fast(t, told.observer())))
			var header, header2, trailer metadata.MD
			var from peer.Peer
			var finished []error
			_, err := unary(t.Context(), conn,
				grpc.Header(&header), grpc.Trailer(&trailer), grpc.Peer(&from), grpc.Header(&header2),
				grpc.OnFinish(func(err error) {
					assert.Equal(t, []string{test.run}, trailer["run"], "it is there by then")
					finished = append(finished, err)
				}),
				grpc.Header(nil), grpc.Trailer(nil), grpc.Peer(nil), grpc.OnFinish(nil), nil)
			assert.Equal(t, test.code, status.CodeOf(err))
			assert.Equal(t, []string{test.run}, header["run"])
			assert.Equal(t, header, header2)
			assert.Equal(t, []string{test.run}, trailer["run"])
			assert.Len(t, header, 3, "run, only-header, content-type: %v", header)
			assert.Len(t, trailer, 2, "run, only-trailer: %v", trailer)
			assert.Equal(t, server.addr, from.Addr.String())
			require.Len(t, finished, 1)
			assert.Equal(t, err, finished[0])
			assert.Len(t, told.all(), min(test.failures, 5))
		})
	}
}

// When the returned attempt never left there is nothing to tell, least of all
// something that an earlier attempt or call has left there.
func TestUnaryCallersOptionsOfNothing(t *testing.T) {
	t.Parallel()
	header, trailer := metadata.Pairs("stale", "x"), metadata.Pairs("stale", "x")
	var from peer.Peer
	finished := 0
	_, err := unary(t.Context(), retryingConn(t, refusing(t), once(t)), grpc.Header(&header), grpc.Trailer(&trailer),
		grpc.Peer(&from), grpc.OnFinish(func(error) { finished++ }))
	require.Error(t, err)
	assert.Empty(t, header)
	assert.Empty(t, trailer)
	assert.Nil(t, from.Addr)
	assert.Equal(t, 1, finished)
}

// What an earlier attempt told is not told of a later one that never left.
func TestUnaryNothingOfAnEarlierAttempt(t *testing.T) {
	t.Parallel()
	server := startBackend(t, func(ctx context.Context, run int) error {
		attest(ctx, run)
		_ = grpc.SetTrailer(ctx, metadata.Pairs("grpc-retry-pushback-ms", "1"))
		return errBusy
	})
	left := false
	conn := plainConn(t, server.addr, append(interceptors.DialOptions(interceptors.WithRetryPolicy(fast(t))),
		grpc.WithChainUnaryInterceptor(func(
			ctx context.Context, method string, req, reply any, conn *grpc.ClientConn, invoker grpc.UnaryInvoker, opts ...grpc.CallOption,
		) error {
			if !left {
				left = true
				return invoker(ctx, method, req, reply, conn, opts...)
			}
			return status.New(status.PermissionDenied, "the token is gone")
		}))...)
	var header, trailer metadata.MD
	var from peer.Peer
	_, err := unary(t.Context(), conn, grpc.Header(&header), grpc.Trailer(&trailer), grpc.Peer(&from))
	assertOnly(t, status.PermissionDenied, err)
	assert.Equal(t, 2, apiError(t, err).Attempts())
	assert.Equal(t, status.OriginLocal, apiError(t, err).Origin())
	_, asked := status.RetryDelay(err)
	assert.False(t, asked)
	assert.Empty(t, header)
	assert.Empty(t, trailer)
	assert.Nil(t, from.Addr)
}

// The server's own word that time is up is its word, also when the caller's is up
// by then.
func TestUnaryServersOwnDeadline(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	invoker := func(ctx context.Context, _ string, _, _ any, _ *grpc.ClientConn, opts ...grpc.CallOption) error {
		<-ctx.Done()
		for _, opt := range opts {
			if opt, ok := opt.(grpc.TrailerCallOption); ok {
				*opt.TrailerAddr = metadata.Pairs("content-type", "application/grpc")
			}
		}
		return grpcstatus.Error(codes.DeadlineExceeded, "no time for this")
	}
	err := interceptors.UnaryClientInterceptor()(ctx, "/a/b", nil, nil, nil, invoker)
	assertOnly(t, status.DeadlineExceeded, err)
	assert.Equal(t, status.OriginService, apiError(t, err).Origin())
	assert.ErrorIs(t, err, context.DeadlineExceeded)
}

// Attempts after the first say how many came before; what the caller sends goes
// with each.
func TestUnaryPreviousAttempts(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var previous [][]string
	server := startBackend(t, func(ctx context.Context, _ int) error {
		md, _ := metadata.FromIncomingContext(ctx)
		mu.Lock()
		defer mu.Unlock()
		previous = append(previous, md["grpc-previous-rpc-attempts"])
		assert.Equal(t, []string{"yes"}, md["mine"])
		return errBusy
	})
	ctx := metadata.AppendToOutgoingContext(t.Context(), "mine", "yes")
	_, err := unary(ctx, retryingConn(t, server.addr))
	require.Error(t, err)
	assert.Equal(t, [][]string{nil, {"1"}, {"2"}, {"3"}, {"4"}}, previous)
}

// The reply holds nothing of an attempt that failed after its message.
func TestUnaryReplyIsOfOneAttempt(t *testing.T) {
	t.Parallel()
	inner := func(
		ctx context.Context, method string, req, reply any,
		conn *grpc.ClientConn, invoker grpc.UnaryInvoker, opts ...grpc.CallOption,
	) error {
		m := reply.(*testpb.SimpleResponse)
		assert.Empty(t, m.GetOauthScope(), "left by another attempt")
		err := invoker(ctx, method, req, reply, conn, opts...)
		m.OauthScope = "left by an attempt"
		return err
	}
	server := startBackend(t, failingUntil(3, errBusy))
	options := append(interceptors.DialOptions(interceptors.WithRetryPolicy(fast(t))), grpc.WithChainUnaryInterceptor(inner))
	reply, err := unary(t.Context(), plainConn(t, server.addr, options...))
	require.NoError(t, err)
	assert.Equal(t, "run", reply.GetUsername())
	assert.EqualValues(t, 3, server.runs.Load())
}

// Requests and replies that are no proto messages, or nil ones, are the codec's
// affair, also when the call is repeated.
func TestUnaryForeignMessages(t *testing.T) {
	t.Parallel()
	type embedding struct{ *testpb.SimpleRequest }
	type broken struct{ testpb.TestServiceClient }
	for name, message := range map[string]any{
		"nil": nil, "typed nil": (*testpb.SimpleRequest)(nil), "embedded nil": embedding{}, "no message": broken{}, "string": "x",
	} {
		for _, code := range []codes.Code{codes.OK, codes.Unavailable} {
			t.Run(name+" "+code.String(), func(t *testing.T) {
				t.Parallel()
				attempts := 0
				invoker := func(_ context.Context, _ string, _, _ any, _ *grpc.ClientConn, opts ...grpc.CallOption) error {
					attempts++
					pretend(opts) // there was a stream, so that safety is asked for
					return grpcstatus.Error(code, "x")
				}
				intercept := interceptors.UnaryClientInterceptor(interceptors.WithRetryPolicy(fast(t)))
				err := intercept(t.Context(), "not a method", message, message, &grpc.ClientConn{}, invoker)
				assert.Equal(t, code, grpcstatus.Code(err))
				assert.Equal(t, 1, attempts)
				err = intercept(t.Context(), "", message, message, &grpc.ClientConn{}, invoker, interceptors.Idempotent())
				assert.Equal(t, code, grpcstatus.Code(err))
				if code == codes.Unavailable {
					assert.Equal(t, 6, attempts)
				}
			})
		}
	}
}

// pretend does what grpc does with options when there was a stream.
func pretend(opts []grpc.CallOption) {
	for _, opt := range opts {
		if opt, ok := opt.(grpc.TrailerCallOption); ok {
			*opt.TrailerAddr = metadata.MD{}
		}
	}
}

// A call on a ClientConn that nobody dialled, as tests of interceptors make it.
func TestUnaryUndialledConn(t *testing.T) {
	t.Parallel()
	for name, conn := range map[string]*grpc.ClientConn{"nil": nil, "zero": {}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			attempts := 0
			err := interceptors.UnaryClientInterceptor(interceptors.WithRetryPolicy(fast(t)))(
				t.Context(), "/a/b", nil, nil, conn,
				func(context.Context, string, any, any, *grpc.ClientConn, ...grpc.CallOption) error {
					attempts++
					return errBusy
				})
			assertOnly(t, status.Unavailable, err)
			assert.Equal(t, 5, attempts)
		})
	}
}

// What inner interceptors say before a call leaves is the policy's to judge,
// whatever the code; only what grpc-go itself says of misuse is final.
func TestUnaryInnerInterceptorAnswers(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		code     status.Code
		attempts int
	}{
		{status.Aborted, 5},
		{status.PermissionDenied, 5},
		{status.NotFound, 1}, // not among the policy's
		{status.Internal, 1},
		{status.Unauthenticated, 1},
		{status.Unknown, 1},
	} {
		policy := fast(t, retry.WithCodes(status.Aborted, status.PermissionDenied, status.Internal,
			status.Unauthenticated, status.Unknown))
		attempts := 0
		err := invoked(t.Context(), func(context.Context) error {
			attempts++
			return status.New(test.code, "from within")
		}, interceptors.WithRetryPolicy(policy))
		assertOnly(t, test.code, err)
		assert.Equal(t, test.attempts, attempts, test.code)
		assert.Equal(t, status.OriginLocal, apiError(t, err).Origin())
	}
}
