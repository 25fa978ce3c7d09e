package status_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/errwire/errwire/status"
)

// serve starts an HTTP server that logs nothing and may be changed before.
func serve(t *testing.T, handler http.HandlerFunc, configure ...func(*httptest.Server)) *httptest.Server {
	t.Helper()
	server := httptest.NewUnstartedServer(handler)
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	for _, change := range configure {
		change(server)
	}
	if server.TLS != nil || server.EnableHTTP2 {
		server.StartTLS()
	} else {
		server.Start()
	}
	t.Cleanup(server.Close)
	return server
}

func withTLS(config *tls.Config) func(*httptest.Server) {
	return func(s *httptest.Server) { s.TLS = config }
}

func withHTTP2(s *httptest.Server) { s.EnableHTTP2 = true }

// get returns what went wrong with a call or with the reading of its body.
func get(ctx context.Context, t *testing.T, client *http.Client, url string) error {
	t.Helper()
	if client == nil {
		client = &http.Client{Transport: &http.Transport{}}
	}
	t.Cleanup(client.CloseIdleConnections)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	require.NoError(t, err)
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	_, err = io.ReadAll(resp.Body)
	return err
}

func hang(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }

func abort(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }

// cutBody promises more than it sends.
func cutBody(w http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body) // what is unread makes the end a reset
	_, _ = w.Write([]byte("abc"))
	_ = http.NewResponseController(w).Flush()
	panic(http.ErrAbortHandler)
}

func TestFailuresOfHTTPCalls(t *testing.T) {
	t.Parallel()
	checkLocalFailures(t, []localFailure{
		{name: "connection refused", want: status.Unavailable, is: syscall.ECONNREFUSED, fail: func(t *testing.T) error {
			return get(t.Context(), t, nil, "http://"+deadAddr(t))
		}},
		{name: "no such name", want: status.Unavailable, fail: func(t *testing.T) error {
			err := get(t.Context(), t, nil, "http://backend.invalid")
			if status.IsDeadlineExceeded(err) {
				t.Skip("no name server answers here")
			}
			return err
		}},
		{name: "reset", want: status.Unavailable, is: syscall.ECONNRESET, fail: func(t *testing.T) error {
			return get(t.Context(), t, nil, "http://"+listen(t, resetting))
		}},
		{name: "hung up without an answer", want: status.Unavailable, is: io.EOF, fail: func(t *testing.T) error {
			return get(t.Context(), t, nil, serve(t, abort).URL)
		}},
		{name: "body cut", want: status.Unavailable, is: io.ErrUnexpectedEOF, fail: func(t *testing.T) error {
			return get(t.Context(), t, nil, serve(t, cutBody).URL)
		}},
		{name: "HTTP/2 stream reset without an answer", want: status.Unavailable, fail: func(t *testing.T) error {
			server := serve(t, abort, withHTTP2)
			return get(t.Context(), t, server.Client(), server.URL)
		}},
		{name: "HTTP/2 stream reset in the body", want: status.Unavailable, fail: func(t *testing.T) error {
			server := serve(t, cutBody, withHTTP2)
			return get(t.Context(), t, server.Client(), server.URL)
		}},
		{name: "HTTP/2 connection cut", want: status.Unavailable, fail: func(t *testing.T) error {
			arrived := make(chan struct{}, 1)
			server := serve(t, func(w http.ResponseWriter, r *http.Request) {
				arrived <- struct{}{}
				hang(w, r)
			}, withHTTP2)
			go func() {
				<-arrived
				server.CloseClientConnections()
			}()
			return get(t.Context(), t, server.Client(), server.URL)
		}},
		{name: "client timeout", want: status.DeadlineExceeded, is: context.DeadlineExceeded, fail: func(t *testing.T) error {
			return get(t.Context(), t, &http.Client{Timeout: 20 * time.Millisecond}, serve(t, hang).URL)
		}},
		{name: "header timeout", want: status.DeadlineExceeded, fail: func(t *testing.T) error {
			client := &http.Client{Transport: &http.Transport{ResponseHeaderTimeout: 20 * time.Millisecond}}
			return get(t.Context(), t, client, serve(t, hang).URL)
		}},
		{name: "caller's deadline", want: status.DeadlineExceeded, is: context.DeadlineExceeded, fail: func(t *testing.T) error {
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
			defer cancel()
			return get(ctx, t, nil, serve(t, hang).URL)
		}},
		{name: "caller cancelled", want: status.Cancelled, is: context.Canceled, fail: func(t *testing.T) error {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			return get(ctx, t, nil, serve(t, func(w http.ResponseWriter, r *http.Request) {
				cancel()
				hang(w, r)
			}).URL)
		}},
	})
}

