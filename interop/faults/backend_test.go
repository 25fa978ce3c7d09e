// Package faults breaks real connections, and holds errwire to its promises.
package faults_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/credentials/insecure"
	pb "google.golang.org/grpc/interop/grpc_testing"

	"github.com/errwire/errwire/interceptors"
	"github.com/errwire/errwire/retry"
)

const (
	secret   = "hunter2"
	messages = 5 // of a stream
)

// runs counts how often each call ran.
type runs struct {
	mutex sync.Mutex
	of    map[string]int
}

func (r *runs) add(id string) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if r.of == nil {
		r.of = map[string]int{}
	}
	r.of[id]++
}

func (r *runs) count(id string) int {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	return r.of[id]
}

// service counts its runs, and numbers what it answers.
type service struct {
	pb.UnimplementedTestServiceServer
	runs
	hold func(ctx context.Context) // in mid-call, if not nil
}

func (s *service) began(ctx context.Context, id string) {
	s.add(id)
	if s.hold != nil {
		s.hold(ctx)
	}
}

func (s *service) UnaryCall(ctx context.Context, req *pb.SimpleRequest) (*pb.SimpleResponse, error) {
	s.began(ctx, string(req.GetPayload().GetBody()))
	return &pb.SimpleResponse{Username: string(req.GetPayload().GetBody())}, nil
}

func (s *service) StreamingOutputCall(req *pb.StreamingOutputCallRequest, stream pb.TestService_StreamingOutputCallServer) error {
	s.began(stream.Context(), string(req.GetPayload().GetBody()))
	for i := range messages {
		if err := stream.Send(numbered(i)); err != nil {
			return err
		}
	}
	return nil
}

func (s *service) StreamingInputCall(stream pb.TestService_StreamingInputCallServer) error {
	for i := int32(0); ; i++ {
		req, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return stream.SendAndClose(&pb.StreamingInputCallResponse{AggregatedPayloadSize: i})
		}
		if err != nil {
			return err
		}
		if i == 0 {
			s.began(stream.Context(), string(req.GetPayload().GetBody()))
		}
	}
}

func (s *service) FullDuplexCall(stream pb.TestService_FullDuplexCallServer) error {
	for i := 0; ; i++ {
		req, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if i == 0 {
			s.began(stream.Context(), string(req.GetPayload().GetBody()))
		}
		if err := stream.Send(numbered(i)); err != nil {
			return err
		}
	}
}

func numbered(i int) *pb.StreamingOutputCallResponse {
	return &pb.StreamingOutputCallResponse{Payload: payload(strconv.Itoa(i))}
}

func payload(text string) *pb.Payload { return &pb.Payload{Body: []byte(text)} }

// A kind makes one kind of call. It returns what it received, in words.
type kind struct {
	name string
	call func(ctx context.Context, client pb.TestServiceClient, id string) (received []string, err error)
	want func(id string) []string
}

var kinds = []kind{
	{"unary", func(ctx context.Context, client pb.TestServiceClient, id string) ([]string, error) {
		resp, err := client.UnaryCall(ctx, &pb.SimpleRequest{Payload: payload(id)})
		if err != nil {
			return nil, err
		}
		return []string{resp.GetUsername()}, nil
	}, func(id string) []string { return []string{id} }},
	{"server stream", func(ctx context.Context, client pb.TestServiceClient, id string) ([]string, error) {
		stream, err := client.StreamingOutputCall(ctx, &pb.StreamingOutputCallRequest{Payload: payload(id)})
		if err != nil {
			return nil, err
		}
		return receive(stream.Recv)
	}, counted},
	{"client stream", func(ctx context.Context, client pb.TestServiceClient, id string) ([]string, error) {
		stream, err := client.StreamingInputCall(ctx)
		if err != nil {
			return nil, err
		}
		for range messages {
			if err := stream.Send(&pb.StreamingInputCallRequest{Payload: payload(id)}); err != nil {
				break // what is received says why
			}
		}
		resp, err := stream.CloseAndRecv()
		if err != nil {
			return nil, err
		}
		return []string{strconv.Itoa(int(resp.GetAggregatedPayloadSize()))}, nil
	}, func(string) []string { return []string{strconv.Itoa(messages)} }},
	{"bidi stream", func(ctx context.Context, client pb.TestServiceClient, id string) ([]string, error) {
		stream, err := client.FullDuplexCall(ctx)
		if err != nil {
			return nil, err
		}
		for range messages {
			if err := stream.Send(&pb.StreamingOutputCallRequest{Payload: payload(id)}); err != nil {
				break
			}
		}
		_ = stream.CloseSend()
		return receive(stream.Recv)
	}, counted},
}

func receive(recv func() (*pb.StreamingOutputCallResponse, error)) (received []string, err error) {
	for {
		resp, err := recv()
		if errors.Is(err, io.EOF) {
			return received, nil
		}
		if err != nil {
			return received, err
		}
		received = append(received, string(resp.GetPayload().GetBody()))
	}
}

// counted is what a stream of answers says.
func counted(string) []string {
	all := make([]string, messages)
	for i := range all {
		all[i] = strconv.Itoa(i)
	}
	return all
}

// isPrefix says that nothing came twice, and nothing in another order.
func isPrefix(received, want []string) bool {
	return len(received) <= len(want) && slices.Equal(received, want[:len(received)])
}

// serve starts the service on an address, "127.0.0.1:0" for any.
func serve(t *testing.T, address string, s *service) (server *grpc.Server, at string) {
	t.Helper()
	listener, err := net.Listen("tcp", address)
	require.NoError(t, err)
	server = grpc.NewServer(interceptors.ServerOptions(interceptors.WithLogger(slog.New(slog.DiscardHandler)))...)
	pb.RegisterTestServiceServer(server, s)
	go func() { _ = server.Serve(listener) }()
	return server, listener.Addr().String()
}

// policy has waits that nobody notices.
func policy(t *testing.T) *retry.Policy {
	t.Helper()
	p, err := retry.NewPolicy(retry.WithBackoff(time.Millisecond, 20*time.Millisecond), retry.WithoutBudget())
	require.NoError(t, err)
	return p
}

func dial(t *testing.T, address string, opts []interceptors.ClientOption, more ...grpc.DialOption) *grpc.ClientConn {
	t.Helper()
	options := append(interceptors.DialOptions(append(opts, interceptors.WithRetryPolicy(policy(t)))...), more...)
	conn, err := grpc.NewClient(address, append(options, grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithConnectParams(grpc.ConnectParams{
			Backoff:           backoff.Config{BaseDelay: 5 * time.Millisecond, Multiplier: 1.5, MaxDelay: 50 * time.Millisecond},
			MinConnectTimeout: 10 * time.Second,
		}))...)
	require.NoError(t, err)
	return conn
}
