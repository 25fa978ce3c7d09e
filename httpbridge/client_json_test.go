package httpbridge_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/genproto/googleapis/rpc/errdetails"

	"github.com/errwire/errwire/httpbridge"
	"github.com/errwire/errwire/status"
)

type shelf struct {
	Name  string `json:"name"`
	Books int    `json:"books"`
}

func TestDoJSON(t *testing.T) {
	t.Parallel()
	s := newService(t, func(previous int, w http.ResponseWriter, r *http.Request) {
		if previous == 0 {
			w.WriteHeader(503)
			return
		}
		assert.Equal(t, "application/json", r.Header.Get("Accept"))
		_, _ = io.WriteString(w, `{"name":"42","books":7}`)
	})
	policy, _ := at(t)
	var reply shelf
	req := request(t, "GET", s.URL, "")
	require.NoError(t, httpbridge.NewClient(fresh(t), httpbridge.WithRetryPolicy(policy)).DoJSON(req, &reply))
	assert.Equal(t, shelf{"42", 7}, reply)
	assert.Empty(t, req.Header, "the caller's request is not changed")
}

func TestDoJSONReadsMessages(t *testing.T) {
	t.Parallel()
	s := newService(t, func(_ int, w http.ResponseWriter, r *http.Request) {
		assert.Equal(t, "application/x-json", r.Header.Get("Accept"))
		_, _ = io.WriteString(w, `{"reason":"X","newer":true}`)
	})
	req := request(t, "GET", s.URL, "")
	req.Header.Set("Accept", "application/x-json")
	reply := &errdetails.ErrorInfo{}
	require.NoError(t, httpbridge.NewClient(fresh(t)).DoJSON(req, reply))
	assert.Equal(t, "X", reply.GetReason())
}

func TestDoJSONFailures(t *testing.T) {
	t.Parallel()
	answer := func(code int, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(code)
			_, _ = io.WriteString(w, body)
		}
	}
	mismatch := func(err error) bool { return errors.As(err, new(*json.UnmarshalTypeError)) }
	syntax := func(err error) bool { return errors.As(err, new(*json.SyntaxError)) }
	tests := []struct {
		name   string
		answer http.HandlerFunc
		code   status.Code // OK: no error
		body   string      // of the response in the error; "" is the answer's
		cause  func(error) bool
	}{
		{name: "an error", answer: answer(404, `{"error":{"code":404,"status":"NOT_FOUND","message":"m"}}`), code: status.NotFound},
		{name: "a page", answer: answer(200, `<html>Sign in to the hotel's network</html>`), code: status.Unknown, cause: syntax},
		{name: "cut JSON", answer: answer(200, `{"name":`), code: status.Unknown, cause: syntax},
		{name: "another type", answer: answer(200, `{"books":"seven"}`), code: status.Unknown, cause: mismatch},
		{name: "more than one value", answer: answer(200, `{"books":1}{"books":2}`), code: status.Unknown, cause: syntax},
		{name: "nothing", answer: answer(200, ``), code: status.Unknown, cause: syntax},
		{name: "an error with 200", answer: answer(200, `{"error":{"code":404,"status":"NOT_FOUND","message":"m"}}`), code: status.NotFound},
		{name: "an error of a stream with 200", answer: answer(200, `{"error":{"code":14,"message":"try again"}}`), code: status.Unavailable},
		{name: "OAuth's with 200", answer: answer(200, `{"error":"invalid_grant","error_description":"d"}`), code: status.Unauthenticated},
		{
			name: "GraphQL's with 200", code: status.NotFound,
			answer: answer(200, `{"data":null,"errors":[{"message":"m","extensions":{"code":"NOT_FOUND"}}]}`),
		},
		{name: "Kubernetes' with 200", answer: answer(200, `{"kind":"Status","status":"Failure","reason":"NotFound","code":404}`), code: status.NotFound},
		{name: "no content", answer: answer(204, ``), code: status.OK},
		{name: "a resource with a code", answer: answer(200, `{"code":5,"message":"hello","name":"x"}`), code: status.OK},
		{name: "a failed operation", answer: answer(200, `{"name":"operations/1","done":true,"error":{"code":5,"message":"m"}}`), code: status.OK},
		{name: "an error beside what is null", answer: answer(200, `{"data":null,"result":null,"error":{"code":404,"message":"m","status":"NOT_FOUND"}}`), code: status.NotFound},
		{name: "a failed job", answer: answer(200, `{"name":"jobs/1","state":"FAILED","error":{"code":5,"message":"m"}}`), code: status.OK},
		{name: "an error with an id", answer: answer(200, `{"success":false,"request_id":"1","error":{"code":404,"status":"NOT_FOUND","message":"m"}}`), code: status.NotFound},
		{name: "a list of errors", answer: answer(200, `{"errors":[{"message":"m","code":"X"}]}`), code: status.OK},
		{
			name: "a body that breaks off", code: status.Unavailable, body: `{"name":`,
			answer: func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Length", "100")
				_, _ = io.WriteString(w, `{"name":`)
				_ = http.NewResponseController(w).Flush()
				panic(http.ErrAbortHandler)
			},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			sent := &strings.Builder{}
			s := newService(t, func(_ int, w http.ResponseWriter, r *http.Request) {
				test.answer(teeWriter{w, sent}, r)
			})
			reply := shelf{Name: "before"}
			err := httpbridge.NewClient(fresh(t)).DoJSON(request(t, "GET", s.URL, ""), &reply)
			if test.code == status.OK {
				require.NoError(t, err)
				return
			}
			var e *status.Error
			require.ErrorAs(t, err, &e)
			assert.Equal(t, test.code, e.Code(), "%v", err)
			assert.Equal(t, 1, e.Attempts())
			require.NotNil(t, e.HTTPResponse())
			assert.Equal(t, sent.String(), readAll(t, e.HTTPResponse().Body))
			if test.cause != nil {
				assert.True(t, test.cause(err), "%v", err)
			}
			assert.EqualValues(t, 1, s.calls.Load())
		})
	}
}

