package httpbridge_test

import (
	"errors"
	"io"
	"net/http"
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
