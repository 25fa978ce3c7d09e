package interop_test

import (
	"context"
	"net"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/interop"
	pb "google.golang.org/grpc/interop/grpc_testing"

	"github.com/errwire/errwire/interceptors"
)

// cases are gRPC's own interop cases but those that need credentials of a cloud,
// ORCA or a server that tells its name. They end the process when they fail.
var cases = map[string]func(ctx context.Context, conn *grpc.ClientConn){
	"empty_unary":                 onService(interop.DoEmptyUnaryCall),
	"large_unary":                 onService(interop.DoLargeUnaryCall),
	"client_streaming":            onService(interop.DoClientStreaming),
	"server_streaming":            onService(interop.DoServerStreaming),
	"ping_pong":                   onService(interop.DoPingPong),
	"empty_stream":                onService(interop.DoEmptyStream),
	"timeout_on_sleeping_server":  onService(interop.DoTimeoutOnSleepingServer),
	"cancel_after_begin":          onService(interop.DoCancelAfterBegin),
	"cancel_after_first_response": onService(interop.DoCancelAfterFirstResponse),
	"custom_metadata":             onService(interop.DoCustomMetadata),
	"status_code_and_message":     onService(interop.DoStatusCodeAndMessage),
	"special_status_message":      onService(interop.DoSpecialStatusMessage),
	"unimplemented_method":        func(ctx context.Context, conn *grpc.ClientConn) { interop.DoUnimplementedMethod(ctx, conn) },
	"unimplemented_service": func(ctx context.Context, conn *grpc.ClientConn) {
		interop.DoUnimplementedService(ctx, pb.NewUnimplementedServiceClient(conn))
	},
}

// compareText are the cases that compare the text of errors, which grpc-go
// begins with "rpc error:".
var compareText = map[string]bool{"status_code_and_message": true, "special_status_message": true}

func onService(do func(context.Context, pb.TestServiceClient, ...grpc.CallOption)) func(context.Context, *grpc.ClientConn) {
	return func(ctx context.Context, conn *grpc.ClientConn) { do(ctx, pb.NewTestServiceClient(conn)) }
}

func TestCasesOfGRPC(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	server := grpc.NewServer(interceptors.ServerOptions(quiet)...)
	pb.RegisterTestServiceServer(server, interop.NewTestServer())
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(server.Stop)

	for name, run := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for chain, options := range map[string][]interceptors.ClientOption{
				"translated":     {interceptors.WithIdempotent()},
				"not translated": {interceptors.WithIdempotent(), interceptors.WithoutTranslation()},
			} {
				if chain == "translated" && compareText[name] {
					continue
				}
				run(t.Context(), dial(t, listener.Addr().String(), interceptors.DialOptions(options...)...))
			}
		})
	}
}
