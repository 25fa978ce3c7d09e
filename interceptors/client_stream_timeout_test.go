package interceptors_test

import (
	"context"
	"io"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	grpcstatus "google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/errwire/errwire/interceptors"
	"github.com/errwire/errwire/retry"
	"github.com/errwire/errwire/status"
)

var (
	errCancelled = grpcstatus.Error(codes.Canceled, "context canceled")
	errGone      = grpcstatus.Error(codes.NotFound, "gone")
)

func withoutEOF(err error) error {
	if err == io.EOF {
		return nil
	}
	return err
}

const attemptTimeout = time.Second

// timed are the options of a stream with a timeout for each attempt, on which an
// attempt may be repeated.
func timed(t *testing.T, told *diary, opts ...retry.Option) []interceptors.ClientOption {
	t.Helper()
	opts = append([]retry.Option{retry.WithPerAttemptTimeout(attemptTimeout), told.observer()}, opts...)
	return []interceptors.ClientOption{interceptors.WithRetryPolicy(fast(t, opts...)), interceptors.WithIdempotent()}
}

// A timeout for each attempt ends with the first thing that the caller receives;
// what flows is not cut.
func TestStreamTimeoutEndsAtTheFirstMessage(t *testing.T) {
	t.Parallel()
	for _, attempts := range []int{1, 3} {
		for _, first := range []string{"message", "header"} {
			t.Run(first, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					var told diary
					stream := stubbed(t.Context(), t, serverStream, func(s *stub) {
						n := 0
						s.recv = func(m any) error {
							if n++; n == 4 {
								return s.finish(io.EOF, answering, nil)
							}
							if n > 1 || first == "header" {
								select {
								case <-s.ctx.Done():
									return s.finish(context.Cause(s.ctx), answering, nil)
								case <-time.After(time.Hour):
								}
							}
							put(m, "x")
							return nil
						}
						s.header = func() (metadata.MD, error) { return answering, nil }
					}, timed(t, &told, retry.WithMaxAttempts(attempts)))
					if first == "header" {
						_, err := stream.Header()
						require.NoError(t, err)
					}
					got, err := receiveAll(stream)
					require.NoError(t, err)
					assert.Len(t, got, 3)
					assert.Empty(t, told.all())
				})
			})
		}
	}
}

// An attempt that runs into its timeout is followed by another, whoever of the
// caller's goroutines finds out; the server is told no deadline.
func TestStreamTimeoutIsRetried(t *testing.T) {
	t.Parallel()
	for name, find := range map[string]func(*testing.T, grpc.ClientStream){
		"RecvMsg": func(*testing.T, grpc.ClientStream) {},
		"Header": func(t *testing.T, stream grpc.ClientStream) {
			t.Helper()
			header, err := stream.Header()
			require.NoError(t, err)
			assert.Equal(t, answering, header)
		},
		"SendMsg": func(t *testing.T, stream grpc.ClientStream) {
			t.Helper()
			time.Sleep(attemptTimeout + 1)
			require.NoError(t, stream.SendMsg(wrapperspb.String("q")))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var told diary
				start := time.Now()
				stream := stubbed(t.Context(), t, bothStream, func(s *stub) {
					_, deadline := s.ctx.Deadline()
					assert.False(t, deadline)
					if s.number < 3 {
						s.send = func(any) error {
							if s.ctx.Err() != nil {
								return io.EOF
							}
							return nil
						}
						return
					}
					s.header = func() (metadata.MD, error) { return answering, nil }
					s.recv = func(any) error { return s.finish(io.EOF, answering, nil) }
				}, timed(t, &told))
				find(t, stream)
				got, err := receiveAll(stream)
				require.NoError(t, err)
				assert.Empty(t, got)
				assert.GreaterOrEqual(t, time.Since(start), 2*attemptTimeout)
				assert.Equal(t, []retry.Decision{retry.DecisionRetry, retry.DecisionRetry}, told.decisions())
				for _, event := range told.all() {
					assert.True(t, status.IsDeadlineExceeded(event.Err), "%v", event.Err)
				}
			})
		})
	}
}

// Where a repeat is not safe, or is one too many, the timeout is the error.
func TestStreamTimeoutIsTheError(t *testing.T) {
	t.Parallel()
	for _, attempts := range []int{1, 2} {
		synctest.Test(t, func(t *testing.T) {
			var told diary
			finished := 0
			stream := stubbed(t.Context(), t, serverStream, func(*stub) {},
				timed(t, &told, retry.WithMaxAttempts(attempts)), grpc.OnFinish(func(error) { finished++ }))
			_, err := receive(stream)
			assertOnly(t, status.DeadlineExceeded, err)
			assert.NotErrorIs(t, err, context.DeadlineExceeded, "it was not the caller's")
			assert.Equal(t, attempts, apiError(t, err).Attempts())
			assert.Equal(t, "attempts_exhausted", whyStopped(t, err))
			assert.Equal(t, 1, finished)
		})
	}
}

// An answer is not made a timeout of by a timer that fires later.
func TestStreamTimerIsLate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var told diary
		stream := stubbed(t.Context(), t, serverStream, func(s *stub) {
			s.recv = func(any) error {
				err := s.finish(errGone, nil, answering)
				time.Sleep(2 * attemptTimeout)
				return err
			}
		}, timed(t, &told))
		_, err := receive(stream)
		assertOnly(t, status.NotFound, err)
		assert.Equal(t, []retry.Decision{retry.DecisionDoneCode}, told.decisions())
	})
}

// A message that comes when the timer has fired is of an attempt that is over:
// the caller gets those of the next one only.
func TestStreamMessageIsLate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var told diary
		stream := stubbed(t.Context(), t, serverStream, func(s *stub) {
			n := 0
			s.recv = func(m any) error {
				switch n++; {
				case s.number == 1 && n == 1:
					time.Sleep(2 * attemptTimeout)
					put(m, "late")
					return nil
				case s.number == 1:
					return s.finish(errCancelled, answering, nil)
				case n == 1:
					return nil // an empty message
				default:
					return s.finish(io.EOF, answering, nil)
				}
			}
		}, timed(t, &told))
		got, err := receiveAll(stream)
		require.NoError(t, err)
		assert.Equal(t, []string{""}, got)
		assert.Equal(t, []retry.Decision{retry.DecisionRetry}, told.decisions())
	})
}

// A stream that nobody reads when its attempt runs out of time ends with its
// context, and says so.
func TestStreamTimedOutAndAbandoned(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		var told diary
		finished := make(chan error, 2)
		stream := stubbed(ctx, t, serverStream, func(s *stub) {
			context.AfterFunc(s.ctx, func() { _ = s.finish(errCancelled, nil, nil) })
		}, timed(t, &told), grpc.OnFinish(func(err error) { finished <- err }))
		time.Sleep(2 * attemptTimeout)
		assert.Empty(t, finished, "it may be retried")
		cancel()
		synctest.Wait()
		assert.Len(t, finished, 1)
		assertOnly(t, status.DeadlineExceeded, <-finished)
		_, err := receive(stream)
		assertOnly(t, status.DeadlineExceeded, err)
		assert.ErrorIs(t, err, context.Canceled)
		assert.Len(t, told.all(), 1)
	})
}
