package interceptors_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/dynamicpb"
	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/errwire/errwire/interceptors"
	"github.com/errwire/errwire/retry"
	"github.com/errwire/errwire/status"
)

// shelves is a service with a method of each idempotency_level, in the registry
// as generated code would put it there.
var shelves = sync.OnceValue(func() protoreflect.FileDescriptor {
	request := func(name string, kind descriptorpb.FieldDescriptorProto_Type) *descriptorpb.DescriptorProto {
		return &descriptorpb.DescriptorProto{Name: &name, Field: []*descriptorpb.FieldDescriptorProto{{
			Name: new("request_id"), Number: new(int32(1)), Type: kind.Enum(),
			Label: descriptorpb.FieldDescriptorProto_LABEL_OPTIONAL.Enum(),
		}}}
	}
	method := func(name string, level descriptorpb.MethodOptions_IdempotencyLevel) *descriptorpb.MethodDescriptorProto {
		return &descriptorpb.MethodDescriptorProto{
			Name: &name, InputType: new(".errwire.test.Request"), OutputType: new(".errwire.test.Request"),
			Options: &descriptorpb.MethodOptions{IdempotencyLevel: level.Enum()},
		}
	}
	file, err := protodesc.NewFile(&descriptorpb.FileDescriptorProto{
		Syntax: new("proto3"), Name: new("errwire/test/shelves.proto"), Package: new("errwire.test"),
		MessageType: []*descriptorpb.DescriptorProto{
			request("Request", descriptorpb.FieldDescriptorProto_TYPE_STRING),
			request("Numbered", descriptorpb.FieldDescriptorProto_TYPE_INT64),
		},
		Service: []*descriptorpb.ServiceDescriptorProto{{
			Name: new("Shelves"),
			Method: []*descriptorpb.MethodDescriptorProto{
				method("Create", descriptorpb.MethodOptions_IDEMPOTENCY_UNKNOWN),
				method("Get", descriptorpb.MethodOptions_NO_SIDE_EFFECTS),
				method("Put", descriptorpb.MethodOptions_IDEMPOTENT),
			},
		}},
	}, nil)
	if err == nil {
		err = protoregistry.GlobalFiles.RegisterFile(file)
	}
	if err != nil {
		panic(err)
	}
	return file
})

// shelfRequest is a request of the named type, with a request_id if it is not "".
func shelfRequest(name protoreflect.Name, id string) proto.Message {
	m := dynamicpb.NewMessage(shelves().Messages().ByName(name))
	if field := m.Descriptor().Fields().ByName("request_id"); id != "" && field.Kind() == protoreflect.StringKind {
		m.Set(field, protoreflect.ValueOfString(id))
	} else if id != "" {
		m.Set(field, protoreflect.ValueOfInt64(1))
	}
	return m
}

// A call that is cut while its handler runs may have had its effect: it is
// repeated only where something says that it may run twice.
func TestUnaryCutInFlight(t *testing.T) {
	t.Parallel()
	const create, get, put = "/errwire.test.Shelves/Create", "/errwire.test.Shelves/Get", "/errwire.test.Shelves/Put"
	for _, test := range []struct {
		name    string
		method  string
		request proto.Message
		channel []interceptors.ClientOption
		call    []grpc.CallOption
		repeats bool
	}{
		{name: "nothing says so", method: create, request: shelfRequest("Request", "")},
		{name: "unknown method", method: "/errwire.test.None/None", request: shelfRequest("Request", "")},
		{name: "not a method", method: "/errwire.test/Request", request: shelfRequest("Request", "")},
		{name: "request_id that is no string", method: create, request: shelfRequest("Numbered", "1")},
		{name: "request without fields", method: create, request: &emptypb.Empty{}},
		{name: "nil request", method: create, request: (*emptypb.Empty)(nil)},
		{
			name: "the call", method: create, request: shelfRequest("Request", ""),
			call: []grpc.CallOption{interceptors.Idempotent()}, repeats: true,
		},
		{
			name: "the channel", method: create, request: shelfRequest("Request", ""),
			channel: []interceptors.ClientOption{interceptors.WithIdempotent()}, repeats: true,
		},
		{name: "request_id", method: create, request: shelfRequest("Request", "6c9f"), repeats: true},
		{name: "no side effects", method: get, request: shelfRequest("Request", ""), repeats: true},
		{name: "idempotent", method: put, request: shelfRequest("Request", ""), repeats: true},
	} {
		for name, early := range map[string]bool{"": false, " after a header": true} {
			t.Run(test.name+name, func(t *testing.T) {
				t.Parallel()
				var through *front
				server := startBackend(t, func(ctx context.Context, run int) error {
					if run > 1 {
						return nil
					}
					if early {
						_ = grpc.SendHeader(ctx, metadata.Pairs("early", "yes"))
					}
					through.cut()
					<-ctx.Done()
					return ctx.Err()
				})
				through = startFront(t, server.addr)
				var told diary
				conn := retryingConn(t, through.addr,
					append(test.channel, interceptors.WithRetryPolicy(fast(t, told.observer())))...)
				err := conn.Invoke(t.Context(), test.method, test.request, &emptypb.Empty{}, test.call...)
				if test.repeats {
					require.NoError(t, err)
					assert.EqualValues(t, 2, server.runs.Load())
					assert.Equal(t, []retry.Decision{retry.DecisionRetry}, told.decisions())
					return
				}
				e := apiError(t, err)
				assertOnly(t, status.Unavailable, err)
				assert.Equal(t, status.OriginLocal, e.Origin())
				assert.Equal(t, 1, e.Attempts())
				assert.Equal(t, "may_have_run", whyStopped(t, err))
				assert.EqualValues(t, 1, server.runs.Load())
				assert.Equal(t, []retry.Decision{retry.DecisionDoneUnsafe}, told.decisions())
			})
		}
	}
}

