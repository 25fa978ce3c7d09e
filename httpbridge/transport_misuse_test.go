package httpbridge_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/errwire/errwire/httpbridge"
	"github.com/errwire/errwire/status"
)

func TestProgrammingErrorsArePlain(t *testing.T) {
	t.Parallel()
	s := newService(t, failing(0, 0))
	closed := &closing{Reader: strings.NewReader("x")}
	withoutURL := request(t, "POST", s.URL, "")
	withoutURL.URL, withoutURL.Body = nil, closed
	tests := []struct {
		name   string
		client *httpbridge.Client
		req    *http.Request
	}{
		{"nil request", httpbridge.NewClient(nil), nil},
		{"no URL", httpbridge.NewClient(nil), withoutURL},
		{"unknown scheme", httpbridge.NewClient(nil), request(t, "GET", "gopher://library.example.com", "")},
		{"no host", httpbridge.NewClient(nil), request(t, "GET", "http:///shelves", "")},
		{"nil client", nil, request(t, "GET", s.URL, "")},
		{"zero client", &httpbridge.Client{}, request(t, "GET", s.URL, "")},
		{"nil policy", httpbridge.NewClient(nil, httpbridge.WithRetryPolicy(nil)), request(t, "GET", s.URL, "")},
		{"nil option", httpbridge.NewClient(nil, nil), request(t, "GET", s.URL, "")},
		{"nil function", httpbridge.NewClient(nil, httpbridge.WithRequestPolicy(nil)), request(t, "GET", s.URL, "")},
		{"no target", httpbridge.NewClient(nil, httpbridge.WithBudgetTarget("")), request(t, "GET", s.URL, "")},
		{"no dialect", httpbridge.NewClient(nil, httpbridge.WithDialects()), request(t, "GET", s.URL, "")},
		{"nil dialect", httpbridge.NewClient(nil, httpbridge.WithDialects(nil)), request(t, "GET", s.URL, "")},
		{"nil base", httpbridge.NewClient(&http.Client{Transport: (*http.Transport)(nil)}), request(t, "GET", s.URL, "")},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			resp, err := test.client.Do(test.req)
			assert.Nil(t, resp)
			require.Error(t, err)
			require.NotErrorAs(t, err, new(*status.Error))
			assert.False(t, status.IsUnknown(err))
			assert.NotContains(t, err.Error(), "\n")
			require.Error(t, test.client.DoJSON(test.req, nil))
		})
	}
	assert.True(t, closed.closed, "the body of a request that is not sent is closed")
	assert.Zero(t, s.calls.Load())
}

type closing struct {
	io.Reader
	closed bool
}

func (c *closing) Close() error {
	c.closed = true
	return nil
}
