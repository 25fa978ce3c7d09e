package interceptors_test

import (
	"context"
	"net"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	"github.com/errwire/errwire/interceptors"
	"github.com/errwire/errwire/retry"
	"github.com/errwire/errwire/status"
)

// The caller's context ends while a resumption is under way, at any point of it:
// the caller is told at once, of the break if there was nothing after it.
func TestResumeContextEnds(t *testing.T) {
	t.Parallel()
	const life = time.Second // of the context
	after := func(context.CancelFunc) { time.Sleep(2 * life) }
	for _, test := range []struct {
		name     string
		backoff  time.Duration
		hook     func(context.CancelFunc)
		second   error // how the second attempt ends
		byHand   bool  // it is cancelled; else its deadline passes
		took     time.Duration
		want     status.Code
		why      string
		attempts int
	}{
		{"cancelled in the wait", time.Minute, nil, nil, true, life, status.Unavailable, "context_ended", 1},
		{"wait longer than the deadline", time.Minute, nil, nil, false, 0, status.Unavailable, "deadline_too_close", 1},
		{"cancelled in the ResumeFunc", 0, func(cancel context.CancelFunc) { cancel() }, nil, true, 0, status.Unavailable, "context_ended", 1},
		{"deadline in the ResumeFunc", 0, after, nil, false, 2 * life, status.Unavailable, "context_ended", 1},
		{"cancelled in the next attempt", 0, nil, errSilent, true, life, status.Cancelled, "context_ended", 2},
		{"deadline in the next attempt", 0, nil, errSilent, false, life, status.DeadlineExceeded, "context_ended", 2},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), life)
				if test.byHand {
					ctx, cancel = context.WithCancel(t.Context())
				}
				defer cancel()
				var finished []error
				n := &novel{chapters: []chapter{{[]string{"a"}, errDown}, {nil, test.second}}}
				hook := func(req, last proto.Message) proto.Message {
					if test.hook != nil {
						test.hook(cancel)
					}
					return afterLast(req, last)
				}
				policy := interceptors.WithRetryPolicy(fast(t, retry.WithBackoff(test.backoff, time.Minute)))
				stream := n.open(ctx, t, []interceptors.ClientOption{policy}, interceptors.Resume(hook),
					grpc.OnFinish(func(err error) { finished = append(finished, err) }))
				readTo(t, stream, 1)
				if test.byHand {
					time.AfterFunc(life, cancel)
				}
				start := time.Now()
				_, err := receive(stream)
				assert.Equal(t, test.took, time.Since(start))
				assertOnly(t, test.want, err)
				assert.Equal(t, test.why, whyStopped(t, err))
				assert.Equal(t, test.attempts, apiError(t, err).Attempts())
				if test.why == "context_ended" {
					assert.ErrorIs(t, err, ctx.Err())
				}
				assert.Equal(t, []error{err}, finished)
				assert.Len(t, n.requests, test.attempts)
				_, again := receive(stream)
				assert.Same(t, err, again)
			})
		})
	}
}

// The same while the connection for the next attempt is being made.
//
//nolint:paralleltest // it counts the goroutines that are left
func TestResumeContextEndsInTheDial(t *testing.T) {
	for _, byHand := range []bool{true, false} {
		before := streamGoroutines()
		p := &phoenix{perLife: 1, upTo: 2}
		p.rise(t, newListener(t))
		var dials atomic.Int32
		dialling := make(chan struct{}, 10)
		dialer := func(ctx context.Context, addr string) (net.Conn, error) {
			if dials.Add(1) == 1 {
				return (&net.Dialer{}).DialContext(ctx, "tcp", addr)
			}
			dialling <- struct{}{}
			<-ctx.Done() // nobody answers
			return nil, ctx.Err()
		}
		options := interceptors.DialOptions(interceptors.WithRetryPolicy(fast(t)))
		conn := plainConn(t, p.addr, append(options, grpc.WithContextDialer(dialer))...)
		ctx, end := endsWhenTold(t)
		var finished []error
		stream := openStream(ctx, t, conn, serverStream, interceptors.Resume(afterLast),
			grpc.OnFinish(func(err error) { finished = append(finished, err) }))
		sendAll(t, stream, "0")
		readTo(t, stream, 1)
		stopped(p)
		want, cause := status.Cancelled, context.Canceled
		if !byHand {
			want, cause = status.DeadlineExceeded, context.DeadlineExceeded
		}
		go func() {
			<-dialling
			end(cause)
		}()
		_, err := receive(stream)
		assertOnly(t, want, err)
		require.ErrorIs(t, err, cause)
		assert.Equal(t, 2, apiError(t, err).Attempts())
		assert.Equal(t, []error{err}, finished)
		require.NoError(t, conn.Close())
		assertNoStreams(t, before)
	}
}

// A toldContext ends when it is told to, for the reason that it is told.
type toldContext struct {
	context.Context //nolint:containedctx // it is one
	done            chan struct{}
	err             atomic.Pointer[error]
}

func endsWhenTold(tb testing.TB) (context.Context, func(error)) {
	tb.Helper()
	c := &toldContext{Context: tb.Context(), done: make(chan struct{})}
	return c, func(err error) {
		c.err.Store(&err)
		close(c.done)
	}
}

func (c *toldContext) Done() <-chan struct{} { return c.done }

func (c *toldContext) Err() error {
	if err := c.err.Load(); err != nil {
		return *err
	}
	return nil
}

// A channel that is closed while a resumption waits is waited for no longer.
//
//nolint:paralleltest // it counts the goroutines that are left
func TestResumeConnectionCloses(t *testing.T) {
	before := streamGoroutines()
	server := startTalk(t, func(_ int, s talk) error { _ = s.say("a"); return errDown })
	waiting := make(chan struct{}, 10)
	conn := retryingConn(t, server.addr, interceptors.WithRetryPolicy(fast(t, retry.WithBackoff(time.Hour, time.Hour),
		retry.WithObserver(func(context.Context, retry.Event) { waiting <- struct{}{} }))))
	var finished []error
	stream := openStream(t.Context(), t, conn, serverStream, interceptors.Resume(afterLast),
		grpc.OnFinish(func(err error) { finished = append(finished, err) }))
	sendAll(t, stream, "q")
	readTo(t, stream, 1)
	go func() {
		<-waiting
		_ = conn.Close()
	}()
	_, err := receive(stream)
	assertOnly(t, status.Cancelled, err)
	assert.Equal(t, 2, apiError(t, err).Attempts())
	assert.Equal(t, []error{err}, finished)
	assertNoStreams(t, before)
}
