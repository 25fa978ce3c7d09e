package status_test

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/errwire/errwire/status"
)

// A localFailure is one that this side of a real socket notices by itself.
type localFailure struct {
	name string
	fail func(t *testing.T) error
	want status.Code
	is   error // what errors.Is still finds, if anything
	tls  bool
}

// checkLocalFailures lets every failure happen and looks at it bare, wrapped and
// joined.
func checkLocalFailures(t *testing.T, failures []localFailure) {
	t.Helper()
	for _, failure := range failures {
		t.Run(failure.name, func(t *testing.T) {
			t.Parallel()
			err := failure.fail(t)
			require.Error(t, err)
			assert.Equal(t, err.Error(), status.FromError(err).Message(), "nobody gave it a message but Go")
			for _, wrap := range wraps {
				if wrap.name == "joined first" {
					continue // joined with a code, which says what it is: the nearest code decides
				}
				err := wrap.wrap(err)
				e, recognised := status.Recognize(err)
				assert.True(t, recognised, "%s: %v", wrap.name, err)
				assert.Equal(t, failure.want, e.Code(), "%s: %v", wrap.name, err)
				assert.Equal(t, failure.want, status.CodeOf(err), wrap.name)
				assert.Equal(t, status.OriginLocal, e.Origin(), wrap.name)
				assert.Equal(t, failure.tls, status.IsTLSFailure(err), wrap.name)
				assert.ErrorIs(t, e, err, wrap.name)
				if failure.is != nil {
					assert.ErrorIs(t, e, failure.is, wrap.name)
				}
				for _, row := range errorCodes {
					assert.Equal(t, row.code == failure.want, row.is(err), "%s: Is %s", wrap.name, row.name)
				}
			}
			assert.NotContains(t, status.Public(err).Message(), "127.0.0.1", "what leaves has no address")
		})
	}
}

// listen serves every connection to a new loopback address with serve.
func listen(t *testing.T, serve func(net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer func() { _ = conn.Close() }()
				serve(conn)
			}()
		}
	}()
	return l.Addr().String()
}

// silent never answers, until the client hangs up.
func silent(conn net.Conn) { _, _ = io.Copy(io.Discard, conn) }

// resetting cuts the connection with a RST at the first byte.
func resetting(conn net.Conn) {
	_, _ = conn.Read(make([]byte, 1))
	_ = conn.(*net.TCPConn).SetLinger(0)
}

// deadAddr is an address that nobody listens on, nor will while the test runs:
// the port is that of a connection's other end.
func deadAddr(t *testing.T) string {
	t.Helper()
	return mustDial(t, listen(t, silent)).LocalAddr().String()
}

// dial dials under the test's context.
func dial(t *testing.T, network, addr string) (net.Conn, error) {
	t.Helper()
	conn, err := (&net.Dialer{Timeout: 10 * time.Second}).DialContext(t.Context(), network, addr)
	if err == nil {
		t.Cleanup(func() { _ = conn.Close() })
	}
	return conn, err
}

func mustDial(t *testing.T, addr string) net.Conn {
	t.Helper()
	conn, err := dial(t, "tcp", addr)
	require.NoError(t, err)
	return conn
}

