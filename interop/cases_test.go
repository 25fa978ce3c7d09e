package interop_test

import (
	"cmp"
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/interop"
	pb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/resolver"
	"google.golang.org/grpc/resolver/manual"

	"github.com/errwire/errwire/interceptors"
	"github.com/errwire/errwire/status"
)

// A testCase is one of gRPC's own interop cases. They end the process when they
// fail.
type testCase struct {
	name       string
	run        func(ctx context.Context, dial func() *grpc.ClientConn)
	translated func(t *testing.T, conn *grpc.ClientConn) // instead of run, where that compares the text of errors, which grpc-go begins with "rpc error:"
	config     string                                    // service config
}

// cases are all that the package has, under the names of gRPC's own client; those
// with credentials are credentialCases. Two are out of reach:
// google_default_credentials and compute_engine_channel_credentials make channel
// credentials that trust a cloud's certificates or its handshaker, not a server on
// loopback. Their calls are those of compute_engine_creds.
var cases = []testCase{
	{name: "empty_unary", run: onService(interop.DoEmptyUnaryCall)},
	{name: "large_unary", run: onService(interop.DoLargeUnaryCall)},
	{name: "client_streaming", run: onService(interop.DoClientStreaming)},
	{name: "server_streaming", run: onService(interop.DoServerStreaming)},
	{name: "ping_pong", run: onService(interop.DoPingPong)},
	{name: "empty_stream", run: onService(interop.DoEmptyStream)},
	{name: "timeout_on_sleeping_server", run: onService(interop.DoTimeoutOnSleepingServer)},
	{name: "cancel_after_begin", run: onService(interop.DoCancelAfterBegin)},
	{name: "cancel_after_first_response", run: onService(interop.DoCancelAfterFirstResponse)},
	{name: "custom_metadata", run: onService(interop.DoCustomMetadata)},
	{name: "status_code_and_message", run: onService(interop.DoStatusCodeAndMessage), translated: echoes("test status message")},
	{
		name: "special_status_message", run: onService(interop.DoSpecialStatusMessage),
		translated: echoes("\t\ntest with whitespace\r\nand Unicode BMP ☺ and non-BMP 😈\t\n"),
	},
	{name: "unimplemented_method", run: func(ctx context.Context, dial func() *grpc.ClientConn) {
		interop.DoUnimplementedMethod(ctx, dial())
	}},
	{name: "unimplemented_service", run: func(ctx context.Context, dial func() *grpc.ClientConn) {
		interop.DoUnimplementedService(ctx, pb.NewUnimplementedServiceClient(dial()))
	}},
	{name: "pick_first_unary", run: onClient(interop.DoPickFirstUnary), config: `{"loadBalancingConfig": [{"pick_first": {"shuffleAddressList": true}}]}`},
	{name: "orca_per_rpc", run: onClient(interop.DoORCAPerRPCTest), config: orcaConfig},
	{name: "orca_oob", run: onClient(interop.DoORCAOOBTest), config: orcaConfig},
	{name: "rpc_soak", run: func(ctx context.Context, dial func() *grpc.ClientConn) {
		conn := dial()
		soak(ctx, func() *grpc.ClientConn { return conn })
	}},
	{name: "channel_soak", run: soak},
}

// orcaConfig names the balancer that the interop package registers.
const orcaConfig = `{"loadBalancingConfig": [{"test_backend_metrics_load_balancer": {}}]}`

func onService(do func(context.Context, pb.TestServiceClient, ...grpc.CallOption)) func(context.Context, func() *grpc.ClientConn) {
	return onClient(func(ctx context.Context, client pb.TestServiceClient) { do(ctx, client) })
}

func onClient(do func(context.Context, pb.TestServiceClient)) func(context.Context, func() *grpc.ClientConn) {
	return func(ctx context.Context, dial func() *grpc.ClientConn) { do(ctx, pb.NewTestServiceClient(dial())) }
}

func soak(ctx context.Context, dial func() *grpc.ClientConn) {
	interop.DoSoakTest(ctx, interop.SoakTestConfig{
		RequestSize: 271828, ResponseSize: 314159, PerIterationMaxAcceptableLatency: time.Minute,
		OverallTimeout: time.Minute, NumWorkers: 2, Iterations: 10,
		ChannelForTest: func() (*grpc.ClientConn, func()) { return dial(), func() {} },
	})
}

// echoes are the cases that compare text, for a client that has the server's
// message for it, in both kinds of calls.
func echoes(message string) func(t *testing.T, conn *grpc.ClientConn) {
	return func(t *testing.T, conn *grpc.ClientConn) {
		client, echo := pb.NewTestServiceClient(conn), &pb.EchoStatus{Code: int32(status.Unknown), Message: message}
		_, unary := client.UnaryCall(t.Context(), &pb.SimpleRequest{ResponseStatus: echo})
		stream, err := client.FullDuplexCall(t.Context())
		require.NoError(t, err)
		require.NoError(t, stream.Send(&pb.StreamingOutputCallRequest{ResponseStatus: echo}))
		require.NoError(t, stream.CloseSend())
		_, streamed := stream.Recv()
		for kind, err := range map[string]error{"unary": unary, "stream": streamed} {
			e, ok := err.(*status.Error)
			if assert.True(t, ok, "%s: %T", kind, err) {
				assert.Equal(t, status.Unknown, e.Code(), kind)
				assert.Equal(t, message, e.Message(), kind)
				assert.Equal(t, message, e.Error(), kind)
				assert.Equal(t, status.OriginService, e.Origin(), kind)
			}
		}
	}
}

func TestCasesOfGRPC(t *testing.T) {
	t.Parallel()
	// Two servers, for pick_first to stay with one of them.
	backends := manual.NewBuilderWithScheme("backends")
	backends.InitialState(resolver.State{Addresses: []resolver.Address{
		{Addr: caseServer(t, insecure.NewCredentials(), nil)}, {Addr: caseServer(t, insecure.NewCredentials(), nil)},
	}})
	for _, c := range cases {
		for chain, options := range map[string][]interceptors.ClientOption{
			"translated":     {interceptors.WithIdempotent()},
			"not translated": {interceptors.WithIdempotent(), interceptors.WithoutTranslation()},
		} {
			t.Run(c.name+", "+chain, func(t *testing.T) {
				t.Parallel()
				open := func() *grpc.ClientConn {
					return dial(t, backends.Scheme()+":///", append(interceptors.DialOptions(options...),
						grpc.WithResolvers(backends), grpc.WithDefaultServiceConfig(cmp.Or(c.config, "{}")))...)
				}
				if c.translated != nil && chain == "translated" {
					c.translated(t, open())
					return
				}
				c.run(t.Context(), open)
			})
		}
	}
}
