package httpbridge_test

import (
	"context"
	"errors"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
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

func TestRetriedStatuses(t *testing.T) {
	t.Parallel()
	const key = "Idempotency-Key"
	tests := []struct {
		name     string
		method   string
		header   string // Idempotency-Key
		answer   int
		body     string
		policy   []retry.Option
		attempts int64
		decision retry.Decision
	}{
		{name: "503 to GET", method: "GET", answer: 503, attempts: 5, decision: retry.DecisionDoneAttempts},
		{name: "503 to POST", method: "POST", answer: 503, attempts: 5, decision: retry.DecisionDoneAttempts},
		{name: "500 to GET", method: "GET", answer: 500, attempts: 5, decision: retry.DecisionDoneAttempts},
		{name: "502 to HEAD", method: "HEAD", answer: 502, attempts: 5, decision: retry.DecisionDoneAttempts},
		{name: "504 to PUT", method: "PUT", answer: 504, attempts: 5, decision: retry.DecisionDoneAttempts},
		{name: "502 to DELETE", method: "DELETE", answer: 502, attempts: 5, decision: retry.DecisionDoneAttempts},
		{name: "500 to OPTIONS", method: "OPTIONS", answer: 500, attempts: 5, decision: retry.DecisionDoneAttempts},
		{name: "500 to POST", method: "POST", answer: 500, attempts: 1, decision: retry.DecisionDoneUnsafe},
		{name: "502 to POST", method: "POST", answer: 502, attempts: 1, decision: retry.DecisionDoneUnsafe},
		{name: "504 to PATCH", method: "PATCH", answer: 504, attempts: 1, decision: retry.DecisionDoneUnsafe},
		{name: "500 to POST with a key", method: "POST", header: "k", answer: 500, attempts: 5, decision: retry.DecisionDoneAttempts},
		{name: "502 to PATCH with a key", method: "PATCH", header: "k", answer: 502, attempts: 5, decision: retry.DecisionDoneAttempts},
		{name: "501", method: "GET", answer: 501, attempts: 1, decision: retry.DecisionDoneCode},
		{name: "404", method: "GET", answer: 404, attempts: 1, decision: retry.DecisionDoneCode},
		{name: "409", method: "GET", answer: 409, attempts: 1, decision: retry.DecisionDoneCode},
		{name: "429 without a wish", method: "GET", answer: 429, attempts: 1, decision: retry.DecisionDoneCode},
		{
			name: "the body's word beats 500", method: "GET", answer: 500, attempts: 1, decision: retry.DecisionDoneCode,
			body: `{"error":{"code":500,"status":"DATA_LOSS","message":"gone"}}`,
		},
		{
			name: "the body's word beats 503", method: "GET", answer: 503, attempts: 1, decision: retry.DecisionDoneCode,
			body: `{"error":{"code":503,"status":"NOT_FOUND","message":"gone"}}`,
		},
		{
			name: "UNAVAILABLE with another status", method: "POST", answer: 400, attempts: 5, decision: retry.DecisionDoneAttempts,
			body: `{"error":{"code":400,"status":"UNAVAILABLE","message":"try again"}}`,
		},
		{
			name: "a policy with another code", method: "POST", answer: 409, attempts: 5, decision: retry.DecisionDoneAttempts,
			policy: []retry.Option{retry.WithCodes(status.Conflict)},
		},
		{
			name: "a policy without UNAVAILABLE", method: "GET", answer: 503, attempts: 1, decision: retry.DecisionDoneCode,
			policy: []retry.Option{retry.WithCodes(status.Conflict)},
		},
		{
			name: "a policy without UNAVAILABLE and 500", method: "GET", answer: 500, attempts: 1, decision: retry.DecisionDoneCode,
			policy: []retry.Option{retry.WithCodes(status.Conflict)},
		},
		{
			name: "a policy with fewer attempts", method: "GET", answer: 503, attempts: 2, decision: retry.DecisionDoneAttempts,
			policy: []retry.Option{retry.WithMaxAttempts(2)},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newService(t, func(_ int, w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(test.answer)
				_, _ = io.WriteString(w, test.body)
			})
			policy, seen := at(t, test.policy...)
			req := request(t, test.method, s.URL, "content")
			if test.header != "" {
				req.Header.Set(key, test.header)
			}

			resp, err := httpbridge.NewClient(fresh(t), httpbridge.WithRetryPolicy(policy)).Do(req)

			require.Nil(t, resp)
			var e *status.Error
			require.ErrorAs(t, err, &e)
			assert.Equal(t, test.attempts, s.calls.Load(), "requests")
			assert.EqualValues(t, test.attempts, e.Attempts())
			assert.Equal(t, test.answer, e.HTTPResponse().StatusCode)
			event := seen.last(t)
			assert.Equal(t, test.decision, event.Decision)
			assert.Equal(t, test.method, event.Method)
			assert.Equal(t, strings.TrimPrefix(s.URL, "http://"), event.Target)
			assert.Len(t, seen.list, int(test.attempts))
		})
	}
}

