package interceptors_test

import (
	"context"
	"errors"
	"net"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/metadata"

	"github.com/errwire/errwire/interceptors"
	"github.com/errwire/errwire/retry"
	"github.com/errwire/errwire/status"
)

// once makes a single attempt, for failures whose retries would wait for the
// channel.
func once(tb testing.TB) interceptors.ClientOption {
	return interceptors.WithRetryPolicy(fast(tb, retry.WithMaxAttempts(1)))
}

// refusing is an address that nobody listens on.
func refusing(tb testing.TB) string {
	tb.Helper()
	listener := newListener(tb)
	require.NoError(tb, listener.Close())
	return listener.Addr().String()
}

func TestUnaryNoConnection(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		target func(testing.TB) string
	}{
		{"refused", refusing},
		{"no such name", func(testing.TB) string { return "nowhere.invalid:443" }},
		{"reset while connecting", func(tb testing.TB) string { return resetting(tb) }},
		{"no such socket", func(tb testing.TB) string { return "unix:" + tb.TempDir() + "/none.sock" }},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := unary(t.Context(), retryingConn(t, test.target(t), once(t)))
			e := apiError(t, err)
			assertOnly(t, status.Unavailable, err)
			assert.Equal(t, status.OriginLocal, e.Origin())
			assert.Equal(t, 1, e.Attempts())
		})
	}
}

// resetting is the address of a server that resets each connection at once.
func resetting(tb testing.TB) string {
	tb.Helper()
	listener := newListener(tb)
	tb.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			reset(conn)
		}
	}()
	return listener.Addr().String()
}

// hangingUp is the address of a server that closes each connection on the first
// byte.
func hangingUp(tb testing.TB) string {
	tb.Helper()
	hangUp := func(conn net.Conn) {
		_, _ = conn.Read(make([]byte, 1<<16))
		_ = conn.Close()
	}
	return startFront(tb, "", slices.Repeat([]func(net.Conn){hangUp}, 10)...).addr
}

// reset closes a connection the hard way: whoever reads or writes on the other
// side is told so.
func reset(conn net.Conn) {
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = conn.Close()
}

// A failure of TLS is UNAVAILABLE and, as no repeat will mend it, not repeated.
func TestUnaryTLS(t *testing.T) {
	t.Parallel()
	ours, theirs := newIdentity(t), newIdentity(t)
	for _, test := range []struct {
		name   string
		server []grpc.ServerOption
		client credentials.TransportCredentials
	}{
		{"server not trusted", ours.server(nil), theirs.client(nil)},
		{"server without TLS", nil, ours.client(nil)},
		{"client not trusted", ours.server(ours), ours.client(theirs)},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			server := startBackend(t, failing(nil), test.server...)
			var told diary
			conn, err := grpc.NewClient(server.addr, append(
				interceptors.DialOptions(interceptors.WithRetryPolicy(fast(t, told.observer(), retry.WithMaxAttempts(2)))),
				grpc.WithTransportCredentials(test.client))...)
			require.NoError(t, err)
			t.Cleanup(func() { _ = conn.Close() })
			_, err = unary(t.Context(), conn)
			e := apiError(t, err)
			assertOnly(t, status.Unavailable, err)
			assert.Equal(t, status.OriginLocal, e.Origin())
			assert.Zero(t, server.runs.Load())
			if test.name == "client not trusted" && e.Attempts() > 1 {
				// Whether the client reads the alert or its own write fails first is
				// not decided by anybody; the latter says nothing of TLS.
				return
			}
			assert.Equal(t, 1, e.Attempts(), "%+v", e)
			assert.Equal(t, []retry.Decision{retry.DecisionDoneStop}, told.decisions())
		})
	}
}

func TestUnaryTLSThatHolds(t *testing.T) {
	t.Parallel()
	ours := newIdentity(t)
	server := startBackend(t, failing(nil), ours.server(ours)...)
	conn, err := grpc.NewClient(server.addr,
		append(interceptors.DialOptions(), grpc.WithTransportCredentials(ours.client(ours)))...)
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	_, err = unary(t.Context(), conn)
	assert.NoError(t, err)
}

var errEnough = errors.New("the user has had enough")

// The caller's own end of context is reachable, cause and all, whether it came
// during the attempt or in its header's wake.
func TestUnaryCallersContext(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		early  bool
		ctx    func(context.Context, chan struct{}) (context.Context, func())
		code   status.Code
		causes []error
	}{
		{
			"deadline", false, func(ctx context.Context, _ chan struct{}) (context.Context, func()) {
				ctx, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
				return ctx, cancel
			}, status.DeadlineExceeded, []error{context.DeadlineExceeded},
		},
		{
			"deadline after a header", true, func(ctx context.Context, _ chan struct{}) (context.Context, func()) {
				ctx, cancel := context.WithTimeoutCause(ctx, 200*time.Millisecond, errEnough)
				return ctx, cancel
			}, status.DeadlineExceeded, []error{context.DeadlineExceeded, errEnough},
		},
		{"cancel", false, cancelWhenRunning, status.Cancelled, []error{context.Canceled, errEnough}},
		{
			"cancel after a header", true, func(ctx context.Context, _ chan struct{}) (context.Context, func()) {
				ctx, cancel := context.WithCancelCause(ctx)
				timer := time.AfterFunc(200*time.Millisecond, func() { cancel(errEnough) })
				return ctx, func() { timer.Stop(); cancel(nil) }
			}, status.Cancelled, []error{context.Canceled, errEnough},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			running := make(chan struct{}, 1)
			server := startBackend(t, func(ctx context.Context, _ int) error {
				if test.early {
					_ = grpc.SendHeader(ctx, metadata.Pairs("early", "yes"))
				}
				running <- struct{}{}
				<-t.Context().Done() // longer than its own context, for that might be an answer
				return ctx.Err()
			})
			ctx, stop := test.ctx(t.Context(), running)
			defer stop()
			_, err := unary(ctx, retryingConn(t, server.addr, interceptors.WithIdempotent()))
			e := apiError(t, err)
			assertOnly(t, test.code, err)
			for _, cause := range test.causes {
				assert.ErrorIs(t, err, cause)
			}
			assert.Equal(t, 1, e.Attempts())
			assert.Equal(t, status.OriginLocal, e.Origin())
			assert.LessOrEqual(t, server.runs.Load(), int32(1))
		})
	}
}

func cancelWhenRunning(ctx context.Context, running chan struct{}) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	go func() {
		<-running
		cancel(errEnough)
	}()
	return ctx, func() { cancel(nil) }
}

// A context that was over before the call makes one attempt, of which the server
// hears nothing.
func TestUnaryContextAlreadyOver(t *testing.T) {
	t.Parallel()
	server := startBackend(t, failing(nil))
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errEnough)
	_, err := unary(ctx, retryingConn(t, server.addr))
	assertOnly(t, status.Cancelled, err)
	assert.ErrorIs(t, err, errEnough)
	assert.Equal(t, 1, apiError(t, err).Attempts())
	assert.Zero(t, server.runs.Load())
}
