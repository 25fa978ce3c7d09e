package httpbridge_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/errwire/errwire/httpbridge"
	"github.com/errwire/errwire/retry"
	"github.com/errwire/errwire/status"
)

func TestTransportReturnsTheLastResponse(t *testing.T) {
	t.Parallel()
	s := newService(t, func(_ int, w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Answer", "mine")
		w.WriteHeader(503)
		_, _ = io.WriteString(w, strings.Repeat("busy ", 400<<10)) // 2 MiB, more than is kept
	})
	policy, _ := at(t)
	client := &http.Client{Transport: httpbridge.NewTransport(fresh(t).Transport, httpbridge.WithRetryPolicy(policy))}
	resp, err := client.Do(request(t, "GET", s.URL, ""))
	require.NoError(t, err)
	assert.Equal(t, 503, resp.StatusCode)
	assert.Equal(t, "mine", resp.Header.Get("X-Answer"))
	assert.Len(t, readAll(t, resp.Body), 5*400<<10)
	assert.EqualValues(t, 5, s.calls.Load())
}

func TestTransportDoesNotChangeTheRequest(t *testing.T) {
	t.Parallel()
	s := newService(t, failing(2, 503))
	policy, _ := at(t)
	base := fresh(t).Transport
	adding := roundTripFunc(func(req *http.Request) (*http.Response, error) {
		req.Header.Add("X-Added", "by a base that should not")
		return base.RoundTrip(req)
	})
	req := request(t, "POST", s.URL, "content")
	req.Header.Set("X-Mine", "1")
	body, ctx := req.Body, req.Context()
	resp, err := httpbridge.NewTransport(adding, httpbridge.WithRetryPolicy(policy)).RoundTrip(req)
	require.NoError(t, err)
	readAll(t, resp.Body)
	assert.Same(t, req, resp.Request)
	assert.Equal(t, http.Header{"X-Mine": {"1"}}, req.Header)
	assert.Equal(t, body, req.Body)
	assert.Equal(t, ctx, req.Context())
}

func TestTransportErrors(t *testing.T) {
	t.Parallel()
	refused := refusedDial(t)
	policy, seen := at(t)
	transport := httpbridge.NewTransport(&http.Transport{
		DialContext: func(context.Context, string, string) (net.Conn, error) { return nil, refused },
	}, httpbridge.WithRetryPolicy(policy))
	resp, err := transport.RoundTrip(request(t, "POST", "http://library.example.com", "x"))
	require.Nil(t, resp)
	assert.Equal(t, 5, status.FromError(err).Attempts())
	assert.True(t, status.IsUnavailable(err))
	require.ErrorIs(t, err, syscall.ECONNREFUSED)
	_, itself := err.(*net.OpError)
	assert.True(t, itself, "%T", err)
	assert.Equal(t, refused.Error(), err.Error())
	assert.Equal(t, retry.DecisionDoneAttempts, seen.last(t).Decision)

	late := httpbridge.NewTransport(&http.Transport{
		DialContext: func(context.Context, string, string) (net.Conn, error) {
			return nil, &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ETIMEDOUT}
		},
	}, httpbridge.WithRetryPolicy(policy))
	_, err = (&http.Client{Transport: late}).Do(request(t, "POST", "http://library.example.com", "x"))
	assert.True(t, status.IsDeadlineExceeded(err), "%v", err)
	assert.Equal(t, 5, status.FromError(err).Attempts(), "a dial that timed out never left")
	netErr, ok := errors.AsType[net.Error](err)
	require.True(t, ok)
	assert.True(t, netErr.Timeout())
}

func TestTransportThatIsNotNetHTTPs(t *testing.T) {
	t.Parallel()
	boom := errors.New("boom")
	tests := []struct {
		name     string
		err      error
		method   string
		code     status.Code
		attempts int
	}{
		{"a dial that failed", &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}, "POST", status.Unavailable, 5},
		{"a name that is not known", &net.DNSError{Err: "no such host", Name: "x", IsNotFound: true}, "POST", status.Unavailable, 5},
		{"a broken connection", syscall.ECONNRESET, "GET", status.Unavailable, 5},
		{"a broken connection, POST", syscall.ECONNRESET, "POST", status.Unavailable, 1},
		{"it hung up", io.EOF, "GET", status.Unavailable, 5},
		{"an API error of its own", status.New(status.PermissionDenied, "no"), "GET", status.PermissionDenied, 1},
		{"a code of its own", status.Unavailable, "GET", status.Unavailable, 5},
		{"marked not to be retried", retry.Stop(status.New(status.Unavailable, "no")), "GET", status.Unavailable, 1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			calls := 0
			base := roundTripFunc(func(*http.Request) (*http.Response, error) {
				calls++
				return nil, test.err
			})
			policy, _ := at(t)
			client := httpbridge.NewClient(&http.Client{Transport: base}, httpbridge.WithRetryPolicy(policy))
			_, err := client.Do(request(t, test.method, "http://library.example.com", ""))
			assert.Equal(t, test.code, status.CodeOf(err), "%v", err)
			assert.Equal(t, test.attempts, calls)
			assert.Equal(t, test.attempts, status.FromError(err).Attempts())
			assert.False(t, retry.Stopped(err))
		})
	}
	t.Run("a plain error", func(t *testing.T) {
		t.Parallel()
		calls := 0
		base := roundTripFunc(func(*http.Request) (*http.Response, error) {
			calls++
			return nil, boom
		})
		_, err := httpbridge.NewClient(&http.Client{Transport: base}).Do(request(t, "GET", "http://library.example.com", ""))
		require.ErrorIs(t, err, boom)
		assert.Equal(t, 1, calls)
		require.NotErrorAs(t, err, new(*status.Error))
	})
	t.Run("neither a response nor an error", func(t *testing.T) {
		t.Parallel()
		base := roundTripFunc(func(*http.Request) (*http.Response, error) { return nil, nil }) //nolint:nilnil // that is the test
		_, err := httpbridge.NewClient(&http.Client{Transport: base}).Do(request(t, "GET", "http://library.example.com", ""))
		require.Error(t, err)
	})
	t.Run("a response without a body", func(t *testing.T) {
		t.Parallel()
		base := roundTripFunc(func(*http.Request) (*http.Response, error) { return &http.Response{StatusCode: 503}, nil })
		policy, _ := at(t)
		_, err := httpbridge.NewTransport(base, httpbridge.WithRetryPolicy(policy)).RoundTrip(request(t, "GET", "http://x", ""))
		require.NoError(t, err)
	})
}

