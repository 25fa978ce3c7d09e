package retry_test

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"math"
	"net/url"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	grpcstatus "google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/errwire/errwire/retry"
	"github.com/errwire/errwire/status"
)

func TestDoRetriesUnavailableAndNothingElse(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for _, code := range allCodes() {
			want := 1
			if code == status.Unavailable {
				want = 5
			}
			for name, err := range map[string]error{
				"native":  status.New(code, "why"),
				"wrapped": fmt.Errorf("store: %w", status.New(code, "why")),
				"gRPC":    grpcstatus.Error(code.GRPC(), "why"),
				"bare":    code,
			} {
				server := callee{err: err}
				got := retry.Do(t.Context(), policy(t), server.call)
				assert.Equal(t, want, server.calls, "%v, %s", code, name)
				assert.Equal(t, want, status.FromError(got).Attempts(), "%v, %s", code, name)
				assert.Equal(t, status.CodeOf(err), status.CodeOf(got), name)
				assert.Equal(t, status.FromError(err).Message(), got.Error(), "a retry changes no message")
				assert.ErrorIs(t, got, err)
			}
		}
	})
}

func TestDoStopsAtSuccess(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		start, calls := time.Now(), 0
		require.NoError(t, retry.Do(t.Context(), policy(t), func(context.Context) error {
			if calls++; calls < 3 {
				return down()
			}
			return nil
		}))
		assert.Equal(t, 3, calls)
		assert.Equal(t, 1500*ms, time.Since(start))
	})
}

func TestDoReturnsTheErrorOfTheLastAttempt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		calls := 0
		err := retry.Do(t.Context(), policy(t), func(context.Context) error {
			if calls++; calls == 3 {
				return status.New(status.NotFound, "gone")
			}
			return down()
		})
		assert.True(t, status.IsNotFound(err))
		assert.Equal(t, 3, status.FromError(err).Attempts())
	})
}

func TestWithCodesTakesThePlaceOfUnavailable(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := policy(t, retry.WithCodes(status.Aborted, status.ResourceExhausted))
		for _, tt := range []struct {
			err      *status.Error
			attempts int
		}{
			{status.New(status.Aborted, ""), 5},
			{status.New(status.Unavailable, ""), 1},
			{status.New(status.Conflict, ""), 1},
			{status.New(status.ResourceExhausted, ""), 1},
			{status.New(status.ResourceExhausted, "").WithRetryDelay(time.Second), 5},
			{status.New(status.ResourceExhausted, "").WithRetryDelay(0), 5},
			{status.New(status.Unavailable, "").WithRetryDelay(time.Second), 1},
		} {
			server := callee{err: tt.err}
			require.Error(t, retry.Do(t.Context(), p, server.call))
			assert.Equal(t, tt.attempts, server.calls, "%+v", tt.err)
		}
	})
}

func TestDoObeysTheServer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for _, r := range []float64{0, 0.5, 0.999} {
			for _, wish := range []time.Duration{0, ms, s, 90 * s} {
				var seen recorder
				start := time.Now()
				server := callee{err: status.New(status.Unavailable, "later").WithRetryDelay(wish)}
				require.Error(t, retry.Do(t.Context(), policy(t, random(r), seen.option()), server.call))
				assert.Equal(t, 5, server.calls)
				var total time.Duration
				for _, delay := range seen.delays() {
					assert.GreaterOrEqual(t, delay, wish)
					assert.LessOrEqual(t, delay, wish+max(wish, 4*s)/5)
					total += delay
				}
				assert.Equal(t, total, time.Since(start), "what the observer hears is what is slept")
			}
		}
	})
}

