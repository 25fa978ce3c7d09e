package interceptors_test

import (
	"context"
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/balancer"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/connectivity"
	testpb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/metadata"
	grpcstatus "google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/errwire/errwire/interceptors"
	"github.com/errwire/errwire/retry"
	"github.com/errwire/errwire/status"
)

// These hold grpc-go to words by which alone some of its failures are known. The
// message is asserted as it is; what follows from it is asserted beside.

// large is more than a byte.
func large() *testpb.Payload { return &testpb.Payload{Body: []byte("xxx")} }

// What a codec cannot do on this side is this side's fault, and final, also for a
// policy that repeats such codes.
func TestUnaryCodec(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name       string
		req, reply any
		opts       []grpc.CallOption
		text       string
		code       status.Code
		runs       int
	}{
		{"request", "no message", &emptypb.Empty{}, nil, "grpc: error while marshaling", status.Internal, 0},
		{"reply", &testpb.SimpleRequest{}, new(string), nil, "grpc: failed to unmarshal the received message", status.Internal, 1},
		{
			"request too large", &testpb.SimpleRequest{Payload: large()}, &testpb.SimpleResponse{},
			[]grpc.CallOption{grpc.MaxCallSendMsgSize(1)}, "trying to send message larger than max", status.ResourceExhausted, 0,
		},
		{
			"reply too large", &testpb.SimpleRequest{}, &testpb.SimpleResponse{},
			[]grpc.CallOption{grpc.MaxCallRecvMsgSize(1)}, "grpc: received message larger than max", status.ResourceExhausted, 1,
		},
		{
			"no codec", &testpb.SimpleRequest{}, &testpb.SimpleResponse{},
			[]grpc.CallOption{grpc.CallContentSubtype("none")}, "no codec registered", status.Internal, 0,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			server := startBackend(t, func(ctx context.Context, _ int) error {
				return grpc.SetTrailer(ctx, metadata.Pairs("trailer", "yes"))
			})
			policy := fast(t, retry.WithCodes(status.Internal, status.ResourceExhausted))
			conn := retryingConn(t, server.addr, interceptors.WithRetryPolicy(policy), interceptors.WithIdempotent())
			err := conn.Invoke(t.Context(), testpb.TestService_UnaryCall_FullMethodName, test.req, test.reply, test.opts...)
			e := apiError(t, err)
			assertOnly(t, test.code, err)
			assert.Contains(t, e.Message(), test.text)
			assert.Equal(t, status.OriginLocal, e.Origin())
			assert.Equal(t, 1, e.Attempts())
			assert.Equal(t, "stopped", whyStopped(t, err))
			assert.EqualValues(t, test.runs, server.runs.Load())
		})
	}
}

// The same of the server's side is the server's answer.
func TestUnaryCodecOfTheServer(t *testing.T) {
	t.Parallel()
	server := startBackend(t, failing(nil), grpc.MaxRecvMsgSize(1))
	policy := interceptors.WithRetryPolicy(fast(t, retry.WithCodes(status.ResourceExhausted)))
	_, err := testpb.NewTestServiceClient(retryingConn(t, server.addr, policy)).
		UnaryCall(t.Context(), &testpb.SimpleRequest{Payload: large()})
	assertOnly(t, status.ResourceExhausted, err)
	assert.ErrorContains(t, err, "grpc: received message larger than max")
	assert.Equal(t, status.OriginService, apiError(t, err).Origin())

	server = startBackend(t, failing(grpcstatus.Error(codes.Internal, "grpc: error while marshaling: of the answer")))
	policy = interceptors.WithRetryPolicy(fast(t, retry.WithCodes(status.Internal)))
	_, err = unary(t.Context(), retryingConn(t, server.addr, policy))
	assertOnly(t, status.Internal, err)
	assert.Equal(t, status.OriginService, apiError(t, err).Origin())
	assert.EqualValues(t, 5, server.runs.Load())
}

