package interop_test

import (
	"context"
	"net"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	pb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/metadata"
)

// testService is gRPC's own interop service; every method does the same.
type testService struct {
	pb.UnimplementedTestServiceServer
	handle func(ctx context.Context) error
}

func (s *testService) UnaryCall(ctx context.Context, _ *pb.SimpleRequest) (*pb.SimpleResponse, error) {
	return &pb.SimpleResponse{}, s.handle(ctx)
}

func (s *testService) StreamingOutputCall(_ *pb.StreamingOutputCallRequest, stream pb.TestService_StreamingOutputCallServer) error {
	return s.handle(stream.Context())
}

func (s *testService) StreamingInputCall(stream pb.TestService_StreamingInputCallServer) error {
	if _, err := stream.Recv(); err != nil {
		return err
	}
	return s.handle(stream.Context())
}

func (s *testService) FullDuplexCall(stream pb.TestService_FullDuplexCallServer) error {
	if _, err := stream.Recv(); err != nil {
		return err
	}
	if err := stream.Send(&pb.StreamingOutputCallResponse{}); err != nil {
		return err
	}
	return s.handle(stream.Context())
}

// serve starts a server on loopback and returns its address.
func serve(t *testing.T, handle func(ctx context.Context) error, opts ...grpc.ServerOption) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	server := grpc.NewServer(opts...)
	pb.RegisterTestServiceServer(server, &testService{handle: handle})
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(server.Stop)
	return listener.Addr().String()
}

func dial(t *testing.T, address string, opts ...grpc.DialOption) *grpc.ClientConn {
	t.Helper()
	conn, err := grpc.NewClient(address, append(opts, grpc.WithTransportCredentials(insecure.NewCredentials()))...)
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// A kind is one kind of method, and how a Go client makes such a call.
type kind struct {
	name, method string
	desc         *grpc.StreamDesc // nil: unary
}

var kinds = []kind{
	{"unary", pb.TestService_UnaryCall_FullMethodName, nil},
	{"server stream", pb.TestService_StreamingOutputCall_FullMethodName, &grpc.StreamDesc{ServerStreams: true}},
	{"client stream", pb.TestService_StreamingInputCall_FullMethodName, &grpc.StreamDesc{ClientStreams: true}},
	{"bidi stream", pb.TestService_FullDuplexCall_FullMethodName, &grpc.StreamDesc{ServerStreams: true, ClientStreams: true}},
}

// call makes a call and returns its error and trailer. All messages are empty.
func (k kind) call(ctx context.Context, conn *grpc.ClientConn) (trailer metadata.MD, err error) {
	if k.desc == nil {
		err = conn.Invoke(ctx, k.method, &pb.Empty{}, &pb.Empty{}, grpc.Trailer(&trailer))
		return trailer, err
	}
	stream, err := conn.NewStream(ctx, k.desc, k.method)
	if err != nil {
		return nil, err
	}
	_ = stream.SendMsg(&pb.Empty{}) // the status is what is received
	if !k.desc.ClientStreams || !k.desc.ServerStreams {
		_ = stream.CloseSend()
	}
	for err == nil {
		err = stream.RecvMsg(&pb.Empty{})
	}
	return stream.Trailer(), err
}
