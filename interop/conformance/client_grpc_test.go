package conformance_test

import (
	"context"
	"encoding/base64"
	"io"
	"net"
	"strconv"
	"strings"
	"sync"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/encoding/gzip"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/dynamicpb"

	"github.com/errwire/errwire/interceptors"
)

// grpcClient is grpc-go with errwire's whole chain.
func grpcClient(opts ...interceptors.ClientOption) dialer {
	var mutex sync.Mutex
	conns := map[string]*grpc.ClientConn{}
	connect := func(address string) (*grpc.ClientConn, error) {
		mutex.Lock()
		defer mutex.Unlock()
		if conn := conns[address]; conn != nil {
			return conn, nil
		}
		conn, err := grpc.NewClient(address, append(interceptors.DialOptions(opts...), grpc.WithTransportCredentials(insecure.NewCredentials()))...)
		conns[address] = conn
		return conn, err
	}
	return func(ctx context.Context, o *order, method protoreflect.MethodDescriptor) (call, error) {
		conn, err := connect(net.JoinHostPort(o.Host, strconv.Itoa(o.Port)))
		if err != nil {
			return nil, err
		}
		var options []grpc.CallOption
		if o.Compression == "COMPRESSION_GZIP" {
			options = append(options, grpc.UseCompressor(gzip.Name))
		}
		md, err := toMetadata(o.RequestHeaders)
		if err != nil {
			return nil, err
		}
		ctx = metadata.NewOutgoingContext(ctx, md)
		name := "/" + serviceName + "/" + string(method.Name())
		if !method.IsStreamingClient() && !method.IsStreamingServer() {
			return &grpcUnary{ctx: ctx, conn: conn, name: name, method: method, options: options}, nil
		}
		s := &grpcStream{method: method}
		s.stream, s.failed = conn.NewStream(ctx, &grpc.StreamDesc{
			ClientStreams: method.IsStreamingClient(), ServerStreams: method.IsStreamingServer(),
		}, name, options...)
		return s, nil
	}
}

type grpcUnary struct {
	single
	ctx             context.Context
	conn            *grpc.ClientConn
	name            string
	method          protoreflect.MethodDescriptor
	options         []grpc.CallOption
	header, trailer metadata.MD
	done            bool
}

func (c *grpcUnary) receive() (*dynamicpb.Message, error) {
	if c.done {
		return nil, io.EOF
	}
	c.done = true
	m := dynamicpb.NewMessage(c.method.Output())
	return m, c.conn.Invoke(c.ctx, c.name, c.request, m, append(c.options, grpc.Header(&c.header), grpc.Trailer(&c.trailer))...)
}

func (c *grpcUnary) metadata(error) (headers, trailers []header) {
	return fromMetadata(c.header), fromMetadata(c.trailer)
}

type grpcStream struct {
	method protoreflect.MethodDescriptor
	stream grpc.ClientStream
	failed error // there is no stream
	done   bool
}

func (c *grpcStream) send(m proto.Message) error {
	if c.failed != nil {
		return c.failed
	}
	return c.stream.SendMsg(m)
}

func (c *grpcStream) closeSend() error {
	if c.failed != nil {
		return c.failed
	}
	return c.stream.CloseSend()
}

func (c *grpcStream) receive() (*dynamicpb.Message, error) {
	switch {
	case c.failed != nil:
		return nil, c.failed
	case c.done:
		return nil, io.EOF
	}
	c.done = !c.method.IsStreamingServer()
	m := dynamicpb.NewMessage(c.method.Output())
	return m, c.stream.RecvMsg(m)
}

func (c *grpcStream) metadata(error) (headers, trailers []header) {
	if c.failed != nil {
		return nil, nil
	}
	md, _ := c.stream.Header()
	return fromMetadata(md), fromMetadata(c.stream.Trailer())
}

// Binary metadata is in base64 in the runner's messages, as it is on the wire.
func toMetadata(headers []header) (metadata.MD, error) {
	md := metadata.MD{}
	for _, h := range headers {
		for _, value := range h.Value {
			if strings.HasSuffix(h.Name, "-bin") {
				bytes, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(value, "="))
				if err != nil {
					return nil, err
				}
				value = string(bytes)
			}
			md.Append(h.Name, value)
		}
	}
	return md, nil
}

func fromMetadata(md metadata.MD) (headers []header) {
	for name, values := range md {
		h := header{Name: name}
		for _, value := range values {
			if strings.HasSuffix(name, "-bin") {
				value = base64.RawStdEncoding.EncodeToString([]byte(value))
			}
			h.Value = append(h.Value, value)
		}
		headers = append(headers, h)
	}
	return headers
}
