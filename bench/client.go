package main

import (
	"context"
	"io"

	"github.com/googleapis/gax-go/v2"
	mwretry "github.com/grpc-ecosystem/go-grpc-middleware/v2/interceptors/retry"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	grpcmetadata "google.golang.org/grpc/metadata"

	"github.com/errwire/errwire/interceptors"
)

// intercepting is a contender whose call reaches nobody and succeeds: what is
// left is what the interceptor costs.
func intercepting(name string, interceptor grpc.UnaryClientInterceptor) contender {
	return contender{name, func() (func() any, func()) {
		ctx, conn := context.Background(), idleConn()
		req, reply := &healthpb.HealthCheckRequest{}, &healthpb.HealthCheckResponse{}
		return func() any {
			return interceptor(ctx, healthpb.Health_Check_FullMethodName, req, reply, conn, nothing) == nil
		}, func() { _ = conn.Close() }
	}}
}

func nothing(context.Context, string, any, any, *grpc.ClientConn, ...grpc.CallOption) error {
	return nil
}

func idleConn() *grpc.ClientConn {
	conn, err := grpc.NewClient("127.0.0.1:1", grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return nil
	}
	return conn
}

var unarySuccess = []contender{
	intercepting("errwire", interceptors.UnaryClientInterceptor()),
	intercepting("go-grpc-middleware retry", mwretry.UnaryClientInterceptor(mwretry.WithMax(5))),
	{"gax.Invoke", func() (func() any, func()) {
		ctx := context.Background()
		retryer := gax.WithRetry(func() gax.Retryer { return gax.OnCodes([]codes.Code{codes.Unavailable}, gax.Backoff{}) })
		call := func(context.Context, gax.CallSettings) error { return nil }
		return func() any { return gax.Invoke(ctx, call, retryer) == nil }, no
	}},
	intercepting("bare", func(ctx context.Context, method string, req, reply any, cc *grpc.ClientConn, invoker grpc.UnaryInvoker, opts ...grpc.CallOption) error {
		return invoker(ctx, method, req, reply, cc, opts...)
	}),
}

// receiving is a contender that receives a message of a stream that never ends.
func receiving(name string, interceptor grpc.StreamClientInterceptor) contender {
	return contender{name, func() (func() any, func()) {
		conn := idleConn()
		ctx, cancel := context.WithCancel(context.Background())
		streamer := func(ctx context.Context, _ *grpc.StreamDesc, _ *grpc.ClientConn, _ string, _ ...grpc.CallOption) (grpc.ClientStream, error) {
			return endless{ctx}, nil
		}
		stream, err := interceptor(ctx, &grpc.StreamDesc{ServerStreams: true}, conn, healthpb.Health_Watch_FullMethodName, streamer)
		message := &healthpb.HealthCheckResponse{}
		return func() any { return err == nil && stream.RecvMsg(message) == nil }, func() {
			cancel()
			_ = conn.Close()
		}
	}}
}

var streamMessage = []contender{
	receiving("errwire", interceptors.StreamClientInterceptor()),
	receiving("go-grpc-middleware retry", mwretry.StreamClientInterceptor(mwretry.WithMax(5))),
	receiving("bare", func(ctx context.Context, desc *grpc.StreamDesc, cc *grpc.ClientConn, method string, streamer grpc.Streamer, opts ...grpc.CallOption) (grpc.ClientStream, error) {
		return streamer(ctx, desc, cc, method, opts...)
	}),
}

// endless is a stream that always has a message.
type endless struct{ ctx context.Context }

func (e endless) Header() (grpcmetadata.MD, error) { return nil, io.ErrClosedPipe }
func (e endless) Trailer() grpcmetadata.MD         { return nil }
func (e endless) CloseSend() error                 { return nil }
func (e endless) Context() context.Context         { return e.ctx }
func (e endless) SendMsg(any) error                { return nil }
func (e endless) RecvMsg(any) error                { return nil }
