package conformance_test

import (
	"cmp"
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/dynamicpb"

	"github.com/errwire/errwire/httpbridge"
	"github.com/errwire/errwire/httpbridge/connectbridge"
	"github.com/errwire/errwire/status"
)

type (
	dynamicRequest  = connect.Request[dynamicpb.Message]
	dynamicResponse = connect.Response[dynamicpb.Message]
)

// serveConnect is connect-go's server, in all its protocols, with connectbridge.
func serveConnect(listener net.Listener) error {
	all, err := methods()
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	for _, method := range all {
		procedure := "/" + serviceName + "/" + string(method.Name())
		options := []connect.HandlerOption{
			connect.WithInterceptors(connectbridge.NewServerInterceptor(httpbridge.WithLogger(slog.New(slog.DiscardHandler)))),
			connect.WithSchema(method), connect.WithRequestInitializer(initialize),
		}
		if method.Name() == "IdempotentUnary" {
			options = append(options, connect.WithIdempotency(connect.IdempotencyNoSideEffects))
		}
		mux.Handle(procedure, connectHandler(procedure, method, options))
	}
	server := &http.Server{Handler: mux, Protocols: new(http.Protocols)}
	server.Protocols.SetHTTP1(true)
	server.Protocols.SetUnencryptedHTTP2(true)
	return server.Serve(listener)
}

func connectHandler(procedure string, method protoreflect.MethodDescriptor, options []connect.HandlerOption) http.Handler {
	switch {
	case method.Name() == "Unimplemented":
		return connect.NewUnaryHandler(procedure, func(context.Context, *dynamicRequest) (*dynamicResponse, error) {
			return nil, status.Unimplemented
		}, options...)
	case method.IsStreamingClient() && method.IsStreamingServer():
		return connect.NewBidiStreamHandler(procedure, func(ctx context.Context, stream *connect.BidiStream[dynamicpb.Message, dynamicpb.Message]) error {
			x := exchangeOfConnect(ctx, method)
			x.receive = func() (proto.Message, error) { return stream.Receive() }
			x.send = func(m proto.Message) error { return stream.Send(m.(*dynamicpb.Message)) }
			return x.serve()
		}, options...)
	case method.IsStreamingClient():
		return connect.NewClientStreamHandler(procedure, func(ctx context.Context, stream *connect.ClientStream[dynamicpb.Message]) (*dynamicResponse, error) {
			return exchangeOfConnect(ctx, method).respond(func() (proto.Message, error) {
				if stream.Receive() {
					return stream.Msg(), nil
				}
				return nil, cmp.Or(stream.Err(), io.EOF)
			})
		}, options...)
	case method.IsStreamingServer():
		return connect.NewServerStreamHandler(procedure, func(ctx context.Context, req *dynamicRequest, stream *connect.ServerStream[dynamicpb.Message]) error {
			x := exchangeOfConnect(ctx, method)
			x.receive = onceOf(req.Msg)
			x.send = func(m proto.Message) error { return stream.Send(m.(*dynamicpb.Message)) }
			return x.serve()
		}, options...)
	default:
		return connect.NewUnaryHandler(procedure, func(ctx context.Context, req *dynamicRequest) (*dynamicResponse, error) {
			x := exchangeOfConnect(ctx, method)
			if req.HTTPMethod() == http.MethodGet {
				x.query = fromHTTP(req.Peer().Query)
			}
			return x.respond(onceOf(req.Msg))
		}, options...)
	}
}

// respond serves a call with one answer.
func (x *exchange) respond(receive func() (proto.Message, error)) (*dynamicResponse, error) {
	var out *dynamicResponse
	x.receive = receive
	x.send = func(m proto.Message) error {
		out = connect.NewResponse(m.(*dynamicpb.Message))
		return nil
	}
	if err := x.serve(); err != nil {
		return nil, err
	}
	return out, nil
}

// exchangeOfConnect is what all kinds of Connect's calls have in common.
func exchangeOfConnect(ctx context.Context, method protoreflect.MethodDescriptor) *exchange {
	info, _ := connect.CallInfoForHandlerContext(ctx)
	return &exchange{
		ctx: ctx, method: method, headers: fromHTTP(info.RequestHeader()),
		setHeader:  func(headers []header) { merge(info.ResponseHeader(), toHTTP(headers)) },
		setTrailer: func(headers []header) { merge(info.ResponseTrailer(), toHTTP(headers)) },
	}
}