// A stream that breaks before its status came, after a header: grpc-go's words
// for it. A server that says the same with a status has answered.
func TestUnaryStreamBreaks(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		end  func(net.Conn, uint32)
		text string
		code status.Code
	}{
		{"connection closed", func(conn net.Conn, _ uint32) { _ = conn.Close() }, "error reading from server: ", status.Unavailable},
		{"connection reset", func(conn net.Conn, _ uint32) { reset(conn) }, "error reading from server: ", status.Unavailable},
		{
			"closed after a GOAWAY that lets the stream live", func(conn net.Conn, id uint32) {
				_ = leave(conn, id)
				_ = conn.Close()
			}, "closing transport due to: ", status.Unavailable,
		},
		{
			"stream refused after its header", func(conn net.Conn, id uint32) { refuse(conn, id) },
			"stream terminated by RST_STREAM", status.Unavailable,
		},
		{
			"stream reset", func(conn net.Conn, id uint32) {
				_ = writeFrame(conn, frameRSTStream, id, []byte{0, 0, 0, 2})
			}, "stream terminated by RST_STREAM", status.Internal,
		},
		{
			"no trailers", func(conn net.Conn, id uint32) { _ = writeFlagged(conn, frameData, endStream, id, nil) },
			"server closed the stream without sending trailers", status.Internal,
		},
		{
			"half a message", func(conn net.Conn, id uint32) {
				_ = writeFlagged(conn, frameData, endStream, id, []byte{0, 0, 0, 0, 9, 'x'})
			}, "unexpected EOF", status.Internal,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			through := startFront(t, "", http2ByHand(func(conn net.Conn, id uint32) bool {
				_ = writeFlagged(conn, frameHeaders, endHeaders, id, grpcHeader)
				test.end(conn, id)
				return true
			}))
			policy := interceptors.WithRetryPolicy(fast(t, retry.WithCodes(status.Unavailable, status.Internal)))
			_, err := unary(t.Context(), retryingConn(t, through.addr, policy))
			assertOnly(t, test.code, err)
			assert.ErrorContains(t, err, test.text)
			assert.Equal(t, "may_have_run", whyStopped(t, err))
			assert.Equal(t, status.OriginLocal, apiError(t, err).Origin())
		})
	}
}

// Words that grpc-go has in its source, and that cannot be provoked in a test.
func TestUnaryWordsUnheard(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		text   string
		header metadata.MD
		want   retry.Decision
	}{
		{`connection error: desc = "error reading from server: EOF"`, metadata.Pairs("content-type", "application/grpc+proto"), retry.DecisionDoneUnsafe},
		{"closing connection since the server is not reading: x", metadata.Pairs("content-type", "application/grpc"), retry.DecisionDoneUnsafe},
		{"the stream is rejected because server is draining the connection", nil, retry.DecisionRetry},
		{"transport is closing", nil, retry.DecisionRetry},
		{"somebody's own words", metadata.Pairs("content-type", "application/grpc"), retry.DecisionRetry},
		{"somebody's own words", metadata.Pairs("content-type", "text/html"), retry.DecisionDoneUnsafe},
	} {
		var told diary
		invoker := func(_ context.Context, _ string, _, _ any, _ *grpc.ClientConn, opts ...grpc.CallOption) error {
			pretend(opts)
			for _, opt := range opts {
				if opt, ok := opt.(grpc.HeaderCallOption); ok {
					*opt.HeaderAddr = test.header
				}
			}
			return grpcstatus.Error(codes.Unavailable, test.text)
		}
		policy := interceptors.WithRetryPolicy(fast(t, told.observer(), retry.WithMaxAttempts(2)))
		err := interceptors.UnaryClientInterceptor(policy)(t.Context(), "/a/b", nil, nil, nil, invoker)
		assertOnly(t, status.Unavailable, err)
		assert.Equal(t, test.want, told.decisions()[0], test.text)
	}
}

