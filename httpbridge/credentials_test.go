package httpbridge_test

import (
	"errors"
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/errwire/errwire/httpbridge"
	"github.com/errwire/errwire/retry"
	"github.com/errwire/errwire/status"
)

// A retrieveError has the form of golang.org/x/oauth2's; interop has the real one.
type retrieveError struct {
	Response  *http.Response
	Body      []byte
	ErrorCode string
}

func (e *retrieveError) Error() string { return "oauth2: " + e.ErrorCode }

func TestRefusedCredentials(t *testing.T) {
	t.Parallel()
	refused := func(code int, body string) error {
		return &retrieveError{Response: &http.Response{StatusCode: code, Header: http.Header{}}, Body: []byte(body)}
	}
	tests := []struct {
		name     string
		err      error
		code     status.Code
		reason   string
		attempts int
	}{
		{
			"invalid_grant", refused(400, `{"error":"invalid_grant","error_description":"Token has been revoked."}`),
			status.Unauthenticated, "invalid_grant", 1,
		},
		{"unauthorized_client", refused(401, `{"error":"unauthorized_client"}`), status.Unauthenticated, "unauthorized_client", 1},
		{"a page", refused(403, `<html>`), status.Unauthenticated, "", 1},
		{"the endpoint is down", refused(503, `{"error":"temporarily_unavailable"}`), status.Unavailable, "temporarily_unavailable", 5},
		{"wrapped", fmt.Errorf("compute token: %w", refused(400, `{"error":"invalid_grant"}`)), status.Unauthenticated, "invalid_grant", 1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			calls := 0
			base := roundTripFunc(func(*http.Request) (*http.Response, error) {
				calls++
				return nil, test.err
			})
			policy, _ := at(t, retry.WithCodes(status.Unavailable, status.Unauthenticated))
			_, err := httpbridge.NewClient(&http.Client{Transport: base}, httpbridge.WithRetryPolicy(policy)).
				Do(request(t, "POST", "http://library.example.com", "x"))
			var e *status.Error
			require.ErrorAs(t, err, &e)
			assert.Equal(t, test.code, e.Code(), "%v", err)
			assert.Equal(t, test.reason, e.Reason())
			assert.Equal(t, test.attempts, e.Attempts())
			assert.Equal(t, test.attempts, calls)
			require.ErrorIs(t, err, test.err)
			// Whose credentials they were is nobody else's business.
			assert.Equal(t, status.OriginLocal, e.Origin())
			assert.Empty(t, status.Public(err).Reason())
		})
	}
}

func TestErrorsThatOnlyLookLikeRefusals(t *testing.T) {
	t.Parallel()
	type inner struct{ Response *http.Response }
	tests := []struct {
		name string
		err  error
	}{
		{"no response", &retrieveError{Body: []byte("x")}},
		{"nil", (*retrieveError)(nil)},
		{"another type", struct {
			error
			Response string
			Body     []byte
		}{errors.New("x"), "x", nil}},
		{"an embedded nil", struct {
			error
			*inner
			Body []byte
		}{errors.New("x"), nil, nil}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			base := roundTripFunc(func(*http.Request) (*http.Response, error) { return nil, test.err })
			require.NotPanics(t, func() {
				_, err := httpbridge.NewTransport(base).RoundTrip(request(t, "GET", "http://library.example.com", ""))
				require.Error(t, err)
				assert.False(t, status.IsUnauthenticated(err))
			})
		})
	}
}