func TestFailuresOfSockets(t *testing.T) {
	t.Parallel()
	checkLocalFailures(t, []localFailure{
		{name: "connection refused", want: status.Unavailable, is: syscall.ECONNREFUSED, fail: func(t *testing.T) error {
			_, err := dial(t, "tcp", deadAddr(t))
			return err
		}},
		{name: "no route", want: status.Unavailable, fail: func(t *testing.T) error {
			_, err := dial(t, "tcp", "255.255.255.255:9") // no TCP to everyone
			if !errors.Is(err, syscall.ENETUNREACH) && !errors.Is(err, syscall.EHOSTUNREACH) {
				t.Skipf("this network answers otherwise: %v", err)
			}
			return err
		}},
		{name: "no such Unix socket", want: status.Unavailable, is: os.ErrNotExist, fail: func(t *testing.T) error {
			if runtime.GOOS == "windows" {
				t.Skip("other numbers")
			}
			_, err := dial(t, "unix", filepath.Join(t.TempDir(), "s"))
			return err
		}},
		{name: "reset while reading", want: status.Unavailable, is: syscall.ECONNRESET, fail: func(t *testing.T) error {
			conn := mustDial(t, listen(t, resetting))
			_, err := conn.Write([]byte("x"))
			require.NoError(t, err)
			_, err = conn.Read(make([]byte, 1))
			return err
		}},
		{name: "broken pipe", want: status.Unavailable, fail: func(t *testing.T) error {
			conn := mustDial(t, listen(t, resetting))
			_, err := conn.Write([]byte("x"))
			require.NoError(t, err)
			_, err = conn.Read(make([]byte, 1))
			require.Error(t, err, "the reset has arrived")
			_, err = conn.Write([]byte("x"))
			return err
		}},
		{name: "unexpected EOF", want: status.Unavailable, is: io.ErrUnexpectedEOF, fail: func(t *testing.T) error {
			conn := mustDial(t, listen(t, func(conn net.Conn) { _, _ = conn.Write([]byte("abc")) }))
			_, err := io.ReadFull(conn, make([]byte, 4))
			return err
		}},
		{name: "read timeout", want: status.DeadlineExceeded, is: os.ErrDeadlineExceeded, fail: func(t *testing.T) error {
			conn := mustDial(t, listen(t, silent))
			require.NoError(t, conn.SetReadDeadline(time.Now().Add(time.Millisecond)))
			_, err := conn.Read(make([]byte, 1))
			return err
		}},
		{name: "dial timeout", want: status.DeadlineExceeded, fail: func(t *testing.T) error {
			_, err := (&net.Dialer{Timeout: 1}).DialContext(t.Context(), "tcp", listen(t, silent))
			return err
		}},
		{name: "dial cancelled", want: status.Cancelled, is: context.Canceled, fail: func(t *testing.T) error {
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			_, err := (&net.Dialer{}).DialContext(ctx, "tcp", listen(t, silent))
			return err
		}},
		{name: "dial past the context's deadline", want: status.DeadlineExceeded, fail: func(t *testing.T) error {
			ctx, cancel := context.WithTimeout(t.Context(), 0)
			defer cancel()
			_, err := (&net.Dialer{}).DialContext(ctx, "tcp", listen(t, silent))
			return err
		}},
	})
}

func TestFailuresOfNames(t *testing.T) {
	t.Parallel()
	// lookUp asks a name server that never answers, and tells when it was asked.
	lookUp := func(t *testing.T, ctx context.Context, asked func()) error {
		t.Helper()
		server, err := net.ListenPacket("udp", "127.0.0.1:0")
		require.NoError(t, err)
		t.Cleanup(func() { _ = server.Close() })
		resolver := &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
			defer asked()
			return (&net.Dialer{}).DialContext(ctx, "udp", server.LocalAddr().String())
		}}
		_, err = (&net.Dialer{Resolver: resolver}).DialContext(ctx, "tcp", "backend.example.com:443")
		return err
	}
	checkLocalFailures(t, []localFailure{
		{name: "no such name", want: status.Unavailable, fail: func(t *testing.T) error {
			_, err := dial(t, "tcp", "backend.invalid:443")
			var dns *net.DNSError
			require.ErrorAs(t, err, &dns)
			if dns.Timeout() {
				t.Skip("no name server answers here")
			}
			return err
		}},
		{name: "look-up timed out", want: status.DeadlineExceeded, fail: func(t *testing.T) error {
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
			defer cancel()
			return lookUp(t, ctx, func() {})
		}},
		{name: "look-up cancelled", want: status.Cancelled, is: context.Canceled, fail: func(t *testing.T) error {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			return lookUp(t, ctx, cancel)
		}},
	})
}

func TestEndsOfContexts(t *testing.T) {
	t.Parallel()
	checkLocalFailures(t, []localFailure{
		{name: "cancelled", want: status.Cancelled, is: context.Canceled, fail: func(t *testing.T) error {
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			return ctx.Err()
		}},
		{name: "deadline", want: status.DeadlineExceeded, is: context.DeadlineExceeded, fail: func(t *testing.T) error {
			ctx, cancel := context.WithTimeout(t.Context(), 0)
			defer cancel()
			return ctx.Err()
		}},
	})
}

func TestWhatIsNoFailureOfACall(t *testing.T) {
	t.Parallel()
	_, noPort := net.Dial("tcp", "localhost")
	_, noNetwork := net.Dial("carrier-pigeon", "localhost:1")
	_, noFile := os.Open(filepath.Join(t.TempDir(), "none"))
	for name, err := range map[string]error{
		"address without a port": noPort,
		"unknown network":        noNetwork,
		"missing file":           noFile,
		"end of a stream":        io.EOF,
		"closed by this side":    net.ErrClosed,
		"a number of the system": syscall.EINVAL,
		"a bad write":            &net.OpError{Op: "write", Err: os.NewSyscallError("write", syscall.EINVAL)},
		"typed nils":             errors.Join((*net.DNSError)(nil), (*net.OpError)(nil)),
	} {
		require.Error(t, err, name)
		_, recognised := status.Recognize(err)
		assert.False(t, recognised, name)
		assert.Equal(t, status.Unknown, status.CodeOf(err), name)
		assert.False(t, status.IsTLSFailure(err), name)
	}
}
