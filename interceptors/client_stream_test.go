package interceptors_test

import (
	"context"
	"io"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	testpb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/metadata"
	grpcstatus "google.golang.org/grpc/status"

	"net"

	"github.com/errwire/errwire/interceptors"
	"github.com/errwire/errwire/retry"
	"github.com/errwire/errwire/status"
)

// A streamServer runs a function per kind of stream, each told which attempt it
// is.
type streamServer struct {
	testpb.UnimplementedTestServiceServer
	attempts atomic.Int32
	output   func(attempt int, req *testpb.StreamingOutputCallRequest, s grpc.ServerStream) error
	duplex   func(attempt int, s grpc.ServerStream) error
	input    func(attempt int, s testpb.TestService_StreamingInputCallServer) error
}

func (t *streamServer) StreamingOutputCall(req *testpb.StreamingOutputCallRequest, s testpb.TestService_StreamingOutputCallServer) error {
	return t.output(int(t.attempts.Add(1)), req, s)
}

func (t *streamServer) FullDuplexCall(s testpb.TestService_FullDuplexCallServer) error {
	return t.duplex(int(t.attempts.Add(1)), s)
}

func (t *streamServer) StreamingInputCall(s testpb.TestService_StreamingInputCallServer) error {
	return t.input(int(t.attempts.Add(1)), s)
}

func streamClient(t *testing.T, server *streamServer, opts ...interceptors.ClientOption) testpb.TestServiceClient {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	s := grpc.NewServer()
	testpb.RegisterTestServiceServer(s, server)
	go func() { _ = s.Serve(listener) }()
	t.Cleanup(s.Stop)
	opts = append([]interceptors.ClientOption{interceptors.WithRetryPolicy(quick(t))}, opts...)
	conn, err := grpc.NewClient(listener.Addr().String(),
		append(interceptors.DialOptions(opts...), grpc.WithTransportCredentials(insecure.NewCredentials()))...)
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	return testpb.NewTestServiceClient(conn)
}

func quick(t *testing.T, opts ...retry.Option) *retry.Policy {
	t.Helper()
	p, err := retry.NewPolicy(append([]retry.Option{retry.WithBackoff(time.Millisecond, time.Millisecond), retry.WithoutBudget()}, opts...)...)
	require.NoError(t, err)
	return p
}

func payload(text string) *testpb.Payload { return &testpb.Payload{Body: []byte(text)} }

var errDown = grpcstatus.Error(codes.Unavailable, "down")

func TestServerStreamIsRetriedUntilItsFirstMessage(t *testing.T) {
	t.Parallel()
	server := &streamServer{output: func(attempt int, _ *testpb.StreamingOutputCallRequest, s grpc.ServerStream) error {
		if attempt < 3 {
			_ = s.SendHeader(metadata.Pairs("attempt", "early")) // a header does not turn retries off
			return errDown
		}
		for _, text := range []string{"a", "b", "c"} {
			if err := s.SendMsg(&testpb.StreamingOutputCallResponse{Payload: payload(text)}); err != nil {
				return err
			}
		}
		s.SetTrailer(metadata.Pairs("t", "last"))
		return errDown
	}}
	client := streamClient(t, server)
	var trailer metadata.MD
	var finished []error
	stream, err := client.StreamingOutputCall(t.Context(), &testpb.StreamingOutputCallRequest{},
		grpc.Trailer(&trailer), grpc.OnFinish(func(err error) { finished = append(finished, err) }))
	require.NoError(t, err)
	var got string
	for {
		resp, err := stream.Recv()
		if err != nil {
			require.True(t, status.IsUnavailable(err), "%+v", err)
			assert.Equal(t, "down", err.Error())
			assert.Equal(t, 3, status.FromError(err).Attempts())
			assert.Equal(t, []error{err}, finished)
			break
		}
		got += string(resp.GetPayload().GetBody())
	}
	assert.Equal(t, "abc", got, "nothing twice")
	assert.EqualValues(t, 3, server.attempts.Load())
	assert.Equal(t, []string{"last"}, trailer["t"])
	assert.Equal(t, []string{"last"}, stream.Trailer()["t"])
}

