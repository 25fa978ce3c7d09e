package connectbridge_test

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"testing"

	"connectrpc.com/connect"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/genproto/googleapis/rpc/errdetails"

	"github.com/errwire/errwire/httpbridge"
	"github.com/errwire/errwire/httpbridge/connectbridge"
	"github.com/errwire/errwire/status"
)

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
