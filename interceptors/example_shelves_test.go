package interceptors_test

import (
	"context"
	"log"
	"net"
	"sync/atomic"

	"google.golang.org/grpc"
	testpb "google.golang.org/grpc/interop/grpc_testing"
)

// exampleService is the service of the client examples: it gives one answer
// after the other.
type exampleService struct {
	testpb.UnimplementedTestServiceServer
	answers []error
	calls   atomic.Int32
}

func (s *exampleService) UnaryCall(context.Context, *testpb.SimpleRequest) (*testpb.SimpleResponse, error) {
	return &testpb.SimpleResponse{}, s.answers[s.calls.Add(1)-1]
}

// startExample serves it on loopback.
func startExample(answers ...error) (addr string, stop func()) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	server := grpc.NewServer()
	testpb.RegisterTestServiceServer(server, &exampleService{answers: answers})
	go func() { _ = server.Serve(listener) }()
	return listener.Addr().String(), server.Stop
}