// A connection that nobody answers on any more, noticed by keepalive, which grpc
// lets nobody do in less than 10 s.
func TestUnaryKeepalive(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("takes 10 s")
	}
	through := startFront(t, "", http2ByHand(func(conn net.Conn, id uint32) bool {
		_ = writeFlagged(conn, frameHeaders, endHeaders, id, grpcHeader)
		return false
	}))
	alive := grpc.WithKeepaliveParams(keepalive.ClientParameters{Time: 10 * time.Second, Timeout: 100 * time.Millisecond})
	conn := plainConn(t, through.addr, append(interceptors.DialOptions(interceptors.WithRetryPolicy(fast(t))), alive)...)
	_, err := unary(t.Context(), conn)
	assertOnly(t, status.Unavailable, err)
	assert.ErrorContains(t, err, "keepalive ping failed")
	assert.Equal(t, "may_have_run", whyStopped(t, err))
}

// dropping is a load balancer that drops each call, as an xDS policy does; the
// words are those of grpc-go's clusterimpl, where they cannot be provoked without
// a control plane.
type dropping struct{ balancer.ClientConn }

func (d dropping) Build(conn balancer.ClientConn, _ balancer.BuildOptions) balancer.Balancer {
	return dropping{conn}
}
func (dropping) Name() string                                               { return "errwire_dropping" }
func (dropping) ResolverError(error)                                        {}
func (dropping) UpdateSubConnState(balancer.SubConn, balancer.SubConnState) {}
func (dropping) Close()                                                     {}
func (dropping) ExitIdle()                                                  {}

func (d dropping) UpdateClientConnState(balancer.ClientConnState) error {
	d.UpdateState(balancer.State{ConnectivityState: connectivity.Ready, Picker: d})
	return nil
}

func (dropping) Pick(balancer.PickInfo) (balancer.PickResult, error) {
	return balancer.PickResult{}, grpcstatus.Error(codes.Unavailable, "RPC is dropped")
}

func TestUnaryDropped(t *testing.T) {
	t.Parallel()
	balancer.Register(dropping{})
	conn := plainConn(t, refusing(t), append(interceptors.DialOptions(interceptors.WithRetryPolicy(fast(t))),
		grpc.WithDefaultServiceConfig(`{"loadBalancingConfig":[{"errwire_dropping":{}}]}`))...)
	_, err := unary(t.Context(), conn)
	assertOnly(t, status.Unavailable, err)
	assert.Equal(t, "RPC is dropped", err.Error())
	assert.Equal(t, 1, apiError(t, err).Attempts())
	assert.Equal(t, "stopped", whyStopped(t, err))
}

// A handshake whose connection breaks is a connection that breaks: it may mend.
func TestUnaryHandshakeBreaks(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		text  string
		final bool
	}{
		{`connection error: desc = "transport: authentication handshake failed: EOF"`, false},
		{`connection error: desc = "transport: authentication handshake failed: read tcp 127.0.0.1:1->127.0.0.1:2: read: connection reset by peer"`, false},
		{`last connection error: connection error: desc = "transport: authentication handshake failed: context deadline exceeded"`, false},
		{`connection error: desc = "transport: authentication handshake failed: tls: first record does not look like a TLS handshake"`, true},
		{`connection error: desc = "transport: authentication handshake failed: the pin is another"`, true},
		{`connection error: desc = "error reading server preface: remote error: tls: bad certificate"`, true},
	} {
		attempts := 0
		err := invoked(t.Context(), func(context.Context) error {
			attempts++
			return grpcstatus.Error(codes.Unavailable, test.text)
		}, interceptors.WithRetryPolicy(fast(t)))
		assertOnly(t, status.Unavailable, err)
		if test.final {
			assert.Equal(t, 1, attempts, test.text)
		} else {
			assert.Equal(t, 5, attempts, test.text)
		}
	}
	conn, err := grpc.NewClient(hangingUp(t), append(interceptors.DialOptions(interceptors.WithRetryPolicy(fast(t, retry.WithMaxAttempts(2)))),
		grpc.WithTransportCredentials(newIdentity(t).client(nil)))...)
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	_, err = unary(t.Context(), conn)
	assert.ErrorContains(t, err, "authentication handshake failed: ")
	assert.Equal(t, 2, apiError(t, err).Attempts(), "%v", err)
}
