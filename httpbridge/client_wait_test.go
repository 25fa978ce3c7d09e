package httpbridge_test

import (
	"context"
	"errors"
	"io"
	"maps"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/errwire/errwire/httpbridge"
	"github.com/errwire/errwire/retry"
	"github.com/errwire/errwire/status"
)

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
