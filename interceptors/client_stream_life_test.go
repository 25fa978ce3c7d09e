package interceptors_test

import (
	"context"
	"io"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/errwire/errwire/interceptors"
	"github.com/errwire/errwire/retry"
	"github.com/errwire/errwire/status"
)

// However a stream ends, its OnFinish runs once, and nothing is left of it: not
// where nobody reads it to its end either.
//
//nolint:paralleltest // it counts the goroutines that are left
func TestStreamEndsOnce(t *testing.T) {
	silent := func(_ int, s talk) error { // says nothing until the client goes
		<-s.Context().Done()
		return s.Context().Err()
	}
	firstThenSilent := func(stream int, s talk) error {
		_ = s.say("a")
		return silent(stream, s)
	}
	down := func(int, talk) error { return errDown }
	type place struct {
		*testing.T
		conn   *grpc.ClientConn
		stream grpc.ClientStream
		server *talkServer
		cancel context.CancelFunc
	}
	for _, test := range []struct {
		name   string
		desc   *grpc.StreamDesc
		server talkFunc
		use    func(p place)
		want   status.Code
	}{
		{"read to its end", serverStream, func(_ int, s talk) error { return s.say("a") }, func(p place) {
			_, err := receiveAll(p.stream)
			require.NoError(p, err)
		}, status.OK},
		{"one message", clientStream, func(_ int, s talk) error { return s.say("a") }, func(p place) {
			_, err := receive(p.stream)
			require.NoError(p, err)
		}, status.OK},
		{"failure", serverStream, down, func(p place) { _, _ = receive(p.stream) }, status.Unavailable},
		{"failure, told by SendMsg", bothStream, down, func(p place) {
			require.Eventually(p, func() bool { return p.stream.SendMsg(wrapperspb.String("q")) == io.EOF },
				time.Minute, time.Millisecond)
		}, status.Unavailable},
		{"failure, Header alone", serverStream, down, func(p place) { _, _ = p.stream.Header() }, status.Unavailable},
		{"cancelled and abandoned", serverStream, silent, func(p place) { p.cancel() }, status.Cancelled},
		{"cancelled and abandoned, later", serverStream, firstThenSilent, func(p place) {
			_, err := receive(p.stream)
			require.NoError(p, err)
			p.cancel()
		}, status.Cancelled},
		{"cancelled while it is read", serverStream, firstThenSilent, func(p place) {
			_, err := receive(p.stream)
			require.NoError(p, err)
			go p.cancel()
			_, err = receive(p.stream)
			assertOnly(p.T, status.Cancelled, err)
			require.ErrorIs(p, err, context.Canceled)
		}, status.Cancelled},
		{"cancelled in the first read", serverStream, silent, func(p place) {
			go p.cancel()
			_, err := receive(p.stream)
			assertOnly(p.T, status.Cancelled, err)
		}, status.Cancelled},
		{"cancelled in Header", serverStream, silent, func(p place) {
			go p.cancel()
			header, err := p.stream.Header()
			require.NoError(p, err)
			assert.Nil(p, header)
		}, status.Cancelled},
		{"connection closed, and abandoned", serverStream, silent, func(p place) { _ = p.conn.Close() }, status.Cancelled},
		{"connection closed, and abandoned, later", serverStream, firstThenSilent, func(p place) {
			_, err := receive(p.stream)
			require.NoError(p, err)
			_ = p.conn.Close()
		}, status.Cancelled},
		{"not sent: no message", serverStream, silent, func(p place) {
			err := p.stream.SendMsg("not a proto message")
			assertOnly(p.T, status.Internal, err)
			_, again := receive(p.stream)
			assert.Same(p, err, again)
		}, status.Internal},
		{"not sent: too large", bothStream, silent, func(p place) {
			err := p.stream.SendMsg(wrapperspb.Bytes(make([]byte, 1001)))
			assertOnly(p.T, status.ResourceExhausted, err)
		}, status.ResourceExhausted},
	} {
		t.Run(test.name, func(t *testing.T) {
			before := streamGoroutines()
			server := startTalk(t, test.server)
			conn := retryingConn(t, server.addr)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			finished := make(chan error, 10)
			stream := openStream(ctx, t, conn, test.desc, grpc.MaxCallSendMsgSize(1000),
				grpc.OnFinish(func(err error) { finished <- err }))
			test.use(place{t, conn, stream, server, cancel})
			select {
			case err := <-finished:
				assert.Equal(t, test.want, status.CodeOf(err))
			case <-time.After(time.Minute):
				assert.Fail(t, "not finished")
			}
			assertNoStreams(t, before)
			require.Error(t, stream.Context().Err(), "its context ends with it")
			_, _ = receive(stream)
			_, _ = stream.Header()
			_, _ = stream.Trailer(), stream.CloseSend()
			assert.Empty(t, finished)
		})
	}
}