// A server that stops hard cuts its calls; one that ends its own process does
// the same. The header that went out before does not make it an answer.
func TestUnaryServerStopsInFlight(t *testing.T) {
	t.Parallel()
	var server *backend
	server = startBackend(t, func(ctx context.Context, _ int) error {
		_ = grpc.SendHeader(ctx, metadata.Pairs("early", "yes"))
		go server.server.Stop()
		<-ctx.Done()
		return ctx.Err()
	})
	_, err := unary(t.Context(), retryingConn(t, server.addr))
	assertOnly(t, status.Unavailable, err)
	assert.Equal(t, "may_have_run", whyStopped(t, err))
	assert.EqualValues(t, 1, server.runs.Load())
}

// A trailer with something in it came from the server, even after a header and
// in words that are grpc-go's: a gateway passes on what it met with behind it. It
// did answer, so that a repeat is safe; but the words are nobody's business.
func TestUnaryAnsweredInGRPCsWords(t *testing.T) {
	t.Parallel()
	server := startBackend(t, func(ctx context.Context, _ int) error {
		_ = grpc.SetTrailer(ctx, metadata.Pairs("from", "gateway"))
		return status.New(status.Unavailable, "error reading from server: EOF")
	}, earlyHeader(true))
	_, err := unary(t.Context(), retryingConn(t, server.addr))
	assert.EqualValues(t, 5, server.runs.Load())
	assert.Equal(t, 5, apiError(t, err).Attempts())
	assert.Equal(t, status.OriginLocal, apiError(t, err).Origin())
}

// namelessConn is a net.Conn without addresses, as tunnels have them.
type namelessConn struct{ net.Conn }

func (namelessConn) RemoteAddr() net.Addr { return nil }
func (namelessConn) LocalAddr() net.Addr  { return nil }

// Where there is no address to tell of, a cut call is still told from one that
// never left.
func TestUnaryCutWithoutAddress(t *testing.T) {
	t.Parallel()
	var through *front
	server := startBackend(t, func(ctx context.Context, _ int) error {
		through.cut()
		<-ctx.Done()
		return ctx.Err()
	})
	through = startFront(t, server.addr)
	dialer := grpc.WithContextDialer(func(ctx context.Context, addr string) (net.Conn, error) {
		conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", addr)
		return namelessConn{conn}, err
	})
	conn := plainConn(t, through.addr,
		append(interceptors.DialOptions(interceptors.WithRetryPolicy(fast(t))), dialer)...)
	_, err := unary(t.Context(), conn)
	assert.Equal(t, "may_have_run", whyStopped(t, err))
	assert.EqualValues(t, 1, server.runs.Load())
}

