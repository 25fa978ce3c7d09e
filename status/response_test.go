package status_test

import (
	"bytes"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/errwire/errwire/status"
)

const mebibyte = 1 << 20

// answer is a real response of a real server, with this body.
func answer(t *testing.T, handler http.HandlerFunc) *http.Response {
	t.Helper()
	server := serve(t, handler)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL+"/shelves/42?key="+secret+"&page=2", strings.NewReader(secret))
	require.NoError(t, err)
	req.Header.Set("Authorization", "Bearer "+secret)
	req.Header.Set("X-Request-Id", "r-1")
	resp, err := server.Client().Do(req)
	require.NoError(t, err)
	t.Cleanup(func() { _ = resp.Body.Close() })
	return resp
}

func notFound(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Set-Cookie", "session="+secret)
	w.Header().Set("X-Shelf", "42")
	w.WriteHeader(http.StatusNotFound)
	_, _ = io.WriteString(w, "no such shelf")
}

func TestHTTPResponseIsReadableAgainAndAgain(t *testing.T) {
	t.Parallel()
	resp := answer(t, notFound)
	e := status.New(status.NotFound, "m").WithHTTPResponse(resp)
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	assert.Equal(t, "no such shelf", string(body), "the caller's own stays readable")
	require.NoError(t, resp.Body.Close())
	for _, err := range []error{e, fmt.Errorf("a: %w", e), e.WithCause(errPlain), status.FromError(errors.Join(errPlain, e))} {
		kept := status.HTTPResponse(err)
		require.NotNil(t, kept)
		assert.Equal(t, 404, kept.StatusCode)
		assert.Equal(t, "404 Not Found", kept.Status)
		assert.Equal(t, "42", kept.Header.Get("X-Shelf"))
		assert.Equal(t, http.MethodPost, kept.Request.Method)
		assert.Equal(t, "/shelves/42", kept.Request.URL.Path)
		assert.Equal(t, "r-1", kept.Request.Header.Get("X-Request-Id"))
		assert.EqualValues(t, 13, kept.ContentLength)
		body, err := io.ReadAll(kept.Body)
		require.NoError(t, err)
		assert.Equal(t, "no such shelf", string(body))
		assert.NoError(t, kept.Body.Close())
	}
	assert.Nil(t, status.HTTPResponse(e.WithHTTPResponse(nil)), "taken away")
	assert.NotNil(t, e.HTTPResponse())
	for _, err := range []error{nil, errPlain, status.NotFound, status.New(status.NotFound, "m"), status.FromError(e.GRPCStatus().Err())} {
		assert.Nil(t, status.HTTPResponse(err))
	}
}

func TestHTTPResponseHoldsNoSecrets(t *testing.T) {
	t.Parallel()
	e := status.New(status.NotFound, "m").WithHTTPResponse(answer(t, notFound))
	resp := e.HTTPResponse()
	dump, err := httputil.DumpResponse(resp, true)
	require.NoError(t, err)
	assert.Contains(t, string(dump), "no such shelf")
	assert.NotContains(t, string(dump), secret)
	assert.Nil(t, resp.Request.Body)
	assert.Equal(t, "page=2", resp.Request.URL.RawQuery)
	request, err := httputil.DumpRequest(resp.Request, true)
	require.NoError(t, err)
	assert.Contains(t, string(request), "X-Request-Id: r-1")
	assert.NotContains(t, string(request), secret)
	assert.NotContains(t, fmt.Sprintf("%+v", e), secret)
}

func TestHTTPResponseAmongGoroutines(t *testing.T) {
	t.Parallel()
	e := status.New(status.NotFound, "m").WithHTTPResponse(answer(t, notFound))
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			resp := e.HTTPResponse()
			resp.Header.Set("X-Shelf", "mine")
			body, err := io.ReadAll(resp.Body)
			assert.NoError(t, err)
			assert.Equal(t, "no such shelf", string(body))
		})
	}
	wg.Wait()
	assert.Equal(t, "42", e.HTTPResponse().Header.Get("X-Shelf"))
}