// A stream that cannot be opened finishes too.
func TestStreamIsNotOpened(t *testing.T) {
	t.Parallel()
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	closed := retryingConn(t, "127.0.0.1:1")
	require.NoError(t, closed.Close())
	refused := newListener(t)
	require.NoError(t, refused.Close())
	badMetadata := metadata.AppendToOutgoingContext(t.Context(), "k", "\x00")
	for _, test := range []struct {
		name string
		ctx  context.Context //nolint:containedctx // a test's table
		conn *grpc.ClientConn
		want status.Code
		why  string
	}{
		{"cancelled", cancelled, retryingConn(t, "127.0.0.1:1"), status.Cancelled, "context_ended"},
		{"connection closed", t.Context(), closed, status.Cancelled, ""},
		{"connection refused", t.Context(), retryingConn(t, refused.Addr().String(), interceptors.WithRetryPolicy(
			fast(t, retry.WithMaxAttempts(1)))), status.Unavailable, "attempts_exhausted"},
		{"bad metadata", badMetadata, retryingConn(t, "127.0.0.1:1"), status.Internal, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			for range 20 {
				var finished []error
				stream, err := test.conn.NewStream(test.ctx, bothStream, "/a/b",
					grpc.OnFinish(func(err error) { finished = append(finished, err) }))
				assert.Nil(t, stream)
				assertOnly(t, test.want, err)
				assert.Equal(t, 1, apiError(t, err).Attempts())
				assert.Equal(t, test.why, whyStopped(t, err))
				assert.Equal(t, []error{err}, finished)
			}
		})
	}
}

// A stream that is over before it is handed to the caller.
func TestStreamIsOverWhenOpened(t *testing.T) {
	t.Parallel()
	var finished []error
	stream := stubbed(t.Context(), t, serverStream, func(s *stub) {
		err := s.finish(grpc.ErrClientConnClosing, nil, nil) //nolint:staticcheck // grpc-go's own
		s.recv = func(any) error { return err }
	}, nil, grpc.OnFinish(func(err error) { finished = append(finished, err) }))
	require.Len(t, finished, 1)
	assertOnly(t, status.Cancelled, finished[0])
	require.NoError(t, stream.SendMsg(wrapperspb.String("q")), "there is but one message: RecvMsg tells")
	_, err := receive(stream)
	assert.Same(t, finished[0], err)
}

// The one message of a server stream is never io.EOF, which generated code would
// return as the error of the call.
func TestStreamOfServerThatEndsBeforeItsRequest(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	server := startTalk(t, func(_ int, s talk) error { _, err := s.read(); return err })
	finished := make(chan error, 1)
	stream := openStream(ctx, t, retryingConn(t, server.addr), serverStream,
		grpc.OnFinish(func(err error) { finished <- err }))
	cancel()
	require.Error(t, <-finished)
	require.NoError(t, stream.SendMsg(wrapperspb.String("q")))
	_, err := receive(stream)
	assertOnly(t, status.Cancelled, err)
}

// What OnFinish is given is there for what it calls.
func TestStreamInOnFinish(t *testing.T) {
	t.Parallel()
	for _, attempts := range []int{1, 2} {
		var stream grpc.ClientStream
		var calls atomic.Int32
		stream = stubbed(t.Context(), t, bothStream, func(s *stub) {
			s.recv = func(any) error { return s.finish(errDown, answering, metadata.Pairs("t", "last")) }
			s.header = func() (metadata.MD, error) { return answering, nil }
			s.send = func(any) error { return io.EOF }
		}, []interceptors.ClientOption{interceptors.WithRetryPolicy(fast(t, retry.WithMaxAttempts(attempts)))},
			grpc.OnFinish(func(err error) {
				calls.Add(1)
				assert.Equal(t, []string{"last"}, stream.Trailer()["t"])
				header, _ := stream.Header()
				assert.Equal(t, answering, header)
				_, again := receive(stream)
				assert.Same(t, err, again)
				assert.Same(t, io.EOF, stream.SendMsg(wrapperspb.String("q")))
				require.Error(t, stream.Context().Err())
			}))
		_, err := receive(stream)
		assertOnly(t, status.Unavailable, err)
		assert.EqualValues(t, 1, calls.Load())
	}
}

// An attempt that is given up holds nothing any more when the next one begins.
func TestStreamFreesEachAttempt(t *testing.T) {
	t.Parallel()
	var previous *stub
	stream := stubbed(t.Context(), t, serverStream, func(s *stub) {
		s.recv = func(any) error { return s.finish(errDown, nil, answering) }
		if previous != nil {
			assert.Error(t, previous.ctx.Err())
		}
		assert.NoError(t, s.ctx.Err())
		previous = s
	}, []interceptors.ClientOption{interceptors.WithRetryPolicy(fast(t))})
	_, err := receive(stream)
	assertOnly(t, status.Unavailable, err)
	assert.Equal(t, 5, previous.number)
	assert.Error(t, previous.ctx.Err())
}

// A closed stream frees the wait for the next attempt as well.
func TestStreamWaitsNoLongerThanItsContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		policy := retry.MustPolicy(retry.WithBackoff(time.Hour, time.Hour))
		stream := stubbed(ctx, t, bothStream, func(s *stub) {
			s.recv = func(any) error { return s.finish(errDown, nil, answering) }
		}, []interceptors.ClientOption{interceptors.WithRetryPolicy(policy)})
		over := make(chan error, 3)
		go func() { _, err := receive(stream); over <- err }()
		synctest.Wait()
		go func() { _, err := stream.Header(); over <- err }()
		go func() { over <- stream.SendMsg(wrapperspb.String("q")) }()
		synctest.Wait()
		require.NoError(t, stream.CloseSend(), "it does not wait")
		assert.Empty(t, stream.Trailer())
		cancel()
		failed := 0
		for range cap(over) {
			if <-over != nil {
				failed++
			}
		}
		assert.Equal(t, 2, failed, "Header leaves the error to RecvMsg")
	})
}