func TestDuplexReplaysWhatWasSent(t *testing.T) {
	t.Parallel()
	server := &streamServer{duplex: func(attempt int, s grpc.ServerStream) error {
		for n := 0; ; n++ {
			var req testpb.StreamingOutputCallRequest
			if err := s.RecvMsg(&req); err == io.EOF {
				return nil
			} else if err != nil {
				return err
			}
			if attempt < 3 {
				if n == 1 {
					return errDown
				}
				continue
			}
			if err := s.SendMsg(&testpb.StreamingOutputCallResponse{Payload: req.GetPayload()}); err != nil {
				return err
			}
		}
	}}
	client := streamClient(t, server)
	stream, err := client.FullDuplexCall(t.Context())
	require.NoError(t, err)
	req := &testpb.StreamingOutputCallRequest{}
	for _, text := range []string{"a", "b", "c", "d"} {
		req.Payload = payload(text)
		require.NoError(t, stream.Send(req))
		req.Payload.Body[0] = 'x'
	}
	require.NoError(t, stream.CloseSend())
	var got string
	for {
		resp, err := stream.Recv()
		if err == io.EOF {
			break
		}
		require.NoError(t, err)
		got += string(resp.GetPayload().GetBody())
	}
	assert.Equal(t, "abcd", got)
}

func TestClientStreamSendOnlyIsRetried(t *testing.T) {
	t.Parallel()
	server := &streamServer{input: func(attempt int, s testpb.TestService_StreamingInputCallServer) error {
		if attempt < 3 {
			return errDown
		}
		n := int32(0)
		for {
			if _, err := s.Recv(); err == io.EOF {
				return s.SendAndClose(&testpb.StreamingInputCallResponse{AggregatedPayloadSize: n})
			} else if err != nil {
				return err
			}
			n++
		}
	}}
	client := streamClient(t, server)
	stream, err := client.StreamingInputCall(t.Context())
	require.NoError(t, err)
	for range 100 {
		require.NoError(t, stream.Send(&testpb.StreamingInputCallRequest{Payload: payload("x")}))
	}
	resp, err := stream.CloseAndRecv()
	require.NoError(t, err)
	assert.EqualValues(t, 100, resp.GetAggregatedPayloadSize())
}

func TestHeaderIsThatOfTheAttemptThatAnswers(t *testing.T) {
	t.Parallel()
	server := &streamServer{duplex: func(attempt int, s grpc.ServerStream) error {
		if attempt < 3 {
			return errDown
		}
		_ = s.SendHeader(metadata.Pairs("attempt", "third"))
		<-s.Context().Done()
		return s.Context().Err()
	}}
	ctx, cancel := context.WithCancel(t.Context())
	stream, err := streamClient(t, server).FullDuplexCall(ctx)
	require.NoError(t, err)
	header, err := stream.Header()
	require.NoError(t, err)
	assert.Equal(t, []string{"third"}, header["attempt"])
	cancel()
	_, err = stream.Recv()
	require.ErrorIs(t, err, context.Canceled)
	assert.True(t, status.IsCancelled(err))
}

func TestResumeGoesOnWithoutGapOrRepeat(t *testing.T) {
	t.Parallel()
	server := &streamServer{output: func(attempt int, req *testpb.StreamingOutputCallRequest, s grpc.ServerStream) error {
		start := byte('a')
		if body := req.GetPayload().GetBody(); len(body) > 0 {
			start = body[0] + 1
		}
		for c := start; c <= 'z'; c++ {
			if err := s.SendMsg(&testpb.StreamingOutputCallResponse{Payload: payload(string(c))}); err != nil {
				return err
			}
			if c%5 == 0 {
				return errDown
			}
		}
		return nil
	}}
	stream, err := streamClient(t, server).StreamingOutputCall(t.Context(), &testpb.StreamingOutputCallRequest{},
		interceptors.Resume(interceptors.ResumeAfter(
			func(req *testpb.StreamingOutputCallRequest, last *testpb.StreamingOutputCallResponse) *testpb.StreamingOutputCallRequest {
				req.Payload = last.GetPayload()
				return req
			})))
	require.NoError(t, err)
	var got string
	for {
		resp, err := stream.Recv()
		if err == io.EOF {
			break
		}
		require.NoError(t, err)
		got += string(resp.GetPayload().GetBody())
	}
	assert.Equal(t, "abcdefghijklmnopqrstuvwxyz", got)
}