func TestALongBodyIsKeptInPartAndReadInFull(t *testing.T) {
	t.Parallel()
	for _, size := range []int{0, 1, mebibyte - 1, mebibyte, mebibyte + 1, 3*mebibyte + 7} {
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			t.Parallel()
			whole := bytes.Repeat([]byte("0123456789"), size/10+1)[:size]
			resp := answer(t, func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(http.StatusBadGateway)
				_, _ = w.Write(whole)
			})
			e := status.New(status.Unavailable, "m").WithHTTPResponse(resp)
			kept, err := io.ReadAll(e.HTTPResponse().Body)
			require.NoError(t, err)
			assert.True(t, bytes.Equal(whole[:min(size, mebibyte)], kept), "kept %d bytes", len(kept))
			assert.EqualValues(t, len(kept), e.HTTPResponse().ContentLength)
			body, err := io.ReadAll(resp.Body)
			require.NoError(t, err)
			assert.True(t, bytes.Equal(whole, body), "read %d bytes", len(body))
		})
	}
}

func TestABodyThatFailsInTheMiddle(t *testing.T) {
	t.Parallel()
	resp := answer(t, cutBody)
	e := status.New(status.Unavailable, "m").WithHTTPResponse(resp)
	kept, err := io.ReadAll(e.HTTPResponse().Body)
	require.NoError(t, err)
	assert.Equal(t, "abc", string(kept), "what came is kept")
	body, err := io.ReadAll(resp.Body)
	assert.Equal(t, "abc", string(body))
	require.ErrorIs(t, err, io.ErrUnexpectedEOF, "and the caller hears of the rest")
	_, err = resp.Body.Read(make([]byte, 1))
	assert.ErrorIs(t, err, io.ErrUnexpectedEOF, "as often as asked")
}

func TestBodiesOfAnyQuality(t *testing.T) {
	t.Parallel()
	boom := errors.New("boom")
	closed := &closeRecorder{Reader: strings.NewReader("abc")}
	for name, test := range map[string]struct {
		body io.ReadCloser
		want string
		err  error
	}{
		"none":             {nil, "", nil},
		"http.NoBody":      {http.NoBody, "", nil},
		"a byte at a time": {io.NopCloser(iotest.OneByteReader(strings.NewReader("abc"))), "abc", nil},
		"data with EOF":    {io.NopCloser(iotest.DataErrReader(strings.NewReader("abc"))), "abc", nil},
		"fails at once":    {io.NopCloser(iotest.ErrReader(boom)), "", boom},
		"closable":         {closed, "abc", nil},
	} {
		resp := &http.Response{StatusCode: 500, Body: test.body}
		e := status.New(status.Internal, "m").WithHTTPResponse(resp).WithHTTPResponse(resp)
		kept, err := io.ReadAll(e.HTTPResponse().Body)
		require.NoError(t, err, name)
		assert.Equal(t, test.want, string(kept), name)
		if test.body == nil {
			assert.Nil(t, resp.Body)
			continue
		}
		body, err := io.ReadAll(resp.Body)
		assert.Equal(t, test.want, string(body), name)
		require.ErrorIs(t, err, test.err, name)
		require.NoError(t, resp.Body.Close(), name)
	}
	assert.True(t, closed.closed, "to close is still the caller's to do")

	resp := &http.Response{Body: panickingBody{}}
	e := status.New(status.Internal, "m").WithHTTPResponse(resp)
	assert.NotNil(t, e.HTTPResponse())
	_, err := io.ReadAll(resp.Body)
	assert.EqualError(t, err, "read response body: panic: body")
}

type closeRecorder struct {
	io.Reader
	closed bool
}

func (c *closeRecorder) Close() error {
	c.closed = true
	return nil
}

