package interceptors_test

import (
	"context"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	grpcstatus "google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/errwire/errwire/interceptors"
	"github.com/errwire/errwire/retry"
	"github.com/errwire/errwire/status"
)

// asking is UNAVAILABLE with a google.rpc.RetryInfo.
func asking(tb testing.TB, delay *durationpb.Duration) error {
	tb.Helper()
	st, err := grpcstatus.New(codes.Unavailable, "busy").WithDetails(&errdetails.RetryInfo{RetryDelay: delay})
	require.NoError(tb, err)
	return st.Err()
}

// What a server asks for, by RetryInfo, by the trailer or both: the first wait is
// never shorter, and at most a fifth longer; or there is none.
func TestUnaryServerAsks(t *testing.T) {
	t.Parallel()
	ms := func(n int) *durationpb.Duration { return durationpb.New(time.Duration(n) * time.Millisecond) }
	for _, test := range []struct {
		name     string
		info     *durationpb.Duration
		trailers []string
		decision retry.Decision
		wait     time.Duration
		told     time.Duration // what the caller can read of it; -1 is nothing
	}{
		{"nothing", nil, nil, retry.DecisionRetry, 0, -1},
		{"info", ms(60), nil, retry.DecisionRetry, 60 * time.Millisecond, 60 * time.Millisecond},
		{"info of zero", ms(0), nil, retry.DecisionRetry, 0, 0},
		{"negative info", ms(-60), nil, retry.DecisionRetry, 0, -1},
		{"info too long", ms(120_001), nil, retry.DecisionDoneServerDelay, 0, 120_001 * time.Millisecond},
		{
			"info that overflows", &durationpb.Duration{Seconds: math.MaxInt64}, nil,
			retry.DecisionDoneServerDelay, 0, math.MaxInt64,
		},
		{"trailer", nil, []string{"60"}, retry.DecisionRetry, 60 * time.Millisecond, 60 * time.Millisecond},
		{"trailer of zero", nil, []string{"0"}, retry.DecisionRetry, 0, 0},
		{"trailer too long", nil, []string{"120001"}, retry.DecisionDoneServerDelay, 0, 120_001 * time.Millisecond},
		{"negative trailer", nil, []string{"-1"}, retry.DecisionDonePushback, 0, -1},
		{"garbage", nil, []string{"soon"}, retry.DecisionDonePushback, 0, -1},
		{"empty trailer", nil, []string{""}, retry.DecisionDonePushback, 0, -1},
		{"beyond an int32", nil, []string{"2147483648"}, retry.DecisionDonePushback, 0, -1},
		{"two trailers", nil, []string{"60", "60"}, retry.DecisionDonePushback, 0, -1},
		{"both, trailer longer", ms(30), []string{"60"}, retry.DecisionRetry, 60 * time.Millisecond, 30 * time.Millisecond},
		{"both, info longer", ms(60), []string{"30"}, retry.DecisionRetry, 60 * time.Millisecond, 60 * time.Millisecond},
		{"info and a trailer that says no", ms(60), []string{"-1"}, retry.DecisionDonePushback, 0, 60 * time.Millisecond},
	} {
		for name, early := range map[string]bool{"": false, " after a header": true} {
			t.Run(test.name+name, func(t *testing.T) {
				t.Parallel()
				var ran []time.Time
				answer := asking(t, test.info)
				server := startBackend(t, func(ctx context.Context, _ int) error {
					ran = append(ran, time.Now())
					for _, value := range test.trailers {
						_ = grpc.SetTrailer(ctx, metadata.Pairs("grpc-retry-pushback-ms", value))
					}
					return answer
				}, earlyHeader(early))
				var told diary
				policy := interceptors.WithRetryPolicy(fast(t, told.observer(), retry.WithMaxAttempts(2)))
				_, err := unary(t.Context(), retryingConn(t, server.addr, policy))
				assertOnly(t, status.Unavailable, err)

				first := told.all()[0]
				assert.Equal(t, test.decision, first.Decision)
				if delay, ok := status.RetryDelay(err); ok {
					assert.Equal(t, test.told, delay)
				} else {
					assert.EqualValues(t, -1, test.told)
				}
				if test.decision != retry.DecisionRetry {
					assert.EqualValues(t, 1, server.runs.Load())
					assert.Equal(t, test.decision.String(), whyStopped(t, err))
					return
				}
				assert.EqualValues(t, 2, server.runs.Load())
				assert.GreaterOrEqual(t, first.Delay, test.wait)
				assert.LessOrEqual(t, first.Delay, test.wait*6/5+2*time.Millisecond)
				require.Len(t, ran, 2)
				assert.GreaterOrEqual(t, ran[1].Sub(ran[0]), test.wait, "and it did wait")
			})
		}
	}
}

// RESOURCE_EXHAUSTED is retried where the policy names it and the server asks.
func TestUnaryResourceExhausted(t *testing.T) {
	t.Parallel()
	for name, asks := range map[string]bool{"asks": true, "does not ask": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := startBackend(t, func(ctx context.Context, _ int) error {
				if asks {
					_ = grpc.SetTrailer(ctx, metadata.Pairs("grpc-retry-pushback-ms", "1"))
				}
				return grpcstatus.Error(codes.ResourceExhausted, "quota")
			})
			policy := fast(t, retry.WithCodes(status.Unavailable, status.ResourceExhausted))
			_, err := unary(t.Context(), retryingConn(t, server.addr, interceptors.WithRetryPolicy(policy)))
			assertOnly(t, status.ResourceExhausted, err)
			want := 1
			if asks {
				want = 5
			}
			assert.EqualValues(t, want, server.runs.Load())
		})
	}
}

// The wish of an error that the policy does not retry is still told.
func TestUnaryPushbackOfAnotherCode(t *testing.T) {
	t.Parallel()
	server := startBackend(t, func(ctx context.Context, _ int) error {
		_ = grpc.SetTrailer(ctx, metadata.Pairs("grpc-retry-pushback-ms", "60"))
		return grpcstatus.Error(codes.Aborted, "again, please")
	})
	_, err := unary(t.Context(), retryingConn(t, server.addr))
	delay, ok := status.RetryDelay(err)
	assert.True(t, ok)
	assert.Equal(t, 60*time.Millisecond, delay)
	assert.EqualValues(t, 1, server.runs.Load())
}
