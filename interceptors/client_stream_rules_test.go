package interceptors_test

import (
	"context"
	"io"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	grpcstatus "google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/errwire/errwire/interceptors"
	"github.com/errwire/errwire/retry"
	"github.com/errwire/errwire/status"
)

// However many layers there are, one of them retries, on streams that send
// something and on those that do not.
func TestStreamOneLayer(t *testing.T) {
	t.Parallel()
	for _, test := range layerings(t, func(opts ...interceptors.ClientOption) grpc.DialOption {
		return grpc.WithChainStreamInterceptor(interceptors.StreamClientInterceptor(opts...))
	}) {
		for silent, sends := range map[string][]string{"": {"q"}, ", nothing sent": nil} {
			t.Run(test.name+silent, func(t *testing.T) {
				t.Parallel()
				server := startTalk(t, func(int, talk) error { return errDown })
				conn := plainConn(t, server.addr, append(slices.Clip(test.dial), nativeRetry)...)
				stream := openStream(t.Context(), t, conn, bothStream, test.call...)
				for _, text := range sends {
					if err := stream.SendMsg(wrapperspb.String(text)); err != nil {
						require.Same(t, io.EOF, err)
					}
				}
				_, err := receive(stream)
				assert.EqualValues(t, test.runs, server.streams.Load())
				if test.attempts > 0 {
					assertOnly(t, status.Unavailable, err)
					assert.Equal(t, test.attempts, apiError(t, err).Attempts())
					assert.Equal(t, "down", err.Error())
				}
			})
		}
	}
}

// What a server asks for holds for streams as well.
func TestStreamServerAsks(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name     string
		err      error
		trailer  string
		decision retry.Decision
		wait     time.Duration
	}{
		{"info", asking(t, durationpb.New(60*time.Millisecond)), "", retry.DecisionRetry, 60 * time.Millisecond},
		{"info too long", asking(t, durationpb.New(time.Hour)), "", retry.DecisionDoneServerDelay, 0},
		{"trailer", errDown, "60", retry.DecisionRetry, 60 * time.Millisecond},
		{"negative trailer", errDown, "-1", retry.DecisionDonePushback, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			server := startTalk(t, func(_ int, s talk) error {
				if test.trailer != "" {
					s.SetTrailer(metadata.Pairs("grpc-retry-pushback-ms", test.trailer))
				}
				return test.err
			})
			var told diary
			policy := interceptors.WithRetryPolicy(fast(t, told.observer(), retry.WithMaxAttempts(2)))
			start := time.Now()
			_, err := receive(openStream(t.Context(), t, retryingConn(t, server.addr, policy), serverStream))
			assertOnly(t, status.Unavailable, err)
			assert.GreaterOrEqual(t, time.Since(start), test.wait)
			assert.Equal(t, test.decision, told.all()[0].Decision)
			assert.GreaterOrEqual(t, told.all()[0].Delay, test.wait)
			if test.decision != retry.DecisionRetry {
				assert.Equal(t, test.decision.String(), whyStopped(t, err))
			}
		})
	}
}

// A wait that would outlive the deadline is not begun; a context that ends
// during one is told of, beside the real error.
func TestStreamContextEndsInAWait(t *testing.T) {
	t.Parallel()
	slow := interceptors.WithRetryPolicy(retry.MustPolicy(retry.WithBackoff(time.Minute, time.Minute)))
	down := func(s *stub) { s.recv = func(any) error { return s.finish(errDown, nil, answering) } }
	t.Run("deadline", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			start := time.Now()
			_, err := receive(stubbed(ctx, t, serverStream, down, []interceptors.ClientOption{slow}))
			assert.Zero(t, time.Since(start))
			assertOnly(t, status.Unavailable, err)
			assert.Equal(t, "deadline_too_close", whyStopped(t, err))
		})
	})
	t.Run("cancel", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(time.Second, cancel)
			finished := 0
			stream := stubbed(ctx, t, bothStream, down, []interceptors.ClientOption{slow},
				grpc.OnFinish(func(error) { finished++ }))
			sending := make(chan error, 1)
			go func() {
				time.Sleep(time.Millisecond) // in virtual time: the wait has begun
				sending <- stream.SendMsg(wrapperspb.String("q"))
			}()
			start := time.Now()
			_, err := receive(stream)
			assert.Equal(t, time.Second, time.Since(start))
			assertOnly(t, status.Unavailable, err)
			require.ErrorIs(t, err, context.Canceled)
			assert.Equal(t, "context_ended", whyStopped(t, err))
			assert.Same(t, io.EOF, <-sending, "it waited for the verdict")
			assert.Equal(t, 1, finished)
		})
	})
}

// Attempts tell how many came before.
func TestStreamPreviousAttempts(t *testing.T) {
	t.Parallel()
	told := make(chan []string, 3)
	server := startTalk(t, func(stream int, s talk) error {
		md, _ := metadata.FromIncomingContext(s.Context())
		told <- md.Get("grpc-previous-rpc-attempts")
		if stream < 3 {
			return errDown
		}
		return nil
	})
	_, err := receive(openStream(t.Context(), t, retryingConn(t, server.addr), serverStream))
	require.Same(t, io.EOF, err)
	assert.Empty(t, <-told)
	assert.Equal(t, []string{"1"}, <-told)
	assert.Equal(t, []string{"2"}, <-told)
}

