package conformance_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/dynamicpb"

	"github.com/errwire/errwire/httpbridge/connectbridge"
)

type connectOf = connect.Client[dynamicpb.Message, dynamicpb.Message]

// connectClient is connect-go, in any of its protocols, with connectbridge.
func connectClient() dialer {
	clients := map[string]*http.Client{"HTTP_VERSION_1": httpClient(1), "HTTP_VERSION_2": httpClient(2)}
	return func(ctx context.Context, o *order, method protoreflect.MethodDescriptor) (call, error) {
		options := []connect.ClientOption{
			connect.WithInterceptors(connectbridge.NewClientInterceptor()),
			connect.WithSchema(method), connect.WithResponseInitializer(initialize),
		}
		switch o.Protocol {
		case "PROTOCOL_GRPC":
			options = append(options, connect.WithGRPC())
		case "PROTOCOL_GRPC_WEB":
			options = append(options, connect.WithGRPCWeb())
		}
		if o.Codec == "CODEC_JSON" {
			options = append(options, connect.WithProtoJSON())
		}
		if o.Compression == "COMPRESSION_GZIP" {
			options = append(options, connect.WithSendGzip())
		} else {
			options = append(options, connect.WithAcceptCompression("gzip", nil, nil))
		}
		if method.Name() == "IdempotentUnary" {
			options = append(options, connect.WithHTTPGet(), connect.WithIdempotency(connect.IdempotencyNoSideEffects))
		}
		url := "http://" + net.JoinHostPort(o.Host, strconv.Itoa(o.Port)) + "/" + serviceName + "/" + string(method.Name())
		c := connect.NewClient[dynamicpb.Message, dynamicpb.Message](clients[o.HTTPVersion], url, options...)
		headers := toHTTP(o.RequestHeaders)
		switch {
		case method.IsStreamingClient() && method.IsStreamingServer():
			stream := c.CallBidiStream(ctx)
			merge(stream.RequestHeader(), headers)
			return &connectBidi{stream}, nil
		case method.IsStreamingClient():
			stream := c.CallClientStream(ctx)
			merge(stream.RequestHeader(), headers)
			return &connectUpload{stream: stream}, nil
		case method.IsStreamingServer():
			return &connectDownload{ctx: ctx, client: c, headers: headers}, nil
		default:
			return &connectUnary{ctx: ctx, client: c, headers: headers}, nil
		}
	}
}

// initialize gives connect-go's empty message its type.
func initialize(spec connect.Spec, message any) error {
	method, ok := spec.Schema.(protoreflect.MethodDescriptor)
	if !ok {
		return errors.New("no schema")
	}
	if m, ok := message.(*dynamicpb.Message); ok {
		if spec.IsClient {
			*m = *dynamicpb.NewMessage(method.Output())
		} else {
			*m = *dynamicpb.NewMessage(method.Input())
		}
	}
	return nil
}

func httpClient(version int) *http.Client {
	transport := &http.Transport{Protocols: new(http.Protocols)}
	transport.Protocols.SetHTTP1(version == 1)
	transport.Protocols.SetUnencryptedHTTP2(version == 2)
	return &http.Client{Transport: transport}
}

// answered is the receiving half of calls that have one answer at most.
type answered struct {
	response *connect.Response[dynamicpb.Message]
	done     bool
}

func (a *answered) once(get func() (*connect.Response[dynamicpb.Message], error)) (*dynamicpb.Message, error) {
	if a.done {
		return nil, io.EOF
	}
	a.done = true
	var err error
	if a.response, err = get(); err != nil {
		return nil, err
	}
	return a.response.Msg, nil
}

func (a *answered) metadata(err error) (headers, trailers []header) {
	if a.response == nil {
		return nil, metaOf(err)
	}
	return fromHTTP(a.response.Header()), fromHTTP(a.response.Trailer())
}

type connectUnary struct {
	single
	answered
	ctx     context.Context
	client  *connectOf
	headers http.Header
}

func (c *connectUnary) receive() (*dynamicpb.Message, error) {
	return c.once(func() (*connect.Response[dynamicpb.Message], error) {
		return c.client.CallUnary(c.ctx, newRequest(c.request, c.headers))
	})
}

func newRequest(m proto.Message, headers http.Header) *connect.Request[dynamicpb.Message] {
	req := connect.NewRequest(m.(*dynamicpb.Message))
	merge(req.Header(), headers)
	return req
}

type connectUpload struct {
	answered
	stream *connect.ClientStreamForClient[dynamicpb.Message, dynamicpb.Message]
}

func (c *connectUpload) send(m proto.Message) error { return c.stream.Send(m.(*dynamicpb.Message)) }
func (c *connectUpload) closeSend() error           { return nil }
func (c *connectUpload) receive() (*dynamicpb.Message, error) {
	return c.once(func() (*connect.Response[dynamicpb.Message], error) {
		resp, err := c.stream.CloseAndReceive()
		// Of no answer and of two connect-go speaks after all interceptors.
		if failed, ok := err.(*connect.Error); ok && strings.HasPrefix(failed.Message(), "unary response has ") {
			err = connectbridge.FromConnect(failed)
		}
		return resp, err
	})
}

type connectDownload struct {
	single
	ctx     context.Context
	client  *connectOf
	headers http.Header
	stream  *connect.ServerStreamForClient[dynamicpb.Message]
}

func (c *connectDownload) receive() (*dynamicpb.Message, error) {
	if c.stream == nil {
		stream, err := c.client.CallServerStream(c.ctx, newRequest(c.request, c.headers))
		if err != nil {
			return nil, err
		}
		c.stream = stream
	}
	if c.stream.Receive() {
		return c.stream.Msg(), nil
	}
	if err := c.stream.Err(); err != nil {
		return nil, err
	}
	return nil, io.EOF
}

func (c *connectDownload) metadata(err error) (headers, trailers []header) {
	if c.stream == nil {
		return nil, metaOf(err)
	}
	defer func() { _ = c.stream.Close() }()
	return fromHTTP(c.stream.ResponseHeader()), fromHTTP(c.stream.ResponseTrailer())
}

type connectBidi struct {
	stream *connect.BidiStreamForClient[dynamicpb.Message, dynamicpb.Message]
}

func (c *connectBidi) send(m proto.Message) error           { return c.stream.Send(m.(*dynamicpb.Message)) }
func (c *connectBidi) closeSend() error                     { return c.stream.CloseRequest() }
func (c *connectBidi) receive() (*dynamicpb.Message, error) { return c.stream.Receive() }

func (c *connectBidi) metadata(error) (headers, trailers []header) {
	defer func() { _ = c.stream.CloseResponse() }()
	return fromHTTP(c.stream.ResponseHeader()), fromHTTP(c.stream.ResponseTrailer())
}

// metaOf is what came with an error: headers and trailers, which connect-go does
// not tell apart there.
func metaOf(err error) []header {
	var failed *connect.Error
	if !errors.As(err, &failed) {
		return nil
	}
	return fromHTTP(failed.Meta())
}

func toHTTP(headers []header) http.Header {
	all := http.Header{}
	for _, h := range headers {
		for _, value := range h.Value {
			all.Add(h.Name, value)
		}
	}
	return all
}

func fromHTTP(all map[string][]string) (headers []header) {
	for name, values := range all {
		headers = append(headers, header{name, values})
	}
	return headers
}

func merge(into, from http.Header) {
	for name, values := range from {
		into[name] = append(into[name], values...)
	}
}