// A teeWriter remembers what is written.
type teeWriter struct {
	http.ResponseWriter
	sent io.Writer
}

func (w teeWriter) Write(p []byte) (int, error) {
	_, _ = w.sent.Write(p)
	return w.ResponseWriter.Write(p)
}

func (w teeWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func TestDoJSONOfBodyThatIsTooLong(t *testing.T) {
	t.Parallel()
	s := newService(t, func(_ int, w http.ResponseWriter, _ *http.Request) {
		page := []byte(strings.Repeat(" ", 1<<20))
		for range 64 {
			if _, err := w.Write(page); err != nil {
				return
			}
		}
	})
	err := httpbridge.NewClient(fresh(t)).DoJSON(request(t, "GET", s.URL, ""), nil)
	assert.True(t, status.IsResourceExhausted(err), "%v", err)
	assert.Len(t, readAll(t, status.HTTPResponse(err).Body), 1<<20)
}

func TestDoJSONWhoseContextEnds(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	s := newService(t, func(_ int, w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"name":`)
		_ = http.NewResponseController(w).Flush()
		<-release
	})
	t.Cleanup(func() { close(release) })
	reason := errors.New("the user has left")
	ctx, cancel := context.WithCancelCause(t.Context())
	base := fresh(t).Transport
	client := httpbridge.NewClient(&http.Client{Transport: roundTripFunc(func(req *http.Request) (*http.Response, error) {
		defer cancel(reason) // when the header is here
		return base.RoundTrip(req)
	})})
	err := client.DoJSON(request(t, "GET", s.URL, "").WithContext(ctx), &shelf{})
	assert.True(t, status.IsCancelled(err), "%v", err)
	require.ErrorIs(t, err, context.Canceled)
	require.ErrorIs(t, err, reason)
}

func TestDoJSONRefusesReplies(t *testing.T) {
	t.Parallel()
	s := newService(t, failing(0, 0))
	for _, reply := range []any{shelf{}, (*shelf)(nil), map[string]any{}, 7} {
		err := httpbridge.NewClient(nil).DoJSON(request(t, "GET", s.URL, ""), reply)
		require.Error(t, err)
		assert.False(t, status.IsUnknown(err))
	}
	assert.Zero(t, s.calls.Load())
}

func TestDialectsOfAClient(t *testing.T) {
	t.Parallel()
	s := newService(t, func(_ int, w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/404" {
			w.WriteHeader(404)
			_, _ = io.WriteString(w, `{"error":{"code":404,"status":"NOT_FOUND","message":"m"}}`)
			return
		}
		_, _ = io.WriteString(w, `{"ok":false,"error":"channel_not_found"}`)
	})
	slack := func(a *httpbridge.Answer) *status.Error {
		if !strings.Contains(string(a.Body), `"ok":false`) {
			return nil
		}
		return status.New(status.NotFound, "no such channel")
	}
	client := httpbridge.NewClient(fresh(t), httpbridge.WithDialects(slack, httpbridge.Auto))
	err := client.DoJSON(request(t, "GET", s.URL, ""), nil)
	assert.EqualError(t, err, "no such channel")
	err = client.DoJSON(request(t, "GET", s.URL+"/404", ""), nil)
	assert.EqualError(t, err, "m")
}
