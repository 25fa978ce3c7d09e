package connectbridge_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"testing"
	"time"

	"connectrpc.com/connect"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/errwire/errwire/httpbridge"
	"github.com/errwire/errwire/httpbridge/connectbridge"
	"github.com/errwire/errwire/retry"
	"github.com/errwire/errwire/status"
)

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
	t.Run("trailers that a proxy drops", func(t *testing.T) {
		t.Parallel()
		server := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			w.Header().Set("Content-Type", r.Header.Get("Content-Type"))
			w.WriteHeader(http.StatusOK)
		}))
		for _, protocol := range []string{"grpc", "grpc-web"} {
			for kind, call := range calls {
				e := status.FromError(call(t.Context(), server, append(protocols[protocol], with)...))
				assert.Equal(t, status.Unknown, e.Code(), "%s, %s: %v", protocol, kind, e) // gRPC allows this and INTERNAL
				assert.Equal(t, status.OriginIntermediary, e.Origin(), "%s, %s: %v", protocol, kind, e)
			}
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