func TestFailuresOfTLS(t *testing.T) {
	t.Parallel()
	nothing := func(http.ResponseWriter, *http.Request) {}
	checkLocalFailures(t, []localFailure{
		{name: "untrusted certificate", tls: true, want: status.Unavailable, fail: func(t *testing.T) error {
			return get(t.Context(), t, nil, serve(t, nothing, withTLS(&tls.Config{})).URL)
		}},
		{name: "certificate of another host", tls: true, want: status.Unavailable, fail: func(t *testing.T) error {
			server := serve(t, nothing, withTLS(&tls.Config{}))
			client := server.Client()
			client.Transport.(*http.Transport).TLSClientConfig.ServerName = "other.test"
			return get(t.Context(), t, client, server.URL)
		}},
		{name: "plaintext server", tls: true, want: status.Unavailable, is: http.ErrSchemeMismatch, fail: func(t *testing.T) error {
			return get(t.Context(), t, nil, strings.Replace(serve(t, nothing).URL, "http:", "https:", 1))
		}},
		{name: "plaintext server that is not HTTP", tls: true, want: status.Unavailable, fail: func(t *testing.T) error {
			return get(t.Context(), t, nil, "https://"+listen(t, func(conn net.Conn) {
				_, _ = conn.Write([]byte("220 mail.example.com ESMTP\r\n"))
				silent(conn)
			}))
		}},
		{name: "server of another age", tls: true, want: status.Unavailable, fail: func(t *testing.T) error {
			old := &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}
			server := serve(t, nothing, withTLS(old))
			return get(t.Context(), t, server.Client(), server.URL)
		}},
		{name: "client certificate wanted", tls: true, want: status.Unavailable, fail: func(t *testing.T) error {
			wanted := &tls.Config{ClientAuth: tls.RequireAnyClientCert, MaxVersion: tls.VersionTLS12}
			server := serve(t, nothing, withTLS(wanted))
			return get(t.Context(), t, server.Client(), server.URL)
		}},
		{name: "no common protocol", tls: true, want: status.Unavailable, fail: func(t *testing.T) error {
			server := serve(t, nothing, withTLS(&tls.Config{}))
			config := &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"carrier-pigeon"}}
			_, err := (&tls.Dialer{Config: config}).DialContext(t.Context(), "tcp", server.Listener.Addr().String())
			return err
		}},
		{name: "hung up in the handshake", want: status.Unavailable, fail: func(t *testing.T) error {
			return get(t.Context(), t, nil, "https://"+listen(t, resetting))
		}},
		{name: "handshake timeout", want: status.DeadlineExceeded, fail: func(t *testing.T) error {
			client := &http.Client{Transport: &http.Transport{TLSHandshakeTimeout: 20 * time.Millisecond}}
			return get(t.Context(), t, client, "https://"+listen(t, silent))
		}},
	})
}

// TestFailuresOfCertificates are those of programs that verify by themselves.
func TestFailuresOfCertificates(t *testing.T) {
	t.Parallel()
	cert := serve(t, hang, withTLS(&tls.Config{})).Certificate()
	_, untrusted := cert.Verify(x509.VerifyOptions{Roots: x509.NewCertPool()})
	_, expired := cert.Verify(x509.VerifyOptions{CurrentTime: cert.NotAfter.Add(time.Hour)})
	for name, err := range map[string]error{
		"another host":          cert.VerifyHostname("other.test"),
		"untrusted":             untrusted,
		"expired":               expired,
		"of a verifier's own":   &tls.CertificateVerificationError{Err: errPlain},
		"no roots on this host": x509.SystemRootsError{},
	} {
		require.Error(t, err, name)
		assert.True(t, status.IsUnavailable(err), name)
		assert.True(t, status.IsTLSFailure(err), name)
	}
}
