package httpbridge_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

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
		wish     string // X-Should-Retry
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
		{name: "409 with a wish", method: "POST", answer: 409, wish: "true", attempts: 5, decision: retry.DecisionDoneAttempts},
		{name: "500 with a wish", method: "POST", answer: 500, wish: "true", attempts: 1, decision: retry.DecisionDoneUnsafe},
		{name: "503 with the wish not to", method: "GET", answer: 503, wish: "false", attempts: 1, decision: retry.DecisionDonePushback},
		{
			name: "a policy without UNAVAILABLE and a wish", method: "GET", answer: 404, wish: "true", attempts: 1, decision: retry.DecisionDoneCode,
			policy: []retry.Option{retry.WithCodes(status.Conflict)},
		},
		{
			name: "a policy with another code and the wish not to", method: "GET", answer: 409, wish: "false", attempts: 1, decision: retry.DecisionDonePushback,
			policy: []retry.Option{retry.WithCodes(status.Conflict)},
		},
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
				if test.wish != "" {
					w.Header().Set("X-Should-Retry", test.wish)
				}
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
