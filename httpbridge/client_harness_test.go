package httpbridge_test

import (
	"context"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/errwire/errwire/retry"
)

// A service is a real server that counts requests and connections.
type service struct {
	*httptest.Server
	calls  atomic.Int64
	conns  atomic.Int64
	closed atomic.Int64
}

// newService serves every request with answer, which is told how many requests
// came before.
func newService(t testing.TB, answer func(previous int, w http.ResponseWriter, r *http.Request)) *service {
	t.Helper()
	s := &service{}
	s.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer(int(s.calls.Add(1))-1, w, r)
	}))
	s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		switch state {
		case http.StateNew:
			s.conns.Add(1)
		case http.StateClosed:
			s.closed.Add(1)
		default:
		}
	}
	s.Start()
	t.Cleanup(s.Close)
	return s
}

// failing answers the first failures requests with the status, the rest with 200.
func failing(failures, httpStatus int) func(int, http.ResponseWriter, *http.Request) {
	return func(previous int, w http.ResponseWriter, _ *http.Request) {
		if previous < failures {
			w.WriteHeader(httpStatus)
			return
		}
		_, _ = io.WriteString(w, `{"name":"ok"}`)
	}
}

// hangUp ends the connection without an answer, the request having arrived.
func hangUp(w http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	conn, _, err := http.NewResponseController(w).Hijack()
	if err == nil {
		_ = conn.Close()
	}
}

// at is a policy that does not wait, has no budget, and is watched.
func at(t testing.TB, opts ...retry.Option) (*retry.Policy, *events) {
	t.Helper()
	seen := &events{}
	p, err := retry.NewPolicy(append([]retry.Option{
		retry.WithBackoff(0, 0), retry.WithoutBudget(), retry.WithObserver(seen.add),
	}, opts...)...)
	require.NoError(t, err)
	return p, seen
}

type events struct {
	mu   sync.Mutex
	list []retry.Event
}

func (e *events) add(_ context.Context, event retry.Event) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.list = append(e.list, event)
}

func (e *events) last(t testing.TB) retry.Event {
	t.Helper()
	e.mu.Lock()
	defer e.mu.Unlock()
	require.NotEmpty(t, e.list)
	return e.list[len(e.list)-1]
}

func request(t testing.TB, method, url, body string) *http.Request {
	t.Helper()
	var content io.Reader
	if body != "" {
		content = strings.NewReader(body)
	}
	req, err := http.NewRequestWithContext(t.Context(), method, url, content)
	require.NoError(t, err)
	return req
}

// fresh is an http.Client whose connections are its own.
func fresh(t testing.TB) *http.Client {
	t.Helper()
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

// roundTripFunc is a RoundTripper of which nothing else is known.
type roundTripFunc func(*http.Request) (*http.Response, error)

func (f roundTripFunc) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

// refusedDial is a real refusal: of a port that was free a moment ago.
func refusedDial(t testing.TB) error {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, listener.Close())
	_, err = net.Dial("tcp", listener.Addr().String())
	require.Error(t, err)
	return err
}

// tcpServer is a server of serve's making, of one connection after the other. It
// counts them.
func tcpServer(t testing.TB, serve func(net.Conn)) (url string, connections *atomic.Int64) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	connections = new(atomic.Int64)
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			connections.Add(1)
			serve(conn)
			_ = conn.Close()
		}
	}()
	return "http://" + listener.Addr().String(), connections
}

// says answers whatever it is asked with a text.
func says(text string) func(net.Conn) {
	return func(conn net.Conn) {
		_, _ = conn.Read(make([]byte, 1024))
		_, _ = io.WriteString(conn, text)
	}
}

func readAll(t testing.TB, r io.ReadCloser) string {
	t.Helper()
	body, err := io.ReadAll(r)
	require.NoError(t, err)
	assert.NoError(t, r.Close())
	return string(body)
}

func discardLog() *log.Logger { return log.New(io.Discard, "", 0) }