func TestRetriedUntilItSucceeds(t *testing.T) {
	t.Parallel()
	s := newService(t, failing(3, 503))
	policy, _ := at(t)
	resp, err := httpbridge.NewClient(fresh(t), httpbridge.WithRetryPolicy(policy)).Do(request(t, "POST", s.URL, "x"))
	require.NoError(t, err)
	assert.JSONEq(t, `{"name":"ok"}`, readAll(t, resp.Body))
	assert.EqualValues(t, 4, s.calls.Load())
}

func TestIdempotencyByOtherMeans(t *testing.T) {
	t.Parallel()
	policy, _ := at(t)
	tests := []struct {
		name     string
		opts     []httpbridge.Option
		header   http.Header
		attempts int64
	}{
		{"neither", nil, nil, 1},
		{"the client's word", []httpbridge.Option{httpbridge.WithIdempotent()}, nil, 5},
		{"a key that is not sent", nil, http.Header{"Idempotency-Key": {}}, 5},
		{"the older name of the key", nil, http.Header{"X-Idempotency-Key": {"k"}}, 5},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newService(t, failing(99, 500))
			req := request(t, "POST", s.URL, "x")
			if test.header != nil {
				req.Header = test.header
			}
			client := httpbridge.NewClient(fresh(t), append(test.opts, httpbridge.WithRetryPolicy(policy))...)
			_, err := client.Do(req)
			assert.True(t, status.IsInternal(err), "%v", err)
			assert.Equal(t, test.attempts, s.calls.Load())
		})
	}
}

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

func TestBodyIsReplayed(t *testing.T) {
	t.Parallel()
	var bodies []string
	s := newService(t, func(previous int, w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		bodies = append(bodies, string(body))
		failing(2, 503)(previous, w, r)
	})
	policy, _ := at(t)
	client := httpbridge.NewClient(fresh(t), httpbridge.WithRetryPolicy(policy))
	resp, err := client.Do(request(t, "POST", s.URL, "the whole content"))
	require.NoError(t, err)
	readAll(t, resp.Body)
	assert.Equal(t, []string{"the whole content", "the whole content", "the whole content"}, bodies)
}

func TestBodyThatCannotBeReplayed(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name     string
		answer   int
		getBody  func() (io.ReadCloser, error)
		attempts int
		decision retry.Decision
	}{
		{"a failure worth a retry", 503, nil, 1, retry.DecisionDoneBody},
		{"one that is not", 404, nil, 1, retry.DecisionDoneCode},
		{
			"GetBody fails", 503,
			func() (io.ReadCloser, error) { return nil, errors.New("file is gone") }, 1, retry.DecisionRetry,
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newService(t, failing(99, test.answer))
			policy, seen := at(t)
			req := request(t, "PUT", s.URL, "")
			req.Body = io.NopCloser(strings.NewReader("once"))
			req.GetBody = test.getBody
			_, err := httpbridge.NewClient(fresh(t), httpbridge.WithRetryPolicy(policy)).Do(req)
			e := status.FromError(err)
			assert.Equal(t, test.attempts, e.Attempts())
			assert.EqualValues(t, test.attempts, s.calls.Load())
			assert.Equal(t, test.answer, e.HTTPResponse().StatusCode)
			assert.Equal(t, test.decision, seen.last(t).Decision)
		})
	}
}

func TestBodyThatFailsIsNotRetried(t *testing.T) {
	t.Parallel()
	s := newService(t, failing(0, 0))
	policy, _ := at(t)
	var read atomic.Int64
	req := request(t, "PUT", s.URL, "")
	req.ContentLength = 100
	req.GetBody = func() (io.ReadCloser, error) {
		read.Add(1)
		return io.NopCloser(failingReader{}), nil
	}
	req.Body = io.NopCloser(failingReader{})
	_, err := httpbridge.NewClient(fresh(t), httpbridge.WithRetryPolicy(policy)).Do(req)
	// Read by itself it looks like a broken connection to the service.
	require.ErrorIs(t, err, syscall.ECONNRESET)
	assert.Zero(t, read.Load())
	assert.Equal(t, 1, status.FromError(err).Attempts())
}

type failingReader struct{}

func (failingReader) Read([]byte) (int, error) { return 0, syscall.ECONNRESET }

