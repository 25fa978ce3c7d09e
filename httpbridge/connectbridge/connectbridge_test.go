package connectbridge_test

import (
	"bytes"
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
	"github.com/errwire/errwire/retry"
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

func TestServer(t *testing.T) {
	t.Parallel()
	errFull := errors.New("disk full on db-7")
	own := connect.NewError(connect.CodeAborted, errors.New("Try another shelf."))
	own.Meta().Set("X-Shelf", "42")
	tests := []struct {
		name    string
		fails   func() error
		code    connect.Code
		message string
		header  http.Header
	}{
		{"a plain error", func() error { return errors.New("on db-7") }, connect.CodeInternal, status.Internal.DefaultMessage(), nil},
		{"a mapped one", func() error { return errFull }, connect.CodeResourceExhausted, "No room.", nil},
		{"a panic", func() error { panic("on db-7") }, connect.CodeInternal, status.Internal.DefaultMessage(), nil},
		{"connect's own", func() error { return fmt.Errorf("on db-7: %w", own) }, connect.CodeAborted, "Try another shelf.", http.Header{"X-Shelf": {"42"}}},
		{"the delay", func() error { return rich }, connect.CodeNotFound, "There is no shelf 42.", http.Header{"Retry-After": {"2"}}},
		{
			"a challenge",
			func() error {
				return status.New(status.Unauthenticated, "m").WithServiceCode(status.ServiceCode{Reason: "invalid_token"})
			},
			connect.CodeUnauthenticated, "m", http.Header{"Www-Authenticate": {`Bearer error="invalid_token"`}},
		},
		{"a backend's connection", func() error {
			_, err := connect.NewClient[empty, empty](http.DefaultClient, "http://127.0.0.1:1/db-7").CallUnary(t.Context(), connect.NewRequest(&empty{}))
			return err
		}, connect.CodeUnavailable, status.Unavailable.DefaultMessage(), nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var log bytes.Buffer
			interceptor := connectbridge.NewServerInterceptor(
				httpbridge.WithLogger(slog.New(slog.NewTextHandler(&log, nil))), httpbridge.WithDomain("library.example.com"),
				httpbridge.WithMapper(func(err error) *status.Error {
					if errors.Is(err, errFull) {
						return status.New(status.ResourceExhausted, "No room.")
					}
					return nil
				}))
			server := serve(t, (&library{test.fails}).handler(connect.WithInterceptors(interceptor)))
			err := calls["unary"](t.Context(), server)
			var got *connect.Error
			require.ErrorAs(t, err, &got)
			assert.Equal(t, test.code, got.Code())
			assert.Equal(t, test.message, got.Message())
			for name, values := range test.header {
				assert.Equal(t, values, got.Meta()[name])
			}
			info, ok := status.Detail[*errdetails.ErrorInfo](connectbridge.FromConnect(err))
			require.True(t, ok)
			assert.Equal(t, "library.example.com", info.GetDomain())
			if test.code == connect.CodeInternal {
				assert.Contains(t, log.String(), "db-7")
				assert.Contains(t, log.String(), "path="+unary)
			}
		})
	}
	t.Run("abort passes", func(t *testing.T) {
		t.Parallel()
		server := serve(t, (&library{func() error { panic(http.ErrAbortHandler) }}).handler(connect.WithInterceptors(connectbridge.NewServerInterceptor())))
		err := calls["unary"](t.Context(), server)
		require.Error(t, err)
		assert.False(t, connect.IsWireError(err))
	})
	t.Run("a bad option", func(t *testing.T) {
		t.Parallel()
		server := serve(t, (&library{func() error {
			t.Error("called")
			return nil
		}}).handler(connect.WithInterceptors(connectbridge.NewServerInterceptor(quiet(), nil))))
		assert.Equal(t, connect.CodeInternal, connect.CodeOf(calls["unary"](t.Context(), server)))
	})
	t.Run("not modified", func(t *testing.T) {
		t.Parallel()
		server := serve(t, (&library{func() error {
			return connect.NewNotModifiedError(http.Header{"Etag": {`"1"`}})
		}}).handler(connect.WithInterceptors(connectbridge.NewServerInterceptor())))
		err := calls["unary"](t.Context(), server, append(protocols["connect get"], connect.WithInterceptors(connectbridge.NewClientInterceptor()))...)
		assert.True(t, connect.IsNotModifiedError(err), "%v", err)
	})
}

func TestSentinelsMayBeReturnedToManyCalls(t *testing.T) {
	t.Parallel()
	sentinel := connect.NewError(connect.CodeNotFound, errors.New("m"))
	server := serve(t, (&library{func() error { return sentinel }}).handler(connect.WithInterceptors(connectbridge.NewServerInterceptor())))
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() { assert.Equal(t, connect.CodeNotFound, connect.CodeOf(calls["unary"](t.Context(), server))) })
	}
	wg.Wait()
}

