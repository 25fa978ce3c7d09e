package interceptors_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"google.golang.org/grpc"
	pb "google.golang.org/grpc/interop/grpc_testing"

	"github.com/errwire/errwire/interceptors"
	"github.com/errwire/errwire/status"
)

// everyOption is all that could cost a call something.
func everyOption() []interceptors.ServerOption {
	return append(serviceMappers(),
		interceptors.WithDomain(domain),
		interceptors.WithServiceDomain(func(string) string { return "" }),
		interceptors.WithLogger(discard),
		interceptors.WithDebugInfo(),
		interceptors.WithErrorHook(func(context.Context, *status.Error, error) {}),
		interceptors.WithRequestID(func(context.Context) string { return "" }),
		interceptors.WithLocalizer(func(string, *status.Error) (string, string) { return "", "" }),
		interceptors.WithStrict(func(interceptors.Violation) {}),
	)
}

func TestSuccessCostsNoAllocation(t *testing.T) {
	unary := interceptors.UnaryServerInterceptor(everyOption()...)
	stream := interceptors.StreamServerInterceptor(everyOption()...)
	ctx, reply := t.Context(), any(&pb.SimpleResponse{})
	unaryInfo, streamInfo := &grpc.UnaryServerInfo{FullMethod: "/a.B/C"}, &grpc.StreamServerInfo{FullMethod: "/a.B/C"}
	handle := func(context.Context, any) (any, error) { return reply, nil } //nolint:unparam // the signature is grpc's
	handleStream := func(any, grpc.ServerStream) error { return nil }
	var serverStream grpc.ServerStream = noStream{}

	assert.Zero(t, testing.AllocsPerRun(1000, func() { _, _ = unary(ctx, reply, unaryInfo, handle) }))
	assert.Zero(t, testing.AllocsPerRun(1000, func() { _ = stream(nil, serverStream, streamInfo, handleStream) }))
}

// BenchmarkServer compares with a bare server what the interceptors cost a
// call over loopback, when it succeeds and when it fails. For having any
// interceptor at all grpc allocates by itself, which "empty" shows.
func BenchmarkServer(b *testing.B) {
	notFound := status.New(status.NotFound, "There is no shelf.").WithServiceCode(shelfFull)
	for _, outcome := range []struct {
		name   string
		handle handler
	}{{"success", fails(nil)}, {"failure", fails(notFound)}} {
		for _, server := range []struct {
			name string
			opts []grpc.ServerOption
		}{{"bare", nil}, {"empty", []grpc.ServerOption{grpc.UnaryInterceptor(emptyInterceptor)}}, {"errwire", interceptors.ServerOptions(everyOption()...)}} {
			b.Run(outcome.name+"/"+server.name, func(b *testing.B) {
				client := pb.NewTestServiceClient(dial(b, serve(b, outcome.handle, server.opts...)))
				request, ctx := &pb.SimpleRequest{}, b.Context()
				b.ReportAllocs()
				for b.Loop() {
					_, _ = client.UnaryCall(ctx, request)
				}
			})
		}
	}
}

func emptyInterceptor(ctx context.Context, req any, _ *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
	return handler(ctx, req)
}

// BenchmarkServerInterceptor is the interceptor by itself.
func BenchmarkServerInterceptor(b *testing.B) {
	intercept := interceptors.UnaryServerInterceptor(interceptors.WithDomain(domain), interceptors.WithLogger(discard))
	info := &grpc.UnaryServerInfo{FullMethod: "/a.B/C"}
	for _, outcome := range []struct {
		name string
		err  error
	}{
		{"success", nil},
		{"not found", status.New(status.NotFound, "There is no shelf.").WithServiceCode(shelfFull)},
		{"bare code", status.NotFound},
		{"plain error", errFull},
		{"trimmed", status.New(status.NotFound, "x").WithDetails(badRequest(300))},
	} {
		b.Run(outcome.name, func(b *testing.B) {
			handle := func(context.Context, any) (any, error) { return nil, outcome.err }
			ctx := b.Context()
			b.ReportAllocs()
			for b.Loop() {
				_, _ = intercept(ctx, nil, info, handle)
			}
		})
	}
}