// A stream is one call to the budget: it is given back for one answer, however
// it ends, and a retry costs a token.
func TestStreamBudget(t *testing.T) {
	t.Parallel()
	ends := map[string]error{"well": io.EOF, "not found": errGone, "down": errDown}
	for name, end := range ends {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			// Two calls have to be answered for one retry.
			budget, err := retry.NewBudget(retry.WithTokens(1), retry.WithTokenRatio(0.5))
			require.NoError(t, err)
			opts := []interceptors.ClientOption{interceptors.WithRetryPolicy(retry.MustPolicy(
				retry.WithBudget(budget), retry.WithMaxAttempts(2), retry.WithBackoff(0, 0)))}
			attempts := func() int {
				_, err := receive(stubbed(t.Context(), t, serverStream, func(s *stub) {
					s.recv = func(any) error { return s.finish(errDown, nil, answering) }
				}, opts))
				return apiError(t, err).Attempts()
			}
			answered := func() {
				stream := stubbed(t.Context(), t, serverStream, func(s *stub) {
					n := 0
					s.recv = func(any) error {
						if n++; n <= 3 {
							return nil
						}
						return s.finish(end, answering, answering)
					}
				}, opts)
				got, _ := receiveAll(stream)
				assert.Len(t, got, 3)
			}
			assert.Equal(t, 2, attempts())
			assert.Equal(t, 1, attempts(), "spent")
			answered()
			assert.Equal(t, 1, attempts(), "half a token")
			answered()
			assert.Equal(t, 2, attempts(), "a token")
		})
	}
}

// Which failures are told to the observer, and why nothing followed.
func TestStreamObserver(t *testing.T) {
	t.Parallel()
	type end struct {
		answered bool
		err      error
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	exhausted := grpcstatus.Error(codes.ResourceExhausted, "no more")
	again, code, committed := retry.DecisionRetry, retry.DecisionDoneCode, retry.DecisionDoneCommitted
	for _, test := range []struct {
		name     string
		ctx      context.Context //nolint:containedctx // a test's table
		attempts int
		ends     []end
		want     []retry.Decision
	}{
		{"well", t.Context(), 3, []end{{true, io.EOF}}, nil},
		{"well, empty", t.Context(), 3, []end{{false, io.EOF}}, nil},
		{"well at the second", t.Context(), 3, []end{{false, errDown}, {true, io.EOF}}, []retry.Decision{again}},
		{"down", t.Context(), 2, []end{{false, errDown}, {false, errDown}}, []retry.Decision{again, retry.DecisionDoneAttempts}},
		{"down after an answer", t.Context(), 3, []end{{true, errDown}}, []retry.Decision{committed}},
		{"down after an answer, late", t.Context(), 3, []end{{false, errDown}, {true, errDown}}, []retry.Decision{again, committed}},
		{"not found", t.Context(), 3, []end{{false, errGone}}, []retry.Decision{code}},
		{"not found after an answer", t.Context(), 3, []end{{true, errGone}}, []retry.Decision{code}},
		{"one attempt", t.Context(), 1, []end{{false, errDown}}, []retry.Decision{retry.DecisionDoneAttempts}},
		{"one attempt, after an answer", t.Context(), 1, []end{{true, errDown}}, []retry.Decision{committed}},
		{"one attempt, not found", t.Context(), 1, []end{{false, errGone}}, []retry.Decision{code}},
		{"another code", t.Context(), 3, []end{{false, exhausted}}, []retry.Decision{code}},
		{"plain error", t.Context(), 3, []end{{false, io.ErrNoProgress}}, []retry.Decision{retry.DecisionDoneStop}},
		{"plain error after an answer", t.Context(), 3, []end{{true, io.ErrNoProgress}}, []retry.Decision{retry.DecisionDoneStop}},
		{"cancelled", cancelled, 3, []end{{false, errCancelled}}, []retry.Decision{retry.DecisionDoneContext}},
		{"cancelled after an answer", cancelled, 3, []end{{true, errCancelled}}, []retry.Decision{retry.DecisionDoneContext}},
		{"cancelled by the server", t.Context(), 3, []end{{false, errCancelled}}, []retry.Decision{code}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var told diary
			policy := fast(t, retry.WithMaxAttempts(test.attempts), told.observer())
			stream := stubbed(test.ctx, t, serverStream, func(s *stub) {
				end, n := test.ends[s.number-1], 0
				s.recv = func(any) error {
					if n++; n == 1 && end.answered {
						return nil
					}
					return s.finish(end.err, answering, answering)
				}
			}, []interceptors.ClientOption{interceptors.WithRetryPolicy(policy)})
			_, err := receiveAll(stream)
			assert.Equal(t, test.want, told.decisions())
			for i, event := range told.all() {
				assert.Equal(t, i+1, event.Attempt)
				assert.Equal(t, "/stub.Stub/Talk", event.Method)
				assert.ErrorIs(t, event.Err, test.ends[i].err)
			}
			if _, ok := status.Recognize(err); ok {
				assert.Equal(t, len(test.ends), apiError(t, err).Attempts())
			}
		})
	}
}