func TestClient(t *testing.T) {
	t.Parallel()
	with := connect.WithInterceptors(connectbridge.NewClientInterceptor())
	t.Run("a proxy's page", func(t *testing.T) {
		t.Parallel()
		server := serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			w.WriteHeader(503)
			_, _ = io.WriteString(w, "<html>nginx</html>")
		}))
		for protocol, opts := range protocols {
			for kind, call := range calls {
				e := status.FromError(call(t.Context(), server, append(opts, with)...))
				assert.Equal(t, status.Unavailable, e.Code(), "%s, %s", protocol, kind)
				assert.Equal(t, status.OriginIntermediary, e.Origin(), "%s, %s: %v", protocol, kind, e)
			}
		}
	})
	t.Run("a page with 200", func(t *testing.T) {
		t.Parallel()
		server := serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, "<html>Sign in to the hotel's network</html>")
		}))
		for kind, call := range calls {
			e := status.FromError(call(t.Context(), server, with))
			assert.Equal(t, status.OriginIntermediary, e.Origin(), "%s: %v", kind, e)
		}
	})
	t.Run("a Retry-After that is not rounded", func(t *testing.T) {
		t.Parallel()
		failed := connectbridge.ToConnect(rich)
		failed.Meta().Set("Retry-After", "9")
		delay, _ := connectbridge.FromConnect(failed).RetryDelay()
		assert.Equal(t, 9*time.Second, delay)
	})
	t.Run("nobody there", func(t *testing.T) {
		t.Parallel()
		server := serve(t, http.NotFoundHandler())
		server.Close()
		for kind, call := range calls {
			err := call(t.Context(), server, with)
			assert.True(t, status.IsUnavailable(err), "%s: %v", kind, err)
			assert.Equal(t, status.OriginLocal, status.FromError(err).Origin(), kind)
		}
	})
	t.Run("the context ends", func(t *testing.T) {
		t.Parallel()
		reason := errors.New("the user has left")
		for kind, call := range calls {
			ctx, cancel := context.WithCancelCause(t.Context())
			server := serve(t, (&library{func() error {
				cancel(reason)
				<-ctx.Done()
				return nil
			}}).handler())
			err := call(ctx, server, with)
			if err == nil {
				continue // the answer was quicker
			}
			assert.True(t, status.IsCancelled(err), "%s: %v", kind, err)
			require.ErrorIs(t, err, context.Canceled)
			require.ErrorIs(t, err, reason)
		}
	})
	t.Run("a plain error of an inner interceptor", func(t *testing.T) {
		t.Parallel()
		boom := errors.New("boom")
		inner := connect.UnaryInterceptorFunc(func(connect.UnaryFunc) connect.UnaryFunc {
			return func(context.Context, connect.AnyRequest) (connect.AnyResponse, error) { return nil, boom }
		})
		err := calls["unary"](t.Context(), serve(t, http.NotFoundHandler()), with, connect.WithInterceptors(inner))
		assert.False(t, status.IsUnknown(err), "%v", err)
		require.ErrorIs(t, err, boom)
	})
	t.Run("retries by the transport", func(t *testing.T) {
		t.Parallel()
		previous := 0
		server := serve(t, (&library{func() error {
			if previous++; previous < 3 {
				return status.New(status.Unavailable, "busy")
			}
			return nil
		}}).handler(connect.WithInterceptors(connectbridge.NewServerInterceptor())))
		policy, err := retry.NewPolicy(retry.WithBackoff(0, 0))
		require.NoError(t, err)
		server.Client().Transport = httpbridge.NewTransport(server.Client().Transport, httpbridge.WithRetryPolicy(policy))
		require.NoError(t, calls["unary"](t.Context(), server, with))
		assert.Equal(t, 3, previous)
	})
}

func TestConversions(t *testing.T) {
	t.Parallel()
	t.Run("nil", func(t *testing.T) {
		t.Parallel()
		assert.Nil(t, connectbridge.FromConnect(nil))
		assert.Nil(t, connectbridge.ToConnect(nil))
	})
	t.Run("there and back", func(t *testing.T) {
		t.Parallel()
		assert.True(t, status.Equal(rich, connectbridge.FromConnect(connectbridge.ToConnect(rich))))
	})
	t.Run("the nearest counts", func(t *testing.T) {
		t.Parallel()
		inside := connect.NewError(connect.CodeAborted, rich)
		assert.Equal(t, status.Aborted, connectbridge.FromConnect(inside).Code())
		outside := status.New(status.DataLoss, "m").WithCause(inside)
		assert.Equal(t, status.DataLoss, connectbridge.FromConnect(outside).Code())
	})
	t.Run("nothing panics", func(t *testing.T) {
		t.Parallel()
		odd := connect.NewError(connect.Code(99), nil)
		odd.AddDetail(nil)
		odd.AddDetail(&connect.ErrorDetail{})
		for _, err := range []error{(*connect.Error)(nil), (*status.Error)(nil), odd, &connect.Error{}, errors.Join(nil, odd), io.EOF} {
			require.NotPanics(t, func() {
				assert.NotNil(t, connectbridge.FromConnect(err))
				assert.NotNil(t, connectbridge.ToConnect(err))
			})
		}
		assert.Equal(t, status.Unknown, connectbridge.FromConnect(odd).Code())
	})
}
