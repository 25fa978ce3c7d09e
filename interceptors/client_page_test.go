package interceptors_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/errwire/errwire/interceptors"
	"github.com/errwire/errwire/retry"
	"github.com/errwire/errwire/status"
)

// A proxy's page is not the service's answer: the request may have run.
func TestUnaryProxyPage(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		httpStatus int
		code       status.Code
		runs       int // where a repeat is safe
	}{
		{http.StatusBadGateway, status.Unavailable, 5},
		{http.StatusServiceUnavailable, status.Unavailable, 5},
		{http.StatusGatewayTimeout, status.Unavailable, 5},
		{http.StatusTooManyRequests, status.Unavailable, 5},
		{http.StatusNotFound, status.Unimplemented, 1},
		{http.StatusUnauthorized, status.Unauthenticated, 1},
		{http.StatusForbidden, status.PermissionDenied, 1},
		{http.StatusInternalServerError, status.Unknown, 1},
		{http.StatusOK, status.Unknown, 1},
	} {
		t.Run(http.StatusText(test.httpStatus), func(t *testing.T) {
			t.Parallel()
			addr, runs := startPage(t, test.httpStatus)
			var told diary
			conn := retryingConn(t, addr, interceptors.WithRetryPolicy(fast(t, told.observer())))
			_, err := unary(t.Context(), conn)
			e := apiError(t, err)
			assertOnly(t, test.code, err)
			assert.Contains(t, e.Message(), "unexpected HTTP status code received from server: ")
			assert.Equal(t, status.OriginIntermediary, e.Origin())
			assert.Equal(t, 1, e.Attempts())
			assert.Equal(t, 1, *runs)
			if test.code == status.Unavailable {
				assert.Equal(t, []retry.Decision{retry.DecisionDoneUnsafe}, told.decisions())
			}

			*runs = 0
			_, err = unary(t.Context(), conn, interceptors.Idempotent())
			assertOnly(t, test.code, err)
			assert.Equal(t, test.runs, *runs)
		})
	}
}

// startPage is an HTTP/2 server that answers everything with a page.
func startPage(tb testing.TB, httpStatus int) (addr string, runs *int) {
	tb.Helper()
	runs = new(int)
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		*runs++
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(httpStatus)
		_, _ = io.WriteString(w, "<html>It is the gateway that speaks.</html>")
	}))
	server.Config.Protocols = new(http.Protocols)
	server.Config.Protocols.SetUnencryptedHTTP2(true)
	server.Start()
	tb.Cleanup(server.Close)
	return server.Listener.Addr().String(), runs
}
