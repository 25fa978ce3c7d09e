package conformance_test

import (
	"context"
	"io"
	"log/slog"
	"net"

	"google.golang.org/grpc"
	_ "google.golang.org/grpc/encoding/gzip" // a compression of the suite
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/dynamicpb"

	"github.com/errwire/errwire/interceptors"
)

// serveGRPC is grpc-go's server with errwire's interceptors.
func serveGRPC(listener net.Listener) error {
	all, err := methods()
	if err != nil {
		return err
	}
	description := grpc.ServiceDesc{ServiceName: serviceName, HandlerType: (*any)(nil)}
	for _, method := range all {
		name := string(method.Name())
		switch {
		case name == "Unimplemented": // as it says
		case method.IsStreamingClient() || method.IsStreamingServer():
			description.Streams = append(description.Streams, grpc.StreamDesc{
				StreamName: name, ClientStreams: method.IsStreamingClient(), ServerStreams: method.IsStreamingServer(),
				Handler: func(_ any, stream grpc.ServerStream) error { return exchangeOfStream(method, stream).serve() },
			})
		default:
			description.Methods = append(description.Methods, grpc.MethodDesc{MethodName: name, Handler: unaryHandler(method)})
		}
	}
	server := grpc.NewServer(interceptors.ServerOptions(interceptors.WithLogger(slog.New(slog.DiscardHandler)))...)
	server.RegisterService(&description, nil)
	return server.Serve(listener)
}

// exchangeOf is what all kinds of gRPC calls have in common.
func exchangeOf(ctx context.Context, method protoreflect.MethodDescriptor) *exchange {
	md, _ := metadata.FromIncomingContext(ctx)
	return &exchange{ctx: ctx, method: method, headers: fromMetadata(md)}
}

func exchangeOfStream(method protoreflect.MethodDescriptor, stream grpc.ServerStream) *exchange {
	x := exchangeOf(stream.Context(), method)
	x.receive = func() (proto.Message, error) {
		m := dynamicpb.NewMessage(method.Input())
		return m, stream.RecvMsg(m)
	}
	x.send = func(m proto.Message) error { return stream.SendMsg(m) }
	x.setHeader = func(headers []header) {
		md, _ := toMetadata(headers)
		_ = stream.SetHeader(md)
	}
	x.setTrailer = func(headers []header) {
		md, _ := toMetadata(headers)
		stream.SetTrailer(md)
	}
	return x
}

func unaryHandler(method protoreflect.MethodDescriptor) grpc.MethodHandler {
	return func(service any, ctx context.Context, decode func(any) error, intercept grpc.UnaryServerInterceptor) (any, error) {
		in := dynamicpb.NewMessage(method.Input())
		if err := decode(in); err != nil {
			return nil, err
		}
		info := &grpc.UnaryServerInfo{Server: service, FullMethod: "/" + serviceName + "/" + string(method.Name())}
		return intercept(ctx, in, info, func(ctx context.Context, req any) (any, error) {
			var out proto.Message
			x := exchangeOf(ctx, method)
			x.receive = onceOf(req.(proto.Message))
			x.send = func(m proto.Message) error {
				out = m
				return nil
			}
			x.setHeader = func(headers []header) {
				md, _ := toMetadata(headers)
				_ = grpc.SetHeader(ctx, md)
			}
			x.setTrailer = func(headers []header) {
				md, _ := toMetadata(headers)
				_ = grpc.SetTrailer(ctx, md)
			}
			if err := x.serve(); err != nil {
				return nil, err
			}
			return out, nil
		})
	}
}

// onceOf receives one message.
func onceOf(m proto.Message) func() (proto.Message, error) {
	return func() (proto.Message, error) {
		if m == nil {
			return nil, io.EOF
		}
		defer func() { m = nil }()
		return m, nil
	}
}