func TestHTTPResponseOverTLS(t *testing.T) {
	t.Parallel()
	server := serve(t, notFound, withTLS(&tls.Config{}))
	resp, err := server.Client().Get(server.URL)
	require.NoError(t, err)
	defer func() { _ = resp.Body.Close() }()
	e := status.New(status.NotFound, "m").WithHTTPResponse(resp)
	e.HTTPResponse().TLS.ServerName = "changed"
	assert.NotEqual(t, "changed", e.HTTPResponse().TLS.ServerName)
	assert.Equal(t, resp.TLS.Version, e.HTTPResponse().TLS.Version)
}

func TestSecretsOfAnHTTPResponse(t *testing.T) {
	t.Parallel()
	secrets := []string{
		"Authorization", "Proxy-Authorization", "X-Forwarded-Authorization", "Cookie", "Set-Cookie", "Set-Cookie2",
		"X-Api-Key", "X-Goog-Api-Key", "X-ApiKey", "Apikey", "Api_Key", "Ocp-Apim-Subscription-Key", "key", "KEY", "apiKey",
		"access_token", "accessToken", "id_token", "refresh_token", "X-Amz-Security-Token", "X-Vault-Token", "Private-Token",
		"client_secret", "clientSecret", "CF-Access-Client-Secret", "client_assertion", "password", "passwd", "pwd", "Auth", "jwt",
		"sig", "X-Amz-Signature", "X-Goog-Signature", "X-Amz-Credential", "X-Firebase-AppCheck", "sessionid", "X-Session-Id",
	}
	harmless := []string{"Content-Type", "X-Request-Id", "Retry-After", "Idempotency-Key", "Www-Authenticate", "page", "q", "Etag", "author"}
	header, query := http.Header{}, url.Values{}
	for _, name := range append(secrets, harmless...) {
		header[name] = []string{"x"} // as it came, canonical or not
		query.Set(name, "x")
	}
	u := &url.URL{Scheme: "https", User: url.UserPassword(secret, secret), Host: "a.example", Path: "/p", RawQuery: query.Encode(), Fragment: secret}
	header["Referer"] = []string{u.String()}
	header["Location"] = []string{u.String(), ":not a url?key=" + secret}
	resp := status.New(status.NotFound, "m").WithHTTPResponse(&http.Response{
		Header: header, Trailer: header, Request: &http.Request{URL: u, Header: header},
	}).HTTPResponse()
	referer, err := url.Parse(resp.Request.Header.Get("Referer"))
	require.NoError(t, err)
	for _, name := range secrets {
		assert.NotContains(t, resp.Header, name)
		assert.NotContains(t, resp.Trailer, name)
		assert.NotContains(t, resp.Request.Header, name)
		assert.NotContains(t, resp.Request.URL.Query(), name)
		assert.NotContains(t, referer.Query(), name)
	}
	for _, name := range harmless {
		assert.Contains(t, resp.Header, name)
		assert.Contains(t, resp.Trailer, name)
		assert.Contains(t, resp.Request.Header, name)
		assert.Contains(t, resp.Request.URL.Query(), name)
		assert.Contains(t, referer.Query(), name)
	}
	assert.NotContains(t, fmt.Sprint(resp.Header, resp.Trailer, resp.Request.Header, resp.Request.URL), secret)
	assert.Equal(t, "a.example", resp.Request.URL.Host)
	assert.Len(t, header, len(secrets)+len(harmless)+2, "the caller's own are as they were")
	assert.Equal(t, secret, u.User.Username())
}

// TestARedirectShowsNoKey is why Referer is looked at: net/http puts the
// address that redirected it there.
func TestARedirectShowsNoKey(t *testing.T) {
	t.Parallel()
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/old" {
			http.Redirect(w, r, "/new", http.StatusFound)
			return
		}
		assert.Contains(t, r.Referer(), secret)
		w.WriteHeader(http.StatusNotFound)
	})
	resp, err := server.Client().Get(server.URL + "/old?key=" + secret)
	require.NoError(t, err)
	defer func() { _ = resp.Body.Close() }()
	kept := status.New(status.NotFound, "m").WithHTTPResponse(resp).HTTPResponse()
	assert.True(t, strings.HasSuffix(kept.Request.Referer(), "/old"), kept.Request.Referer())
}
