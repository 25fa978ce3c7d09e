package interceptors_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	pb "google.golang.org/grpc/interop/grpc_testing"
	grpcstatus "google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"

	"github.com/errwire/errwire/interceptors"
	"github.com/errwire/errwire/status"
)

// circle is an error that is its own cause.
type circle struct{ text string }

func (c *circle) Error() string { return c.text }
func (c *circle) Unwrap() error { return c }

// steps build an error, each from the one before and a number.
var steps = []func(err error, n int) error{
	func(error, int) error { return errors.New(secret) },
	func(err error, _ int) error { return fmt.Errorf("%s: %w", secret, err) },
	func(err error, _ int) error { return fmt.Errorf("%s: %v", secret, err) },
	func(err error, _ int) error { return errors.Join(errors.New(secret), err) },
	func(err error, _ int) error { return fmt.Errorf("%w, %w", errors.New(secret), err) },
	func(err error, n int) error { return status.New(status.Code(n%20), "public").WithCause(err) },
	func(_ error, n int) error { return status.Code(n % 20) },
	func(_ error, n int) error { return status.ServiceCode{Domain: domain, Reason: times("R", n*n)} },
	func(_ error, n int) error { return grpcstatus.Error(codes.Code(1+n%19), times(bengali, n*n)) },
	func(_ error, n int) error { return offRange(n * n * n) },
	func(_ error, n int) error {
		return status.New(status.Code(n%20), secret).WithOrigin(status.OriginLocal).WithDetails(debug(secret))
	},
	func(_ error, n int) error {
		return status.New(status.Code(n%20), secret).WithOrigin(status.OriginIntermediary).WithMetadata(map[string]string{secret: secret})
	},
	func(err error, n int) error {
		return change(err, func(e *status.Error) *status.Error { return e.WithDetails(debug(secret), debugInfo(n*n)) })
	},
	func(err error, n int) error { return change(err, with(help(n*n), help(n))) },
	func(err error, n int) error { return change(err, with(badRequest(n), quotaFailure(n), badRequest(n))) },
	func(err error, n int) error {
		return change(err, with(anyOf("example.com/\xff", n), anyOf("", n), anyOf("a/b", n*n)))
	},
	func(err error, n int) error {
		return change(err, with(&anypb.Any{TypeUrl: badRequestURL, Value: tailed(n)}))
	},
	func(err error, n int) error { return change(err, withMetadata(metadataOf(n, n))) },
	func(err error, n int) error {
		return change(err, withMetadata(map[string]string{"\xff": times(bengali, n*n)}))
	},
	func(err error, n int) error {
		return change(err, func(e *status.Error) *status.Error { return e.WithRetryDelay(time.Duration(n*n) * time.Hour) })
	},
	func(err error, _ int) error {
		return change(err, func(e *status.Error) *status.Error { return e.WithOrigin(status.OriginService) })
	},
	func(error, int) error { return &circle{secret} },
	func(error, int) error { return evil{} },
	func(error, int) error { return (*status.Error)(nil) },
	func(error, int) error { return (*net.OpError)(nil) },
	func(error, int) error { return fmt.Errorf("%s: %w", secret, context.Canceled) },
	func(error, int) error { return &net.OpError{Op: secret, Err: io.EOF} },
	func(error, int) error { return errors.New(strings.Repeat(secret, 10_000)) },
	func(err error, _ int) error { panic(err) },
	func(error, int) error { panic(secret) },
}

func debug(text string) proto.Message { return &errdetails.DebugInfo{Detail: text} }

// change makes a *status.Error of err, unless it is one, without any text that
// a handler would not have published.
func change(err error, f func(*status.Error) *status.Error) error { return f(status.Public(err)) }

// build runs the steps that program names: one byte for the step, one for the
// number.
func build(program []byte) (err error) {
	err = status.New(status.NotFound, "public")
	for i := 0; i+1 < len(program) && i < 40; i += 2 {
		err = steps[int(program[i])%len(steps)](err, int(program[i+1]))
	}
	return err
}

// FuzzNoHandlerErrorLeaksOrBreaks lets a handler make errors of any shape. What
// a bare client gets must not have the secret in it, must be an error with a
// code, and must leave the connection as it was.
func FuzzNoHandlerErrorLeaksOrBreaks(f *testing.F) {
	for i := range steps {
		f.Add([]byte{byte(i), 7}, uint8(i))
		f.Add([]byte{byte(i), 255, 1, 0, 12, 90, byte(i), 30}, uint8(i))
	}
	var connections atomic.Int32
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(f, err)
	var program atomic.Pointer[[]byte]
	server := grpc.NewServer(interceptors.ServerOptions(append(serviceMappers(),
		interceptors.WithLogger(discard), interceptors.WithDomain(domain))...)...)
	pb.RegisterTestServiceServer(server, &testService{handle: func(context.Context) error { return build(*program.Load()) }})
	go func() { _ = server.Serve(counting{listener, &connections}) }()
	f.Cleanup(server.Stop)
	client := pb.NewTestServiceClient(dial(f, listener.Addr().String(), grpc.WithMaxHeaderListSize(6*kib+responseHead)))

	f.Fuzz(func(t *testing.T, code []byte, method uint8) {
		program.Store(&code)
		kind := kinds[int(method)%len(kinds)]
		header, trailer, err := kind.call(t.Context(), client)
		require.Error(t, err)
		assert.NotContains(t, everything(header, trailer, err), secret)
		st, ok := grpcstatus.FromError(err)
		require.True(t, ok)
		assert.NotEqual(t, codes.OK, st.Code())
		assert.LessOrEqual(t, st.Code(), codes.Unauthenticated)
		assert.NotContains(t, st.Message(), "RST_STREAM", "larger than the client takes")
		assert.Len(t, trailer[pushback], min(len(trailer[pushback]), 1))

		_, err = client.EmptyCall(t.Context(), &pb.Empty{})
		assert.True(t, status.IsUnimplemented(err), "the connection works: %v", err)
		assert.EqualValues(t, 1, connections.Load(), "the connection is the same")
	})
}

// counting counts the connections that it accepts.
type counting struct {
	net.Listener
	accepted *atomic.Int32
}

func (c counting) Accept() (net.Conn, error) {
	conn, err := c.Listener.Accept()
	if err == nil {
		c.accepted.Add(1)
	}
	return conn, err
}
