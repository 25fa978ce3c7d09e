package retry_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/errwire/errwire/retry"
	"github.com/errwire/errwire/status"
)

func TestDoDoesNotSleepIntoTheDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for name, server := range map[string]*callee{
			"backoff":       {err: down()},
			"server's wish": {err: status.New(status.Unavailable, "down").WithRetryDelay(5 * s)},
		} {
			var seen recorder
			start := time.Now()
			ctx, cancel := context.WithTimeout(t.Context(), 300*ms)
			err := retry.Do(ctx, policy(t, retry.WithBackoff(5*s, 5*s), seen.option()), server.call)
			assert.Zero(t, time.Since(start), name)
			assert.True(t, status.IsUnavailable(err), name)
			assert.Equal(t, "down", err.Error(), name)
			assert.NotErrorIs(t, err, context.DeadlineExceeded, "%s: it has not passed yet", name)
			assert.Equal(t, 1, server.calls, name)
			assert.Equal(t, []retry.Decision{retry.DecisionDoneDeadline}, seen.decisions(), name)
			cancel()
		}
	})
}

func TestDoUsesTheTimeThatThereIs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for deadline, attempts := range map[time.Duration]int{
			500 * ms:    1, // the wait would end with the context
			501 * ms:    2,
			2 * s:       3,
			time.Minute: 5,
		} {
			ctx, cancel := context.WithTimeout(t.Context(), deadline)
			server := callee{err: down()}
			err := retry.Do(ctx, policy(t), server.call)
			assert.True(t, status.IsUnavailable(err))
			assert.Equal(t, attempts, server.calls, "%v", deadline)
			cancel()
		}
	})
}

// noDeadline hides the deadline of a context, but not its end.
type noDeadline struct{ context.Context }

func (noDeadline) Deadline() (deadline time.Time, ok bool) { return time.Time{}, false }

func TestContextThatEndsDuringAWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		why, cause := errors.New("shutting down"), errors.New("connection refused")
		for _, tt := range []struct {
			name string
			ctx  func() (context.Context, context.CancelFunc)
			is   []error
			not  error
		}{
			{"cancelled", func() (context.Context, context.CancelFunc) {
				ctx, cancel := context.WithCancel(t.Context())
				time.AfterFunc(100*ms, cancel)
				return ctx, cancel
			}, []error{context.Canceled}, context.DeadlineExceeded},
			{"cancelled, with a cause", func() (context.Context, context.CancelFunc) {
				ctx, cancel := context.WithCancelCause(t.Context())
				time.AfterFunc(100*ms, func() { cancel(why) })
				return ctx, func() { cancel(nil) }
			}, []error{context.Canceled, why}, context.DeadlineExceeded},
			{"timed out, with a cause", func() (context.Context, context.CancelFunc) {
				ctx, cancel := context.WithTimeoutCause(t.Context(), 100*ms, why)
				return noDeadline{ctx}, cancel
			}, []error{context.DeadlineExceeded, why}, context.Canceled},
		} {
			ctx, cancel := tt.ctx()
			var seen recorder
			start := time.Now()
			server := callee{err: status.New(status.Unavailable, "down").WithCause(cause)}
			err := retry.Do(ctx, policy(t, seen.option()), server.call)
			assert.Equal(t, 100*ms, time.Since(start), tt.name)
			assert.Equal(t, 1, server.calls, tt.name)

			assert.Equal(t, "down", err.Error(), "%s: the real error", tt.name)
			assert.True(t, status.IsUnavailable(err), tt.name)
			assert.False(t, status.IsCancelled(err), tt.name)
			assert.False(t, status.IsDeadlineExceeded(err), tt.name)
			assert.Equal(t, 1, status.FromError(err).Attempts(), tt.name)
			require.ErrorIs(t, err, cause, tt.name)
			for _, want := range tt.is {
				require.ErrorIs(t, err, want, tt.name)
			}
			assert.NotErrorIs(t, err, tt.not, tt.name)
			assert.Equal(t, "context_ended", stopReason(t, err), tt.name)
			assert.Equal(t, []retry.Decision{retry.DecisionRetry}, seen.decisions(), "%s: one event per failed attempt", tt.name)
			cancel()
		}
	})
}

func TestContextThatEndsDuringAnAttempt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		why := errors.New("shutting down")
		for _, tt := range []struct {
			name     string
			err      func(context.Context) error
			code     status.Code
			decision retry.Decision
		}{
			{"its own error", context.Context.Err, status.Cancelled, retry.DecisionDoneContext},
			{"a status of it", func(context.Context) error { return status.New(status.Cancelled, "") }, status.Cancelled, retry.DecisionDoneContext},
			{"a late one", func(context.Context) error { return status.New(status.DeadlineExceeded, "") }, status.DeadlineExceeded, retry.DecisionDoneContext},
			{"a failure that would be retried", func(context.Context) error { return down() }, status.Unavailable, retry.DecisionDoneContext},
			{"a failure that would not", func(context.Context) error { return status.NotFound }, status.NotFound, retry.DecisionDoneCode},
		} {
			for _, opt := range []retry.Option{retry.WithMaxAttempts(5), retry.WithPerAttemptTimeout(s)} {
				ctx, cancel := context.WithCancelCause(t.Context())
				var seen recorder
				calls := 0
				err := retry.Do(ctx, policy(t, opt, seen.option()), func(ctx context.Context) error {
					calls++
					cancel(why)
					return tt.err(ctx)
				})
				assert.Equal(t, 1, calls, tt.name)
				assert.Equal(t, tt.code, status.CodeOf(err), tt.name)
				assert.Equal(t, []retry.Decision{tt.decision}, seen.decisions(), tt.name)
				ended := tt.decision == retry.DecisionDoneContext
				assert.Equal(t, ended, errors.Is(err, context.Canceled), tt.name)
				assert.Equal(t, ended, errors.Is(err, why), tt.name)
			}
		}
	})
}

