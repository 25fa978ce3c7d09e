package httpbridge_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/errwire/errwire/httpbridge"
	"github.com/errwire/errwire/retry"
	"github.com/errwire/errwire/status"
)

func TestNeverLeft(t *testing.T) {
	t.Parallel()
	refused := refusedDial(t)
	s := newService(t, failing(0, 0))
	// dialling fails twice for real, then finds the server.
	flaky := func() *http.Client {
		var dials atomic.Int64
		transport := &http.Transport{DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
			if dials.Add(1) <= 2 {
				return nil, refused
			}
			return (&net.Dialer{}).DialContext(ctx, network, addr)
		}}
		t.Cleanup(transport.CloseIdleConnections)
		return &http.Client{Transport: transport}
	}
	policy, seen := at(t)
	for _, method := range []string{"GET", "POST", "PATCH"} {
		resp, err := httpbridge.NewClient(flaky(), httpbridge.WithRetryPolicy(policy)).Do(request(t, method, s.URL, "x"))
		require.NoError(t, err, method)
		readAll(t, resp.Body)
		assert.Equal(t, 2, seen.last(t).Attempt, method)
	}

	never := httpbridge.NewClient(&http.Client{Transport: &http.Transport{
		DialContext: func(context.Context, string, string) (net.Conn, error) { return nil, refused },
	}}, httpbridge.WithRetryPolicy(policy))
	_, err := never.Do(request(t, "POST", "http://library.example.com/shelves?key=SECRET", "x"))
	var e *status.Error
	require.ErrorAs(t, err, &e)
	assert.Equal(t, status.Unavailable, e.Code())
	assert.Equal(t, status.OriginLocal, e.Origin())
	assert.Equal(t, 5, e.Attempts())
	require.ErrorIs(t, err, syscall.ECONNREFUSED)
	var op *net.OpError
	require.ErrorAs(t, err, &op)
	assert.NotContains(t, err.Error(), "SECRET")
	assert.NotContains(t, e.LogValue().String(), "SECRET")
	assert.Contains(t, e.LogValue().String(), "library.example.com/shelves")
	assert.Equal(t, "library.example.com:80", seen.last(t).Target)
}

func TestLost(t *testing.T) {
	t.Parallel()
	tests := []struct {
		method   string
		attempts int64
		decision retry.Decision
	}{
		{"GET", 5, retry.DecisionDoneAttempts},
		{"PUT", 5, retry.DecisionDoneAttempts},
		{"POST", 1, retry.DecisionDoneUnsafe},
	}
	for _, test := range tests {
		t.Run(test.method, func(t *testing.T) {
			t.Parallel()
			s := newService(t, func(_ int, w http.ResponseWriter, r *http.Request) { hangUp(w, r) })
			policy, seen := at(t)
			_, err := httpbridge.NewClient(fresh(t), httpbridge.WithRetryPolicy(policy)).Do(request(t, test.method, s.URL, "x"))
			assert.True(t, status.IsUnavailable(err), "%v", err)
			assert.Equal(t, status.OriginLocal, status.FromError(err).Origin())
			assert.EqualValues(t, test.attempts, status.FromError(err).Attempts())
			assert.Equal(t, test.attempts, s.calls.Load())
			assert.Equal(t, test.decision, seen.last(t).Decision)
			require.ErrorIs(t, err, io.EOF)
		})
	}
}

func TestHTTP2(t *testing.T) {
	t.Parallel()
	var calls, conns atomic.Int64
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		calls.Add(1)
		if r.URL.Path == "/lost" {
			_, _ = io.Copy(io.Discard, r.Body)
			panic(http.ErrAbortHandler) // which resets the stream
		}
		w.WriteHeader(503)
		_, _ = io.WriteString(w, strings.Repeat("x", 100<<10))
	}))
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			conns.Add(1)
		}
	}
	server.EnableHTTP2 = true
	server.StartTLS()
	t.Cleanup(server.Close)
	policy, _ := at(t)
	client := httpbridge.NewClient(server.Client(), httpbridge.WithRetryPolicy(policy))

	_, err := client.Do(request(t, "POST", server.URL+"/busy", "x"))
	assert.True(t, status.IsUnavailable(err), "%v", err)
	assert.Equal(t, "HTTP/2.0", status.HTTPResponse(err).Proto)
	assert.EqualValues(t, 5, calls.Swap(0))
	assert.EqualValues(t, 1, conns.Load(), "connections")

	_, err = client.Do(request(t, "POST", server.URL+"/lost", "x"))
	assert.True(t, status.IsUnavailable(err), "%v", err)
	assert.EqualValues(t, 1, calls.Swap(0), "a POST that may have run")
	_, err = client.Do(request(t, "GET", server.URL+"/lost", ""))
	assert.True(t, status.IsUnavailable(err), "%v", err)
	assert.EqualValues(t, 5, calls.Load())
}

func TestTLSFailureIsNotRetried(t *testing.T) {
	t.Parallel()
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	server.Config.ErrorLog = discardLog()
	server.StartTLS()
	t.Cleanup(server.Close)
	policy, seen := at(t)
	_, err := httpbridge.NewClient(fresh(t), httpbridge.WithRetryPolicy(policy)).Do(request(t, "GET", server.URL, ""))
	assert.True(t, status.IsUnavailable(err), "%v", err)
	assert.True(t, status.IsTLSFailure(err))
	assert.Equal(t, 1, status.FromError(err).Attempts())
	assert.Equal(t, retry.DecisionDoneStop, seen.last(t).Decision)
}
