package interceptors_test

import (
	"context"
	"errors"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/errwire/errwire/interceptors"
	"github.com/errwire/errwire/retry"
	"github.com/errwire/errwire/status"
)

// Closing a connection ends the waits of its calls, those between attempts too.
// The caller is told what grpc-go tells on a closed connection.
func TestCloseEndsAWait(t *testing.T) {
	t.Parallel()
	unaryCall := func(ctx context.Context, conn *grpc.ClientConn) error { _, err := unary(ctx, conn); return err }
	streamOpened := func(ctx context.Context, conn *grpc.ClientConn) error {
		stream, err := conn.NewStream(ctx, serverStream, "/talk.Talk/Talk")
		if err == nil {
			_, err = receive(stream)
		}
		return err
	}
	answered := func(s *stub) error { return s.finish(errBusy, nil, answering) }
	neverLeft := func(*stub) error { return errBusy }
	for _, test := range []struct {
		name  string
		call  func(context.Context, *grpc.ClientConn) error
		first func(*stub) error // the first attempt, if it is not to find nobody
	}{
		{"unary, after an answer", unaryCall, answered},
		{"unary, not sent", unaryCall, neverLeft},
		{"unary, while the channel connects", unaryCall, nil},
		{"stream, after an answer", streamOpened, answered},
		{"stream, not sent", streamOpened, neverLeft},
		{"stream, while the channel connects", streamOpened, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var told diary
				conn := unreachable(t, test.first, told.observer())
				over := make(chan error, 1)
				go func() { over <- test.call(t.Context(), conn) }()
				synctest.Wait()
				require.Equal(t, []retry.Decision{retry.DecisionRetry}, told.decisions(), "it waits")
				require.Empty(t, over)

				start := time.Now()
				require.NoError(t, conn.Close())
				err := <-over
				assert.Zero(t, time.Since(start), "in virtual time")
				assertOnly(t, status.Cancelled, err)
				assert.EqualError(t, grpc.ErrClientConnClosing, "rpc error: code = Canceled desc = "+err.Error()) //nolint:staticcheck // its words are meant
				assert.NotErrorIs(t, err, context.Canceled, "the context goes on")
				assert.Equal(t, status.OriginLocal, apiError(t, err).Origin())
				assert.Equal(t, 2, apiError(t, err).Attempts(), "the second was not made any more")
			})
		})
	}
}

// unreachable is a connection to nobody, whose retries wait an hour. The first
// attempt on it may be made by a function all the same.
func unreachable(t *testing.T, first func(*stub) error, opts ...retry.Option) *grpc.ClientConn {
	t.Helper()
	policy := retry.MustPolicy(append(opts, retry.WithBackoff(time.Hour, time.Hour), retry.WithoutBudget())...)
	firstOf := func(ctx context.Context, opts []grpc.CallOption) *stub {
		recv := first
		if first = nil; recv == nil {
			return nil
		}
		s := &stub{ctx: ctx, opts: opts}
		s.recv = func(any) error { return recv(s) }
		return s
	}
	conn, err := grpc.NewClient("passthrough:///nobody", append(
		interceptors.DialOptions(interceptors.WithRetryPolicy(policy)),
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithContextDialer(func(context.Context, string) (net.Conn, error) { return nil, errors.New("nobody") }),
		grpc.WithChainUnaryInterceptor(func(
			ctx context.Context, method string, req, reply any, cc *grpc.ClientConn, invoker grpc.UnaryInvoker, opts ...grpc.CallOption,
		) error {
			if s := firstOf(ctx, opts); s != nil {
				return s.RecvMsg(reply)
			}
			return invoker(ctx, method, req, reply, cc, opts...)
		}),
		grpc.WithChainStreamInterceptor(func(
			ctx context.Context, desc *grpc.StreamDesc, cc *grpc.ClientConn, method string, streamer grpc.Streamer, opts ...grpc.CallOption,
		) (grpc.ClientStream, error) {
			if s := firstOf(ctx, opts); s != nil {
				return s, nil
			}
			return streamer(ctx, desc, cc, method, opts...)
		}))...)
	require.NoError(t, err)
	return conn
}
