package interop_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"io"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	cloudauth "cloud.google.com/go/auth"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"

	"github.com/errwire/errwire/httpbridge"
	"github.com/errwire/errwire/retry"
	"github.com/errwire/errwire/status"
)

// tokenEndpoint answers every request for a token with an error, and counts them.
func tokenEndpoint(t *testing.T, httpStatus int, body string) (url string, calls *atomic.Int64) {
	t.Helper()
	calls = &atomic.Int64{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		calls.Add(1)
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(httpStatus)
		_, _ = io.WriteString(w, body)
	}))
	t.Cleanup(server.Close)
	return server.URL, calls
}

// The two libraries that fetch tokens for Go clients, refused by a real token
// endpoint.
func TestRefusedCredentials(t *testing.T) {
	t.Parallel()
	byOAuth2 := func(endpoint string) http.RoundTripper {
		config := clientcredentials.Config{
			ClientID: "library", ClientSecret: "hunter2", TokenURL: endpoint, AuthStyle: oauth2.AuthStyleInParams,
		}
		return &oauth2.Transport{Source: config.TokenSource(context.Background()), Base: http.DefaultTransport}
	}
	byCloudAuth := func(endpoint string) http.RoundTripper {
		provider, err := cloudauth.New2LOTokenProvider(&cloudauth.Options2LO{
			Email: "library@example.com", PrivateKey: privateKey(t), TokenURL: endpoint,
		})
		require.NoError(t, err)
		return tokenTransport{provider}
	}
	for library, transport := range map[string]func(string) http.RoundTripper{"oauth2": byOAuth2, "cloud auth": byCloudAuth} {
		t.Run(library, func(t *testing.T) {
			t.Parallel()
			endpoint, calls := tokenEndpoint(t, 400, `{"error":"invalid_grant","error_description":"Account not found."}`)
			policy, err := retry.NewPolicy(retry.WithBackoff(time.Millisecond, time.Millisecond))
			require.NoError(t, err)
			client := httpbridge.NewClient(&http.Client{Transport: transport(endpoint)}, httpbridge.WithRetryPolicy(policy))
			req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://library.example.com", nil)
			require.NoError(t, err)
			_, err = client.Do(req) //nolint:bodyclose // there is none
			assert.True(t, status.IsUnauthenticated(err), "%v", err)
			e := status.FromError(err)
			assert.Equal(t, "invalid_grant", e.Reason())
			assert.Equal(t, "Account not found.", e.Message())
			assert.Equal(t, 1, e.Attempts())
			assert.EqualValues(t, 1, calls.Load(), "requests for a token")
			assert.Equal(t, 400, e.HTTPResponse().StatusCode)
		})
	}
}

// tokenTransport does what cloud.google.com/go/auth/httptransport does.
type tokenTransport struct{ provider cloudauth.TokenProvider }

func (t tokenTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	if _, err := t.provider.Token(req.Context()); err != nil {
		return nil, err
	}
	return http.DefaultTransport.RoundTrip(req)
}

// privateKey is that of a service account that nobody knows.
func privateKey(t *testing.T) []byte {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	return pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})
}
