package interceptors_test

import (
	"context"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	testpb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/errwire/errwire/interceptors"
	"github.com/errwire/errwire/retry"
	"github.com/errwire/errwire/status"
)

// A backend is a real grpc.Server on loopback whose unary methods, and those it
// does not know, run one function. It counts how often.
type backend struct {
	testpb.UnimplementedTestServiceServer
	answer answerFunc
	runs   atomic.Int32
	addr   string
	server *grpc.Server
}

// An answerFunc is told which run it is; the first is 1.
type answerFunc func(ctx context.Context, run int) error

func (b *backend) UnaryCall(ctx context.Context, _ *testpb.SimpleRequest) (*testpb.SimpleResponse, error) {
	run := int(b.runs.Add(1))
	return &testpb.SimpleResponse{Username: "run"}, b.answer(ctx, run)
}

func (b *backend) unknown(_ any, stream grpc.ServerStream) error {
	if err := stream.RecvMsg(&emptypb.Empty{}); err != nil {
		return err
	}
	if err := b.answer(stream.Context(), int(b.runs.Add(1))); err != nil {
		return err
	}
	return stream.SendMsg(&emptypb.Empty{})
}

func startBackend(tb testing.TB, answer answerFunc, opts ...grpc.ServerOption) *backend {
	tb.Helper()
	return startBackendOn(tb, newListener(tb), answer, opts...)
}

// listenedOn are the addresses of this test run. One that comes again would find
// the retry budget of the first.
var listenedOn sync.Map

func newListener(tb testing.TB) net.Listener {
	tb.Helper()
	for {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		require.NoError(tb, err)
		if _, again := listenedOn.LoadOrStore(listener.Addr().String(), true); !again {
			return listener
		}
		defer func() { _ = listener.Close() }()
	}
}

func startBackendOn(tb testing.TB, listener net.Listener, answer answerFunc, opts ...grpc.ServerOption) *backend {
	tb.Helper()
	b := &backend{answer: answer, addr: listener.Addr().String()}
	b.server = grpc.NewServer(append(opts, grpc.UnknownServiceHandler(b.unknown))...)
	testpb.RegisterTestServiceServer(b.server, b)
	go func() { _ = b.server.Serve(listener) }()
	tb.Cleanup(b.server.Stop)
	return b
}

// failing answers every call with err.
func failing(err error) answerFunc { return func(context.Context, int) error { return err } }

// failingUntil fails all runs before the given one.
func failingUntil(run int, err error) answerFunc {
	return func(_ context.Context, now int) error {
		if now < run {
			return err
		}
		return nil
	}
}

func plainConn(tb testing.TB, target string, opts ...grpc.DialOption) *grpc.ClientConn {
	tb.Helper()
	insecurely := grpc.WithTransportCredentials(insecure.NewCredentials())
	conn, err := grpc.NewClient(target, append([]grpc.DialOption{insecurely}, opts...)...)
	require.NoError(tb, err)
	tb.Cleanup(func() { _ = conn.Close() })
	return conn
}

// retryingConn has DialOptions with a policy of tiny waits and no budget; opts
// come after that.
func retryingConn(tb testing.TB, target string, opts ...interceptors.ClientOption) *grpc.ClientConn {
	tb.Helper()
	opts = append([]interceptors.ClientOption{interceptors.WithRetryPolicy(fast(tb))}, opts...)
	return plainConn(tb, target, interceptors.DialOptions(opts...)...)
}

func unary(ctx context.Context, conn *grpc.ClientConn, opts ...grpc.CallOption) (*testpb.SimpleResponse, error) {
	return testpb.NewTestServiceClient(conn).UnaryCall(ctx, &testpb.SimpleRequest{}, opts...)
}

// fast is a policy whose own waits are too short to be noticed.
func fast(tb testing.TB, opts ...retry.Option) *retry.Policy {
	tb.Helper()
	opts = append([]retry.Option{retry.WithBackoff(time.Millisecond, time.Millisecond), retry.WithoutBudget()}, opts...)
	p, err := retry.NewPolicy(opts...)
	require.NoError(tb, err)
	return p
}

// A diary keeps the events that an observer is told of.
type diary struct {
	mu     sync.Mutex
	events []retry.Event
}

func (d *diary) observer() retry.Option {
	return retry.WithObserver(func(_ context.Context, e retry.Event) {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.events = append(d.events, e)
	})
}

func (d *diary) all() []retry.Event {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.events
}

func (d *diary) decisions() []retry.Decision {
	var decisions []retry.Decision
	for _, e := range d.all() {
		decisions = append(decisions, e.Decision)
	}
	return decisions
}

// apiError is err as the *status.Error that it must be by itself, not by
// wrapping.
func apiError(tb testing.TB, err error) *status.Error {
	tb.Helper()
	e, ok := err.(*status.Error)
	require.True(tb, ok, "want a *status.Error, got %T: %v", err, err)
	require.NotNil(tb, e)
	return e
}

// whyStopped is what the log is told of the end of the retries.
func whyStopped(tb testing.TB, err error) string {
	tb.Helper()
	for _, attr := range apiError(tb, err).LogValue().Group() {
		if attr.Key == "retry_stopped" {
			return attr.Value.String()
		}
	}
	return ""
}

// earlyHeader is a server interceptor that sets a header before the handler
// runs, if at all: then no answer is a status alone, and gRPC's own retries are
// off.
func earlyHeader(early bool) grpc.ServerOption {
	return grpc.ChainUnaryInterceptor(
		func(ctx context.Context, req any, _ *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
			if early {
				_ = grpc.SetHeader(ctx, metadata.Pairs("early", "yes"))
			}
			return handler(ctx, req)
		})
}