func TestCauseThatAnAttemptReturnsIsItsOwn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		why := errors.New("shutting down")
		for _, opt := range []retry.Option{retry.WithMaxAttempts(5), retry.WithPerAttemptTimeout(s)} {
			ctx, cancel := context.WithCancelCause(t.Context())
			cancel(why)
			calls := 0
			err := retry.Do(ctx, policy(t, opt), func(ctx context.Context) error {
				calls++
				return context.Cause(ctx)
			})
			assert.Same(t, why, err)
			assert.Equal(t, 1, calls, "the first attempt is made whatever has become of the context")
		}
	})
}

func TestPerAttemptTimeout(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		slow := func(err error) func(context.Context) error {
			return func(ctx context.Context) error {
				<-ctx.Done()
				if err == nil {
					return ctx.Err()
				}
				return err
			}
		}
		quick := func(err error) func(context.Context) error {
			return func(context.Context) error { return err }
		}
		for _, tt := range []struct {
			name     string
			attempt  func(context.Context) error
			attempts int
			elapsed  time.Duration
		}{
			{"ran into it", slow(nil), 5, 5*s + 7500*ms},
			{"ran into it, as a status", slow(status.DeadlineExceeded), 5, 5*s + 7500*ms},
			{"ran into it, as a cancellation", slow(status.Cancelled), 5, 5*s + 7500*ms},
			{"ran into it, as a broken connection", slow(down()), 5, 5*s + 7500*ms},
			{"ran into it, and had an answer", slow(status.NotFound), 1, s},
			{"ran into it, and had a programming error", slow(errors.New("bug")), 1, s},
			{"the callee's own timeout", quick(status.DeadlineExceeded), 1, 0},
			{"the callee's own context", quick(context.DeadlineExceeded), 1, 0},
			{"in time", quick(nil), 0, 0},
		} {
			var seen recorder
			start := time.Now()
			err := retry.Do(t.Context(), policy(t, retry.WithPerAttemptTimeout(s), seen.option()), tt.attempt)
			assert.Len(t, seen.events, tt.attempts, tt.name)
			assert.Equal(t, tt.elapsed, time.Since(start), tt.name)
			assert.Equal(t, tt.attempts == 0, err == nil, tt.name)
		}
	})
}

func TestPerAttemptTimeoutIsWithinTheCallersDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var seen recorder
		start := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), 2200*ms)
		defer cancel()
		err := retry.Do(ctx, policy(t, retry.WithPerAttemptTimeout(s), seen.option()), func(ctx context.Context) error {
			<-ctx.Done()
			return ctx.Err()
		})
		assert.True(t, status.IsDeadlineExceeded(err))
		require.ErrorIs(t, err, context.DeadlineExceeded)
		// 1 s, 500 ms of waiting, and the 700 ms that are left.
		assert.Equal(t, 2200*ms, time.Since(start))
		assert.Equal(t, []retry.Decision{retry.DecisionRetry, retry.DecisionDoneContext}, seen.decisions())
	})
}

func TestEachAttemptHasItsOwnContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		type key struct{}
		ctx := context.WithValue(t.Context(), key{}, "value")
		var seen []context.Context
		require.Error(t, retry.Do(ctx, policy(t, retry.WithPerAttemptTimeout(s)), func(ctx context.Context) error {
			require.NoError(t, ctx.Err())
			seen = append(seen, ctx)
			return down()
		}))
		require.Len(t, seen, 5)
		for _, ctx := range seen {
			assert.Equal(t, "value", ctx.Value(key{}))
			require.ErrorIs(t, ctx.Err(), context.Canceled, "nothing of an attempt outlives it")
		}
		require.NoError(t, ctx.Err())
	})
}

func TestSleep(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var nilContext context.Context
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		soon, cancel := context.WithTimeout(t.Context(), s)
		defer cancel()
		for _, tt := range []struct {
			name string
			ctx  context.Context
			wait time.Duration
			took time.Duration
			want bool
		}{
			{"to the end", t.Context(), 500 * ms, 500 * ms, true},
			{"no wait", t.Context(), 0, 0, true},
			{"negative", t.Context(), -s, 0, true},
			{"nil context", nilContext, 100 * ms, 100 * ms, true},
			{"ended before", ended, s, 0, false},
			{"ended before, no wait", ended, 0, 0, false},
			{"ends first", soon, 10 * s, 400 * ms, false},
		} {
			start := time.Now()
			assert.Equal(t, tt.want, retry.Sleep(tt.ctx, tt.wait), tt.name)
			assert.Equal(t, tt.took, time.Since(start), tt.name)
		}
	})
}