func TestDoDoesNotWaitForWhatIsTooLong(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		withDelay := func(seconds int64) error {
			st, err := grpcstatus.New(codes.Unavailable, "later").WithDetails(
				&errdetails.RetryInfo{RetryDelay: &durationpb.Duration{Seconds: seconds}})
			require.NoError(t, err)
			return st.Err()
		}
		for _, tt := range []struct {
			name  string
			err   error
			limit time.Duration
		}{
			{"longer than the limit", withDelay(121), 2 * time.Minute},
			{"asked, and no wait is allowed", withDelay(1), 0},
			{"overflowing", withDelay(math.MaxInt64), 2 * time.Minute},
			{"overflowing, and no limit", withDelay(math.MaxInt64), math.MaxInt64},
		} {
			start, server := time.Now(), callee{err: tt.err}
			err := retry.Do(t.Context(), policy(t, retry.WithMaxServerDelay(tt.limit)), server.call)
			assert.True(t, status.IsUnavailable(err), tt.name)
			assert.Equal(t, 1, server.calls, tt.name)
			assert.Zero(t, time.Since(start), tt.name)
		}
		// A negative wish is none.
		start, server := time.Now(), callee{err: withDelay(-5)}
		require.Error(t, retry.Do(t.Context(), policy(t), server.call))
		assert.Equal(t, 5, server.calls)
		assert.Equal(t, 7500*ms, time.Since(start))
	})
}

func TestDoLeavesPlainErrorsAlone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := policy(t, retry.WithCodes(status.Unknown, status.Unavailable))
		plain := errors.New("no such option")
		for name, err := range map[string]error{
			"plain":           plain,
			"wrapped":         fmt.Errorf("call: %w", plain),
			"joined":          errors.Join(plain, errors.New("other")),
			"typed nil":       (*status.Error)(nil),
			"hostile":         (*hostile)(nil),
			"in a circle":     newCircle(),
			"a very long one": deep(plain, 10_000),
		} {
			server := callee{err: err}
			got := retry.Do(t.Context(), p, server.call)
			assert.True(t, got == err, "%s: the very same", name) //nolint:testifylint // Same cannot, Equal would follow the circle
			assert.Equal(t, 1, server.calls, name)
		}
		// An API error of that code is another matter.
		server := callee{err: status.New(status.Unknown, "")}
		require.Error(t, retry.Do(t.Context(), p, server.call))
		assert.Equal(t, 5, server.calls)
	})
}

func TestDoDoesNotRetryTLSFailures(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var seen recorder
		server := callee{err: &url.Error{Op: "Get", URL: "https://example.com", Err: x509.UnknownAuthorityError{}}}
		err := retry.Do(t.Context(), policy(t, seen.option()), server.call)
		assert.True(t, status.IsUnavailable(err))
		assert.Equal(t, 1, server.calls)
		assert.Equal(t, []retry.Decision{retry.DecisionDoneStop}, seen.decisions())
	})
}

func TestDoRefusesNilArguments(t *testing.T) {
	t.Parallel()
	server := callee{err: down()}
	var nilContext context.Context
	for _, tt := range []struct {
		name    string
		ctx     context.Context
		policy  *retry.Policy
		attempt func(context.Context) error
		says    string
	}{
		{"context", nilContext, retry.DefaultPolicy(), server.call, "nil context"},
		{"policy", t.Context(), nil, server.call, "not made by NewPolicy"},
		{"zero policy", t.Context(), &retry.Policy{}, server.call, "not made by NewPolicy"},
		{"attempt", t.Context(), retry.DefaultPolicy(), nil, "nil attempt"},
		{"all", nilContext, nil, nil, "nil context"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			err := retry.Do(tt.ctx, tt.policy, tt.attempt)
			requirePlain(t, err)
			assert.ErrorContains(t, err, tt.says)
		})
	}
	assert.Zero(t, server.calls)
}

func TestDoHasNoBudgetUnlessGivenOne(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		shared := budget(t)
		free, bounded := callee{err: down()}, callee{err: down()}
		for range 100 {
			require.Error(t, retry.Do(t.Context(), policy(t), free.call))
			require.Error(t, retry.Do(t.Context(), policy(t, retry.WithBudget(shared)), bounded.call))
		}
		assert.Equal(t, 500, free.calls)
		assert.Equal(t, 106, bounded.calls)
	})
}
