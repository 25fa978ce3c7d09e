package interceptors_test

import (
	"context"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/connectivity"
	testpb "google.golang.org/grpc/interop/grpc_testing"
	grpcstatus "google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/errwire/errwire/interceptors"
	"github.com/errwire/errwire/retry"
	"github.com/errwire/errwire/status"
)

var errBusy = grpcstatus.Error(codes.Unavailable, "busy")

// A server that comes back 1.5 s after it refused the first attempt is reached
// by the same call, with the default policy and with one whose own waits are over
// at once: attempts are not burnt while the channel cannot have connected again.
func TestUnaryServerComesBack(t *testing.T) {
	t.Parallel()
	for name, backoff := range map[string]retry.Option{
		"default policy": retry.WithMaxAttempts(5), "impatient policy": retry.WithBackoff(0, 0),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			addr := refusing(t)
			back := make(chan *backend, 1)
			refused := make(chan struct{}, 5)
			observed := retry.WithObserver(func(context.Context, retry.Event) { refused <- struct{}{} })
			go func() {
				<-refused
				<-time.After(1500 * time.Millisecond) // not a wait for something: the outage itself
				listener, err := net.Listen("tcp", addr)
				if assert.NoError(t, err) {
					back <- startBackendOn(t, listener, failing(nil))
				}
			}()
			policy := retry.MustPolicy(backoff, observed)
			_, err := unary(t.Context(), retryingConn(t, addr, interceptors.WithRetryPolicy(policy)))
			require.NoError(t, err)
			assert.EqualValues(t, 1, (<-back).runs.Load())
			assert.LessOrEqual(t, len(refused), 2, "failed attempts after the first")
		})
	}
}

// A wait that was asked for is not cut short when the channel connects.
func TestUnaryAskedWhileTheChannelConnects(t *testing.T) {
	t.Parallel()
	const wish = 500 * time.Millisecond
	addr := refusing(t)
	asks := asking(t, durationpb.New(wish))
	var at []time.Time
	conn := plainConn(t, addr, append(interceptors.DialOptions(interceptors.WithRetryPolicy(fast(t))),
		grpc.WithConnectParams(grpc.ConnectParams{Backoff: backoff.Config{BaseDelay: 10 * time.Millisecond, MaxDelay: 10 * time.Millisecond}}),
		grpc.WithChainUnaryInterceptor(func(
			ctx context.Context, method string, req, reply any, conn *grpc.ClientConn, invoker grpc.UnaryInvoker, opts ...grpc.CallOption,
		) error {
			if at = append(at, time.Now()); len(at) > 1 {
				return invoker(ctx, method, req, reply, conn, opts...)
			}
			listener, err := net.Listen("tcp", addr)
			if assert.NoError(t, err) {
				startBackendOn(t, listener, failing(nil))
			}
			return asks
		}))...)
	until(t, conn, connectivity.TransientFailure)
	_, err := unary(t.Context(), conn)
	require.NoError(t, err)
	require.Len(t, at, 2)
	assert.GreaterOrEqual(t, at[1].Sub(at[0]), wish)
}

// A call that never leaves has 5 attempts like any other.
func TestUnaryRefusedToTheEnd(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("takes 8 s")
	}
	start := time.Now()
	_, err := unary(t.Context(), retryingConn(t, refusing(t)))
	assertOnly(t, status.Unavailable, err)
	assert.Equal(t, 5, apiError(t, err).Attempts())
	assert.Equal(t, "attempts_exhausted", whyStopped(t, err))
	assert.GreaterOrEqual(t, time.Since(start), 8*time.Second, "each waits for the channel")
}

// With a deadline that the channel will hardly make, the backoff alone bounds
// the wait: the caller gets the real error while there is time to act on it.
func TestUnaryRefusedBeforeADeadline(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 1900*time.Millisecond)
	defer cancel()
	policy := fast(t, retry.WithMaxAttempts(3))
	_, err := unary(ctx, retryingConn(t, refusing(t), interceptors.WithRetryPolicy(policy)))
	assertOnly(t, status.Unavailable, err)
	assert.NotErrorIs(t, err, context.DeadlineExceeded)
	assert.Equal(t, 3, apiError(t, err).Attempts())
}

// A wait for the channel ends with the caller's context.
func TestUnaryCancelWhileTheChannelConnects(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancelCause(t.Context())
	policy := fast(t, retry.WithObserver(func(context.Context, retry.Event) { cancel(errEnough) }))
	_, err := unary(ctx, retryingConn(t, refusing(t), interceptors.WithRetryPolicy(policy)))
	assertOnly(t, status.Unavailable, err)
	assert.ErrorIs(t, err, context.Canceled)
	assert.ErrorIs(t, err, errEnough)
}

// invoked is the error of a call through the interceptor whose attempts are made
// by a function, for tests in virtual time.
func invoked(ctx context.Context, attempt func(ctx context.Context) error, opts ...interceptors.ClientOption) error {
	invoker := func(ctx context.Context, _ string, _, _ any, _ *grpc.ClientConn, _ ...grpc.CallOption) error {
		return attempt(ctx)
	}
	return interceptors.UnaryClientInterceptor(opts...)(ctx, testpb.TestService_UnaryCall_FullMethodName,
		&testpb.SimpleRequest{}, &testpb.SimpleResponse{}, nil, invoker)
}

func TestUnaryBackoffBeyondTheDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
		defer cancel()
		start := time.Now()
		err := invoked(ctx, func(context.Context) error { return errBusy },
			interceptors.WithRetryPolicy(retry.MustPolicy(retry.WithBackoff(5*time.Second, 5*time.Second))))
		assert.Zero(t, time.Since(start), "at once")
		assertOnly(t, status.Unavailable, err)
		assert.Equal(t, "busy", err.Error())
		assert.NotErrorIs(t, err, context.DeadlineExceeded)
		assert.Equal(t, 1, apiError(t, err).Attempts())
		assert.Equal(t, "deadline_too_close", whyStopped(t, err))
	})
}

func TestUnaryCancelDuringAWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(time.Second, func() { cancel(errEnough) })
		start := time.Now()
		err := invoked(ctx, func(context.Context) error { return errBusy },
			interceptors.WithRetryPolicy(retry.MustPolicy(retry.WithBackoff(time.Minute, time.Minute))))
		assert.Equal(t, time.Second, time.Since(start))
		assertOnly(t, status.Unavailable, err)
		assert.Equal(t, "busy", err.Error())
		assert.ErrorIs(t, err, context.Canceled)
		assert.ErrorIs(t, err, errEnough)
		assert.ErrorIs(t, err, errBusy)
		assert.Equal(t, "context_ended", whyStopped(t, err))
	})
}

// The waits are the policy's: 500 ms, 1 s, 2 s and 4 s, each up to a fifth more
// or less.
func TestUnaryDefaultBackoff(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var at []time.Duration
		start := time.Now()
		err := invoked(t.Context(), func(context.Context) error {
			at = append(at, time.Since(start))
			return errBusy
		})
		assertOnly(t, status.Unavailable, err)
		require.Len(t, at, 5)
		for i, base := range []time.Duration{500 * time.Millisecond, time.Second, 2 * time.Second, 4 * time.Second} {
			assert.InEpsilon(t, base, at[i+1]-at[i], 0.2001)
		}
	})
}
