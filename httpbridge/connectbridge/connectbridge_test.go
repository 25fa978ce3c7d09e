package connectbridge_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"connectrpc.com/connect"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/errwire/errwire/httpbridge"
	"github.com/errwire/errwire/httpbridge/connectbridge"
	"github.com/errwire/errwire/status"
)

const (
	unary  = "/library.v1.Library/GetShelf"
	stream = "/library.v1.Library/ListShelves"
	upload = "/library.v1.Library/AddShelves"
)

type empty = emptypb.Empty

var rich = status.New(status.NotFound, "There is no shelf 42.").
	WithServiceCode(status.ServiceCode{Domain: "library.example.com", Reason: "SHELF_NOT_FOUND"}).
	WithMetadata(map[string]string{"shelf": "42"}).
	WithDetails(
		&errdetails.Help{Links: []*errdetails.Help_Link{{Url: "https://library.example.com/help"}}},
		&anypb.Any{TypeUrl: "type.googleapis.com/acme.v1.Secretary", Value: []byte{10, 1, 'x'}},
	).
	WithRetryDelay(1500 * time.Millisecond)

// A library fails with what fails returns.
type library struct{ fails func() error }

func (l *library) handler(opts ...connect.HandlerOption) http.Handler {
	mux := http.NewServeMux()
	mux.Handle(unary, connect.NewUnaryHandler(unary,
		func(context.Context, *connect.Request[empty]) (*connect.Response[empty], error) {
			if err := l.fails(); err != nil {
				return nil, err
			}
			return connect.NewResponse(&empty{}), nil
		}, append(opts, connect.WithIdempotency(connect.IdempotencyNoSideEffects))...))
	mux.Handle(stream, connect.NewServerStreamHandler(stream,
		func(_ context.Context, _ *connect.Request[empty], out *connect.ServerStream[empty]) error {
			if err := out.Send(&empty{}); err != nil {
				return err
			}
			return l.fails()
		}, opts...))
	mux.Handle(upload, connect.NewClientStreamHandler(upload,
		func(_ context.Context, in *connect.ClientStream[empty]) (*connect.Response[empty], error) {
			for in.Receive() {
			}
			if err := l.fails(); err != nil {
				return nil, err
			}
			return connect.NewResponse(&empty{}), nil
		}, opts...))
	return mux
}

func serve(t *testing.T, h http.Handler) *httptest.Server {
	t.Helper()
	server := httptest.NewUnstartedServer(h)
	server.EnableHTTP2 = true
	server.StartTLS()
	t.Cleanup(server.Close)
	return server
}

func quiet() httpbridge.ServerOption { return httpbridge.WithLogger(slog.New(slog.DiscardHandler)) }

var protocols = map[string][]connect.ClientOption{
	"connect":      nil,
	"connect json": {connect.WithProtoJSON()},
	"connect get":  {connect.WithHTTPGet(), connect.WithIdempotency(connect.IdempotencyNoSideEffects)},
	"grpc":         {connect.WithGRPC()},
	"grpc-web":     {connect.WithGRPCWeb()},
}

// calls makes every kind of call, and returns its error.
var calls = map[string]func(context.Context, *httptest.Server, ...connect.ClientOption) error{
	"unary": func(ctx context.Context, server *httptest.Server, opts ...connect.ClientOption) error {
		_, err := connect.NewClient[empty, empty](server.Client(), server.URL+unary, opts...).CallUnary(ctx, connect.NewRequest(&empty{}))
		return err
	},
	"server stream": func(ctx context.Context, server *httptest.Server, opts ...connect.ClientOption) error {
		in, err := connect.NewClient[empty, empty](server.Client(), server.URL+stream, opts...).CallServerStream(ctx, connect.NewRequest(&empty{}))
		if err != nil {
			return err
		}
		defer func() { _ = in.Close() }()
		for in.Receive() {
		}
		return in.Err()
	},
	"client stream": func(ctx context.Context, server *httptest.Server, opts ...connect.ClientOption) error {
		out := connect.NewClient[empty, empty](server.Client(), server.URL+upload, opts...).CallClientStream(ctx)
		if err := out.Send(&empty{}); err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		_, err := out.CloseAndReceive()
		return err
	},
}

func TestBothWays(t *testing.T) {
	t.Parallel()
	var fails error
	var mu sync.Mutex
	l := &library{fails: func() error {
		mu.Lock()
		defer mu.Unlock()
		return fails
	}}
	server := serve(t, l.handler(connect.WithInterceptors(connectbridge.NewServerInterceptor(quiet()))))
	sent := []*status.Error{
		rich,
		status.New(status.Conflict, "Somebody else was quicker."),
		status.New(status.Conflict, "m").WithServiceCode(status.ServiceCode{Domain: "d", Reason: "X"}),
	}
	for code := status.Cancelled; code <= status.Unauthenticated; code++ {
		sent = append(sent, status.New(code, fmt.Sprintf("It is %v, \u00e0 la carte.", code)))
	}
	for protocol, opts := range protocols {
		for kind, call := range calls {
			for _, e := range sent {
				mu.Lock()
				fails = fmt.Errorf("dsn=hunter2: %w", e.WithCause(errors.New("hunter2")))
				mu.Unlock()
				err := call(t.Context(), server, append(opts, connect.WithInterceptors(connectbridge.NewClientInterceptor()))...)
				var got *status.Error
				require.ErrorAs(t, err, &got, "%s, %s: %v", protocol, kind, err)
				assert.True(t, status.Equal(e, got), "%s, %s: want %+v got %+v", protocol, kind, e, got)
				assert.Equal(t, status.OriginService, got.Origin())
				var original *connect.Error
				require.ErrorAs(t, err, &original)
				assert.NotContains(t, err.Error(), "hunter2")
			}
			mu.Lock()
			fails = nil
			mu.Unlock()
			require.NoError(t, call(t.Context(), server, append(opts, connect.WithInterceptors(connectbridge.NewClientInterceptor()))...))
		}
	}
}
