package interceptors_test

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

// A handler is what all methods of the test service do: it may look at the
// call, and its error is the call's.
type handler func(ctx context.Context) error

// testService is grpc's own test service with every kind of method. The
// bidi stream sends one message before it fails.
type testService struct {
	pb.UnimplementedTestServiceServer
	handle handler
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

// wordy is an answer of more than 2 KiB.
var wordy = &pb.Payload{Body: make([]byte, 2<<10)}

func (s *testService) CacheableUnaryCall(ctx context.Context, _ *pb.SimpleRequest) (*pb.SimpleResponse, error) {
	return &pb.SimpleResponse{Payload: wordy}, s.handle(ctx)
}

func (s *testService) HalfDuplexCall(stream pb.TestService_HalfDuplexCallServer) error {
	if err := stream.Send(&pb.StreamingOutputCallResponse{Payload: wordy}); err != nil {
		return err
	}
	return s.handle(stream.Context())
}

// serve starts a server on loopback and returns its address.
func serve(t testing.TB, handle handler, opts ...grpc.ServerOption) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	server := grpc.NewServer(opts...)
	pb.RegisterTestServiceServer(server, &testService{handle: handle})
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(server.Stop)
	return listener.Addr().String()
}

func dial(t testing.TB, target string, opts ...grpc.DialOption) *grpc.ClientConn {
	t.Helper()
	conn, err := grpc.NewClient(target, append(opts, grpc.WithTransportCredentials(insecure.NewCredentials()))...)
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// A kind is one kind of method; call makes such a call and returns its error
// and its trailers.
type kind struct {
	name string
	call func(ctx context.Context, client pb.TestServiceClient) (header, trailer metadata.MD, err error)
}

var kinds = []kind{
	{"unary", func(ctx context.Context, client pb.TestServiceClient) (header, trailer metadata.MD, err error) {
		_, err = client.UnaryCall(ctx, &pb.SimpleRequest{}, grpc.Header(&header), grpc.Trailer(&trailer))
		return header, trailer, err
	}},
	{"server stream", func(ctx context.Context, client pb.TestServiceClient) (header, trailer metadata.MD, err error) {
		stream, err := client.StreamingOutputCall(ctx, &pb.StreamingOutputCallRequest{})
		if err != nil {
			return nil, nil, err
		}
		return drain(stream, func() error { _, err := stream.Recv(); return err })
	}},
	{"client stream", func(ctx context.Context, client pb.TestServiceClient) (header, trailer metadata.MD, err error) {
		stream, err := client.StreamingInputCall(ctx)
		if err != nil {
			return nil, nil, err
		}
		_ = stream.Send(&pb.StreamingInputCallRequest{}) // the status is what is received
		return drain(stream, func() error { _, err := stream.CloseAndRecv(); return err })
	}},
	{"bidi stream", func(ctx context.Context, client pb.TestServiceClient) (header, trailer metadata.MD, err error) {
		stream, err := client.FullDuplexCall(ctx)
		if err != nil {
			return nil, nil, err
		}
		_ = stream.Send(&pb.StreamingOutputCallRequest{}) // the status is what is received
		return drain(stream, func() error { _, err := stream.Recv(); return err })
	}},
}

// drain receives until there is an error, and returns what came with it.
func drain(stream grpc.ClientStream, receive func() error) (header, trailer metadata.MD, err error) {
	for err == nil {
		err = receive()
	}
	header, _ = stream.Header()
	return header, stream.Trailer(), err
}
