package interceptors_test

import (
	"context"
	"math"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	pb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/metadata"

	"github.com/errwire/errwire/interceptors"
	"github.com/errwire/errwire/status"
)

const pushback = "grpc-retry-pushback-ms"

func TestTheDelayIsMirroredInTheTrailerOnly(t *testing.T) {
	t.Parallel()
	ms := time.Millisecond
	busy := func(delay time.Duration) handler {
		return fails(status.New(status.Unavailable, "").WithRetryDelay(delay))
	}
	tests := []struct {
		name     string
		handle   handler
		from, to int // in milliseconds; 0, 0: no trailer
	}{
		{"a delay", busy(250 * ms), 250, 300},
		{"less than a millisecond", busy(1), 1, 2},
		{"a part of a millisecond", busy(100*ms + 1), 101, 121},
		{"more than an int32 holds", busy(math.MaxInt64), math.MaxInt32, math.MaxInt32},
		{"nothing asked", fails(status.Unavailable), 0, 0},
		{"no delay at all", busy(0), 0, 0},
		{"set by the handler too", func(ctx context.Context) error {
			_ = grpc.SetTrailer(ctx, metadata.Pairs(pushback, "7"))
			return status.New(status.Unavailable, "").WithRetryDelay(time.Second)
		}, 7, 7},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			// Twice: the interceptors must not mirror what they have mirrored.
			opts := append(interceptors.ServerOptions(), interceptors.ServerOptions()...)
			client := pb.NewTestServiceClient(dial(t, serve(t, tt.handle, opts...)))
			for _, kind := range kinds {
				header, trailer, err := kind.call(t.Context(), client)
				require.True(t, status.IsUnavailable(err), "%s: %v", kind.name, err)
				assert.Empty(t, header[pushback], kind.name)
				if tt.to == 0 {
					assert.Empty(t, trailer[pushback], kind.name)
					continue
				}
				require.Len(t, trailer[pushback], 1, kind.name)
				got, err := strconv.Atoi(trailer[pushback][0])
				require.NoError(t, err)
				assert.GreaterOrEqual(t, got, tt.from)
				assert.LessOrEqual(t, got, tt.to)
			}
		})
	}
}

// Such as in a service's own test of an interceptor chain.
func TestADelayOutsideOfACallIsNoTrouble(t *testing.T) {
	t.Parallel()
	busy := status.New(status.Unavailable, "").WithRetryDelay(time.Second)
	_, err := interceptors.UnaryServerInterceptor()(t.Context(), nil, nil, func(context.Context, any) (any, error) { return nil, busy })
	assert.True(t, status.Equal(busy, err))
}

// A fleet that is shed together must not come back together.
func TestTheDelaysOfAFleetAreSpread(t *testing.T) {
	t.Parallel()
	addr := serve(t, fails(status.New(status.Unavailable, "").WithRetryDelay(10*time.Second)), interceptors.ServerOptions()...)
	client := pb.NewTestServiceClient(dial(t, addr))
	const clients, tenths = 400, 10
	var in [tenths]int // how many clients come back in each tenth of the spread
	for range clients {
		_, trailer, _ := kinds[0].call(t.Context(), client)
		got, err := strconv.Atoi(trailer[pushback][0])
		require.NoError(t, err)
		require.GreaterOrEqual(t, got, 10_000)
		require.Less(t, got, 12_001)
		in[min((got-10_000)/200, tenths-1)]++
	}
	for i, n := range in {
		// 40 expected; below 10 or above 80 is off by five deviations.
		assert.Greater(t, n, 10, "tenth %d of %v", i, in)
		assert.Less(t, n, 80, "tenth %d of %v", i, in)
	}
}

// The retries that grpc-go makes by itself are what a header on an error path
// would turn off (1 attempt instead of 4).
func TestNativeRetriesGoOnAndWaitAsTold(t *testing.T) {
	t.Parallel()
	const delay, attempts = 30 * time.Millisecond, 4
	for _, kind := range kinds[:3] { // a bidi stream here has sent a message, and is committed
		var calls atomic.Int32
		handle := func(context.Context) error {
			calls.Add(1)
			return status.New(status.Unavailable, "").WithRetryDelay(delay).
				WithDetails(debugInfo(50 * kib)).WithMetadata(map[string]string{"shelf": "42"})
		}
		addr := serve(t, handle, interceptors.ServerOptions(interceptors.WithDomain(domain))...)
		// Without the trailer the first wait would be a minute.
		client := pb.NewTestServiceClient(dial(t, addr, grpc.WithDefaultServiceConfig(`{"methodConfig": [{
			"name": [{}],
			"retryPolicy": {"maxAttempts": 4, "initialBackoff": "60s", "maxBackoff": "60s",
				"backoffMultiplier": 1, "retryableStatusCodes": ["UNAVAILABLE"]}}]}`)))
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		begin := time.Now()
		_, _, err := kind.call(ctx, client)
		cancel()
		assert.True(t, status.IsUnavailable(err), "%s: %v", kind.name, err)
		assert.EqualValues(t, attempts, calls.Load(), kind.name)
		assert.GreaterOrEqual(t, time.Since(begin), (attempts-1)*delay, kind.name)
		assert.Equal(t, status.ServiceCode{Domain: domain, Reason: "UNAVAILABLE"}, status.ServiceCodeOf(err))
	}
}