// What the server says it did nothing for may be repeated, whatever the method.
// grpc-go does so by itself once, which is no attempt of ours; what it gives up
// on, and under the bare interceptor all, is ours.
func TestUnaryRefusedByServer(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name     string
		bare     bool
		byHand   []func(net.Conn)
		attempts int
	}{
		{"one GOAWAY", false, []func(net.Conn){http2ByHand(goAway)}, 1},
		{"three GOAWAYs", false, []func(net.Conn){http2ByHand(goAway), http2ByHand(goAway), http2ByHand(goAway)}, 2},
		{"one GOAWAY, bare", true, []func(net.Conn){http2ByHand(goAway)}, 2},
		{"one refused stream", false, []func(net.Conn){refuseStreams(1)}, 1},
		{"three refused streams", false, []func(net.Conn){refuseStreams(3)}, 2},
		{"one refused stream, bare", true, []func(net.Conn){refuseStreams(1)}, 2},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			server := startBackend(t, failing(nil))
			through := startFront(t, server.addr, test.byHand...)
			var told diary
			policy := interceptors.WithRetryPolicy(fast(t, told.observer()))
			options := interceptors.DialOptions(policy)
			if test.bare {
				options = []grpc.DialOption{grpc.WithUnaryInterceptor(interceptors.UnaryClientInterceptor(policy))}
			}
			_, err := unary(t.Context(), plainConn(t, through.addr, options...))
			require.NoError(t, err)
			assert.EqualValues(t, 1, server.runs.Load())
			if test.bare { // a GOAWAY may come while gRPC still has the request
				assert.LessOrEqual(t, len(told.decisions()), test.attempts-1)
			} else {
				assert.Len(t, told.decisions(), test.attempts-1)
			}
			for _, decision := range told.decisions() {
				assert.Equal(t, retry.DecisionRetry, decision)
			}
		})
	}
}

// When gRPC's own repeat is refused too, it may forget to say so and return
// io.EOF. Many calls, for it takes that the refusal is sooner than the request.
func TestUnaryRefusedAgain(t *testing.T) {
	t.Parallel()
	through := startFront(t, "", http2ByHand(refuse))
	conn := retryingConn(t, through.addr, interceptors.WithRetryPolicy(fast(t, retry.WithMaxAttempts(2))))
	for range 500 {
		_, err := unary(t.Context(), conn)
		require.True(t, status.IsUnavailable(err), "%v", err)
		require.Equal(t, 2, apiError(t, err).Attempts())
		require.Equal(t, status.OriginLocal, apiError(t, err).Origin())
	}
	// The same by design, and an io.EOF that is no stream's.
	for _, end := range []error{io.EOF, errExhausted} {
		attempts := 0
		over := func(_ context.Context, _ string, _, _ any, _ *grpc.ClientConn, opts ...grpc.CallOption) error {
			attempts++
			pretend(opts)
			return end
		}
		policy := interceptors.WithRetryPolicy(fast(t))
		err := interceptors.UnaryClientInterceptor(policy)(t.Context(), "/a/b", nil, nil, nil, over)
		assertOnly(t, status.Unavailable, err)
		assert.Equal(t, 5, attempts)
		assert.Same(t, end, invoked(t.Context(), func(context.Context) error { return end }))
	}
}

// odd is an inner interceptor's error that cannot be unwrapped, or has no end.
type odd struct{ panics bool }

func (o *odd) Error() string { return "odd" }

func (o *odd) Unwrap() error {
	if o.panics {
		panic("odd")
	}
	return o
}

func TestUnaryReturnsOddErrorsAsTheyAre(t *testing.T) {
	t.Parallel()
	for _, err := range []error{&odd{panics: true}, &odd{}} {
		assert.Same(t, err, interceptors.UnaryClientInterceptor()(t.Context(), "/a/b", nil, nil, nil,
			func(_ context.Context, _ string, _, _ any, _ *grpc.ClientConn, opts ...grpc.CallOption) error {
				pretend(opts) // that there was a stream
				return err
			}))
	}
}

// errExhausted is what gRPC's own retries may end with, when the last stream is over
// before all was sent to it again.
var errExhausted = fmt.Errorf("max retries exhausted: failed after 4 attempts: %w", io.EOF)

// refuseStreams refuses a number of streams. Before the last one goes the
// connection, so that the next is made on another.
func refuseStreams(streams int) func(net.Conn) {
	refused := 0
	return http2ByHand(func(conn net.Conn, id uint32) bool {
		if refused++; refused == streams {
			_ = leave(conn, id)
		}
		return refuse(conn, id)
	})
}
