package httpbridge_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/errwire/errwire/httpbridge"
	"github.com/errwire/errwire/retry"
	"github.com/errwire/errwire/status"
)

func TestBudgetIsSharedByTarget(t *testing.T) {
	t.Parallel()
	s := newService(t, failing(99, 503))
	p, err := retry.NewPolicy(retry.WithBackoff(0, 0), retry.WithMaxAttempts(4))
	require.NoError(t, err)
	// gRPC's key of the same place.
	key := strings.ToLower(strings.TrimPrefix(s.URL, "http://"))
	shared := retry.TargetBudget(key)
	for range 5 {
		// Two clients, one budget: 6 tokens.
		_, err = httpbridge.NewClient(fresh(t), httpbridge.WithRetryPolicy(p)).Do(request(t, "GET", s.URL, ""))
		assert.True(t, status.IsUnavailable(err))
	}
	assert.EqualValues(t, 5+6, s.calls.Load())
	assert.Contains(t, status.FromError(err).LogValue().String(), "budget_exhausted")

	over, err := retry.NewPolicy(retry.WithBackoff(0, 0), retry.WithBudget(shared))
	require.NoError(t, err)
	assert.True(t, status.IsUnavailable(retry.Do(t.Context(), over, func(context.Context) error { return status.Unavailable })))
	s.calls.Store(0)
	named := httpbridge.NewClient(fresh(t), httpbridge.WithRetryPolicy(p), httpbridge.WithBudgetTarget("all of "+s.URL))
	_, err = named.Do(request(t, "GET", s.URL, ""))
	assert.Equal(t, 4, status.FromError(err).Attempts())
}

func TestTargetsByURL(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, url, target string }{
		{"https", "https://Library.Example.com/shelves", "library.example.com:443"},
		{"http", "http://library.example.com", "library.example.com:80"},
		{"a port", "http://library.example.com:8080/", "library.example.com:8080"},
		{"IPv6", "https://[2001:DB8::1]/", "[2001:db8::1]:443"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			policy, seen := at(t)
			base := roundTripFunc(func(*http.Request) (*http.Response, error) {
				return nil, status.New(status.NotFound, "")
			})
			_, _ = httpbridge.NewTransport(base, httpbridge.WithRetryPolicy(policy)).RoundTrip(request(t, "GET", test.url, ""))
			assert.Equal(t, test.target, seen.last(t).Target)
		})
	}
}

func TestPolicyByRequest(t *testing.T) {
	t.Parallel()
	s := newService(t, failing(99, 503))
	twice, _ := at(t, retry.WithMaxAttempts(2))
	client := httpbridge.NewClient(fresh(t), httpbridge.WithoutRetry(),
		httpbridge.WithRequestPolicy(func(req *http.Request) *retry.Policy {
			if req.URL.Path == "/twice" {
				return twice
			}
			return nil
		}))
	_, err := client.Do(request(t, "GET", s.URL+"/twice", ""))
	assert.Equal(t, 2, status.FromError(err).Attempts())
	_, err = client.Do(request(t, "GET", s.URL+"/once", ""))
	assert.Equal(t, 1, status.FromError(err).Attempts())
}
