package interceptors_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/connectivity"
	"google.golang.org/grpc/metadata"
	grpcstatus "google.golang.org/grpc/status"

	"github.com/errwire/errwire/interceptors"
	"github.com/errwire/errwire/retry"
	"github.com/errwire/errwire/status"
)

// A timeout of each attempt that the attempt runs into is a failure to repeat,
// where a repeat is safe; the server's own word that time is up never is.
func TestUnaryPerAttemptTimeout(t *testing.T) {
	t.Parallel()
	perAttempt := retry.WithPerAttemptTimeout(500 * time.Millisecond)
	for _, test := range []struct {
		name     string
		answer   error // nil: none in time
		channel  []interceptors.ClientOption
		runs     int
		decision retry.Decision
	}{
		{"unsafe", nil, nil, 1, retry.DecisionDoneUnsafe},
		{"unsafe after a header", nil, nil, 1, retry.DecisionDoneUnsafe},
		{"safe", nil, []interceptors.ClientOption{interceptors.WithIdempotent()}, 3, retry.DecisionDoneAttempts},
		{
			"the server's own", grpcstatus.Error(codes.DeadlineExceeded, "backend too slow"),
			[]interceptors.ClientOption{interceptors.WithIdempotent()}, 1, retry.DecisionDoneCode,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			server := startBackend(t, func(ctx context.Context, _ int) error {
				if test.name == "unsafe after a header" {
					_ = grpc.SendHeader(ctx, metadata.Pairs("early", "yes"))
				}
				if test.answer == nil {
					<-t.Context().Done()
				}
				return test.answer
			})
			var told diary
			policy := fast(t, perAttempt, told.observer(), retry.WithMaxAttempts(3))
			conn := retryingConn(t, server.addr, append(test.channel, interceptors.WithRetryPolicy(policy))...)
			until(t, conn, connectivity.Ready) // no attempt times out before it has left
			_, err := unary(t.Context(), conn)
			assertOnly(t, status.DeadlineExceeded, err)
			assert.NotErrorIs(t, err, context.DeadlineExceeded, "it was not the caller's")
			assert.Equal(t, test.runs, apiError(t, err).Attempts())
			decisions := told.decisions()
			assert.Equal(t, test.decision, decisions[len(decisions)-1])
		})
	}
}

// until connects conn and waits for a state.
func until(tb testing.TB, conn *grpc.ClientConn, want connectivity.State) {
	tb.Helper()
	conn.Connect()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	for state := conn.GetState(); state != want; state = conn.GetState() {
		require.True(tb, conn.WaitForStateChange(ctx, state), "still %v", state)
	}
}

// The caller's deadline ends an attempt that has a longer timeout of its own.
func TestUnaryDeadlineWithinAnAttempt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		attempts := 0
		err := invoked(ctx, func(ctx context.Context) error {
			attempts++
			<-ctx.Done()
			return grpcstatus.FromContextError(ctx.Err()).Err()
		}, interceptors.WithRetryPolicy(fast(t, retry.WithPerAttemptTimeout(time.Minute))), interceptors.WithIdempotent())
		assertOnly(t, status.DeadlineExceeded, err)
		assert.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Equal(t, 1, attempts)
	})
}

// The timeout of a method config is gRPC's, for each attempt: to us it is an
// answer that is not retried.
func TestUnaryMethodConfigTimeout(t *testing.T) {
	t.Parallel()
	server := startBackend(t, func(ctx context.Context, _ int) error {
		<-ctx.Done()
		return ctx.Err()
	})
	conn := plainConn(t, server.addr, append(interceptors.DialOptions(interceptors.WithIdempotent()),
		grpc.WithDefaultServiceConfig(`{"methodConfig":[{"name":[{}],"timeout":"0.05s"}]}`))...)
	_, err := unary(t.Context(), conn)
	assertOnly(t, status.DeadlineExceeded, err)
	assert.NotErrorIs(t, err, context.DeadlineExceeded, "it was not the caller's")
	assert.Equal(t, 1, apiError(t, err).Attempts())
}

// overdue is a context whose deadline has passed and which has not noticed.
type overdue struct{ context.Context } //nolint:containedctx // it is one

func (overdue) Deadline() (time.Time, bool) { return time.Now().Add(-time.Nanosecond), true }

// A server with the same deadline may be sooner than the caller's timer. What the
// timer will say is reachable all the same; a context that says nothing is not
// waited for.
func TestUnaryServerNoticesTheDeadlineFirst(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		late := grpcstatus.Error(codes.DeadlineExceeded, "too late")
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(time.Millisecond, func() { cancel(errEnough) })
		err := invoked(overdue{ctx}, func(context.Context) error { return late })
		assertOnly(t, status.DeadlineExceeded, err)
		assert.ErrorIs(t, err, errEnough)

		start := time.Now()
		err = invoked(overdue{t.Context()}, func(context.Context) error { return late })
		assert.ErrorIs(t, err, context.DeadlineExceeded)
		assert.LessOrEqual(t, time.Since(start), 10*time.Millisecond)
	})
}