func TestConnectionsAreReused(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		size  int
		conns int64
	}{
		{"no body", 0, 1},
		{"a page", 300 << 10, 1},
		{"a mebibyte, all that is read", 1<<20 - 1, 1},
		{"more than is worth reading", 3 << 20, 4},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newService(t, func(previous int, w http.ResponseWriter, r *http.Request) {
				if previous < 3 {
					w.WriteHeader(503)
					_, _ = w.Write(make([]byte, test.size))
					return
				}
				failing(0, 0)(previous, w, r)
			})
			policy, _ := at(t)
			resp, err := httpbridge.NewClient(fresh(t), httpbridge.WithRetryPolicy(policy)).Do(request(t, "GET", s.URL, ""))
			require.NoError(t, err)
			readAll(t, resp.Body)
			assert.EqualValues(t, 4, s.calls.Load())
			assert.Equal(t, test.conns, s.conns.Load(), "connections")
		})
	}
}

func TestFailedAnswersLeaveNoConnectionBehind(t *testing.T) {
	t.Parallel()
	s := newService(t, failing(99, 404))
	client := httpbridge.NewClient(fresh(t))
	for range 20 {
		_, err := client.Do(request(t, "GET", s.URL, ""))
		require.True(t, status.IsNotFound(err))
	}
	assert.EqualValues(t, 1, s.conns.Load())
}

func TestAnswersTooLongToReadAreClosed(t *testing.T) {
	t.Parallel()
	s := newService(t, func(_ int, w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(503)
		_, _ = w.Write(make([]byte, 3<<20))
	})
	policy, _ := at(t)
	_, err := httpbridge.NewClient(fresh(t), httpbridge.WithRetryPolicy(policy)).Do(request(t, "GET", s.URL, ""))
	assert.True(t, status.IsUnavailable(err))
	assert.Eventually(t, func() bool { return s.closed.Load() == 5 }, 10*time.Second, time.Millisecond)
}

func TestServersWish(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name     string
		header   http.Header
		body     string
		decision retry.Decision
	}{
		{"Retry-After too long", http.Header{"Retry-After": {"600"}}, "", retry.DecisionDoneServerDelay},
		{"Retry-After that overflows", http.Header{"Retry-After": {"99999999999999999999"}}, "", retry.DecisionDoneServerDelay},
		{"RetryInfo too long", nil, `{"error":{"code":503,"status":"UNAVAILABLE","message":"m","details":[
			{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"600s"}]}}`, retry.DecisionDoneServerDelay},
		{"no retry, says Stripe", http.Header{"Stripe-Should-Retry": {"false"}}, "", retry.DecisionDonePushback},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newService(t, func(_ int, w http.ResponseWriter, _ *http.Request) {
				maps.Copy(w.Header(), test.header)
				w.WriteHeader(503)
				_, _ = io.WriteString(w, test.body)
			})
			policy, seen := at(t)
			_, err := httpbridge.NewClient(fresh(t), httpbridge.WithRetryPolicy(policy)).Do(request(t, "GET", s.URL, ""))
			assert.True(t, status.IsUnavailable(err))
			assert.EqualValues(t, 1, s.calls.Load())
			assert.Equal(t, test.decision, seen.last(t).Decision)
		})
	}
}

func TestServersWishIsObeyed(t *testing.T) {
	t.Parallel()
	var first atomic.Int64
	var waited time.Duration
	s := newService(t, func(previous int, w http.ResponseWriter, _ *http.Request) {
		if previous == 0 {
			first.Store(time.Now().UnixNano())
			w.Header().Set("Retry-After", "1")
			w.WriteHeader(429)
			return
		}
		waited = time.Since(time.Unix(0, first.Load()))
	})
	policy, seen := at(t, retry.WithCodes(status.Unavailable, status.ResourceExhausted))
	resp, err := httpbridge.NewClient(fresh(t), httpbridge.WithRetryPolicy(policy)).Do(request(t, "POST", s.URL, "x"))
	require.NoError(t, err)
	readAll(t, resp.Body)
	assert.GreaterOrEqual(t, waited, time.Second)
	assert.GreaterOrEqual(t, seen.last(t).Delay, time.Second)
}

func TestDeadlineIsNotSleptInto(t *testing.T) {
	t.Parallel()
	s := newService(t, failing(99, 503))
	p, err := retry.NewPolicy(retry.WithBackoff(time.Hour, time.Hour), retry.WithoutBudget())
	require.NoError(t, err)
	client := httpbridge.NewClient(fresh(t), httpbridge.WithRetryPolicy(p))
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	start := time.Now()
	_, err = client.Do(request(t, "GET", s.URL, "").WithContext(ctx))
	assert.True(t, status.IsUnavailable(err), "%v", err)
	assert.Equal(t, 503, status.HTTPResponse(err).StatusCode)
	assert.Less(t, time.Since(start), 30*time.Second)

	// http.Client's own timeout is a deadline like any other.
	base := fresh(t)
	base.Timeout = time.Minute
	_, err = httpbridge.NewClient(base, httpbridge.WithRetryPolicy(p)).Do(request(t, "GET", s.URL, ""))
	assert.True(t, status.IsUnavailable(err), "%v", err)
	assert.Less(t, time.Since(start), 30*time.Second)
	assert.EqualValues(t, 2, s.calls.Load())
}