func TestAnswerThatIsNotHTTP(t *testing.T) {
	t.Parallel()
	url, connections := tcpServer(t, says("SSH-2.0-OpenSSH_9.9\r\n"))
	policy, _ := at(t)
	_, err := httpbridge.NewClient(fresh(t), httpbridge.WithRetryPolicy(policy)).
		Do(request(t, "GET", url, ""))
	var e *status.Error
	require.ErrorAs(t, err, &e)
	assert.Equal(t, status.Unknown, e.Code(), "%v", err)
	assert.EqualValues(t, 1, connections.Load())
}

func TestRedirectsAreRetriedHopByHop(t *testing.T) {
	t.Parallel()
	s := newService(t, func(previous int, w http.ResponseWriter, r *http.Request) {
		switch {
		case previous%2 == 0:
			w.WriteHeader(503)
		case r.URL.Path == "/loop":
			http.Redirect(w, r, "/loop", http.StatusFound)
		case r.URL.Path == "/here":
			http.Redirect(w, r, "/there", http.StatusTemporaryRedirect)
		default:
			body, _ := io.ReadAll(r.Body)
			_, _ = w.Write(body)
		}
	})
	policy, _ := at(t)
	client := httpbridge.NewClient(fresh(t), httpbridge.WithRetryPolicy(policy))
	resp, err := client.Do(request(t, "POST", s.URL+"/here", "content"))
	require.NoError(t, err)
	assert.Equal(t, "content", readAll(t, resp.Body))
	assert.EqualValues(t, 4, s.calls.Load())

	_, err = client.Do(request(t, "GET", s.URL+"/loop", ""))
	var e *status.Error
	require.ErrorAs(t, err, &e, "a service that redirects for ever has failed: %v", err)
	assert.Equal(t, status.Unknown, e.Code())
	assert.Equal(t, http.StatusFound, e.HTTPResponse().StatusCode)
}

func TestInnerTransportStandsBack(t *testing.T) {
	t.Parallel()
	s := newService(t, failing(99, 503))
	policy, _ := at(t)
	inner := httpbridge.NewTransport(fresh(t).Transport, httpbridge.WithRetryPolicy(policy))
	wrapped := roundTripFunc(func(req *http.Request) (*http.Response, error) { return inner.RoundTrip(req) })
	_, err := httpbridge.NewClient(&http.Client{Transport: wrapped}, httpbridge.WithRetryPolicy(policy)).
		Do(request(t, "GET", s.URL, ""))
	assert.Equal(t, 5, status.FromError(err).Attempts())
	assert.EqualValues(t, 5, s.calls.Load())
}

func TestCallersTraceGoesOn(t *testing.T) {
	t.Parallel()
	s := newService(t, failing(1, 503))
	policy, _ := at(t)
	var wrote atomic.Int64
	ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{
		WroteHeaders: func() { wrote.Add(1) },
	})
	resp, err := httpbridge.NewClient(fresh(t), httpbridge.WithRetryPolicy(policy)).Do(request(t, "GET", s.URL, "").WithContext(ctx))
	require.NoError(t, err)
	readAll(t, resp.Body)
	assert.EqualValues(t, 2, wrote.Load())
}

func TestCloseIdleConnections(t *testing.T) {
	t.Parallel()
	closed := make(chan struct{}, 1)
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateClosed {
			closed <- struct{}{}
		}
	}
	server.Start()
	t.Cleanup(server.Close)
	client := &http.Client{Transport: httpbridge.NewTransport(&http.Transport{})}
	resp, err := client.Do(request(t, "GET", server.URL, ""))
	require.NoError(t, err)
	readAll(t, resp.Body)
	client.CloseIdleConnections()
	select {
	case <-closed:
	case <-time.After(10 * time.Second):
		t.Fatal("the idle connection is still there")
	}
}