func TestContextEndsDuringTheWait(t *testing.T) {
	t.Parallel()
	s := newService(t, func(_ int, w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(503)
		_, _ = io.WriteString(w, "busy")
	})
	reason := errors.New("the user has left")
	begin := func(t *testing.T) (context.Context, *retry.Policy) {
		ctx, cancel := context.WithCancelCause(t.Context())
		p, err := retry.NewPolicy(retry.WithBackoff(time.Hour, time.Hour), retry.WithoutBudget(),
			retry.WithObserver(func(context.Context, retry.Event) { cancel(reason) }))
		require.NoError(t, err)
		return ctx, p
	}
	t.Run("client", func(t *testing.T) {
		t.Parallel()
		ctx, p := begin(t)
		_, err := httpbridge.NewClient(fresh(t), httpbridge.WithRetryPolicy(p)).Do(request(t, "GET", s.URL, "").WithContext(ctx))
		assert.True(t, status.IsUnavailable(err), "%v", err)
		require.ErrorIs(t, err, context.Canceled)
		require.ErrorIs(t, err, reason)
		assert.Equal(t, "busy", readAll(t, status.HTTPResponse(err).Body))
	})
	t.Run("transport", func(t *testing.T) {
		t.Parallel()
		ctx, p := begin(t)
		transport := httpbridge.NewTransport(fresh(t).Transport, httpbridge.WithRetryPolicy(p))
		resp, err := transport.RoundTrip(request(t, "GET", s.URL, "").WithContext(ctx))
		require.NoError(t, err)
		assert.Equal(t, 503, resp.StatusCode)
		assert.Equal(t, "busy", readAll(t, resp.Body))
	})
}

func TestContextEndsDuringTheAttempt(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	arrived := make(chan struct{}, 9)
	s := newService(t, func(int, http.ResponseWriter, *http.Request) {
		arrived <- struct{}{}
		<-release
	})
	t.Cleanup(func() { close(release) })
	reason := errors.New("the user has left")
	tests := []struct {
		name  string
		begin func(context.Context) (context.Context, func())
		code  status.Code
		is    []error
	}{
		{"cancelled", func(ctx context.Context) (context.Context, func()) {
			return context.WithCancel(ctx)
		}, status.Cancelled, []error{context.Canceled}},
		{"cancelled with a cause", func(ctx context.Context) (context.Context, func()) {
			ctx, cancel := context.WithCancelCause(ctx)
			return ctx, func() { cancel(reason) }
		}, status.Cancelled, []error{context.Canceled, reason}},
		{"deadline", func(ctx context.Context) (context.Context, func()) {
			return context.WithTimeout(ctx, 50*time.Millisecond)
		}, status.DeadlineExceeded, []error{context.DeadlineExceeded}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			ctx, cancel := test.begin(t.Context())
			if test.code == status.Cancelled {
				go func() {
					<-arrived
					cancel()
				}()
			} else {
				defer cancel()
			}
			policy, seen := at(t)
			_, err := httpbridge.NewClient(fresh(t), httpbridge.WithRetryPolicy(policy)).Do(request(t, "GET", s.URL, "").WithContext(ctx))
			assert.Equal(t, test.code, status.CodeOf(err), "%v", err)
			for _, target := range test.is {
				require.ErrorIs(t, err, target)
			}
			assert.Equal(t, 1, status.FromError(err).Attempts())
			assert.Equal(t, retry.DecisionDoneContext, seen.last(t).Decision)
			if test.code == status.DeadlineExceeded {
				<-arrived
			}
		})
	}
}

func TestTimeoutOfHTTPClient(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	s := newService(t, func(previous int, w http.ResponseWriter, _ *http.Request) {
		if previous == 0 {
			w.WriteHeader(503)
			return
		}
		<-release
	})
	t.Cleanup(func() { close(release) })
	policy, _ := at(t)
	base := fresh(t)
	base.Timeout = 200 * time.Millisecond
	_, err := httpbridge.NewClient(base, httpbridge.WithRetryPolicy(policy)).Do(request(t, "GET", s.URL, ""))
	assert.True(t, status.IsDeadlineExceeded(err), "%v", err)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	assert.Equal(t, 2, status.FromError(err).Attempts())
	assert.EqualValues(t, 2, s.calls.Load())
}
