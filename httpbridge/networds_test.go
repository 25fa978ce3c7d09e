package httpbridge_test

import (
	"encoding/binary"
	"io"
	"net"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/errwire/errwire/httpbridge"
	"github.com/errwire/errwire/status"
)

// An answer whose header was cut is a connection that was cut, though net/http
// calls the header malformed: UNAVAILABLE, and tried again where a repeat is safe.
func TestAnswerCutInItsHeader(t *testing.T) {
	t.Parallel()
	const whole = "HTTP/1.1 200 OK\r\nDate: Sun, 22 Nov 2026 18:00:00 GMT\r\nContent-Length: 0\r\n\r\n"
	for length := 1; length < len(whole); length++ {
		t.Run(whole[:length], func(t *testing.T) {
			t.Parallel()
			url, connections := tcpServer(t, says(whole[:length]))
			policy, _ := at(t)
			client := httpbridge.NewClient(fresh(t), httpbridge.WithRetryPolicy(policy))
			_, err := client.Do(request(t, http.MethodPost, url, ""))
			assert.True(t, status.IsUnavailable(err), "%v", err)
			assert.EqualValues(t, 1, connections.Load(), "it may have run")
			_, err = client.Do(request(t, http.MethodGet, url, ""))
			assert.True(t, status.IsUnavailable(err), "%v", err)
			assert.EqualValues(t, 1+5, connections.Load())
		})
	}
}

// A server that ends the connection of a first stream with a fault of its own, in
// HTTP/2: net/http does not try again by itself.
func TestGoAwayOfAFault(t *testing.T) {
	t.Parallel()
	url, _ := tcpServer(t, func(conn net.Conn) {
		const settings, goAway = "\x00\x00\x00\x04\x00\x00\x00\x00\x00", "\x00\x00\x08\x07\x00\x00\x00\x00\x00" + // RFC 9113 §4.1, §6.8
			"\x00\x00\x00\x00" + "\x00\x00\x00\x02" // no stream was processed; INTERNAL_ERROR
		_, _ = io.WriteString(conn, settings)
		_, _ = io.CopyN(io.Discard, conn, 24) // the preface
		var head [9]byte
		for head[3] != 1 { // HEADERS
			if _, err := io.ReadFull(conn, head[:]); err != nil {
				return
			}
			_, _ = io.CopyN(io.Discard, conn, int64(binary.BigEndian.Uint32(head[:4])>>8))
		}
		_, _ = io.WriteString(conn, goAway)
		_, _ = io.Copy(io.Discard, conn) // until the client has read it, and closes
	})
	transport := &http.Transport{Protocols: new(http.Protocols)}
	transport.Protocols.SetUnencryptedHTTP2(true)
	t.Cleanup(transport.CloseIdleConnections)
	_, err := httpbridge.NewClient(&http.Client{Transport: transport}, httpbridge.WithoutRetry()).
		Do(request(t, http.MethodPost, url, ""))
	assert.ErrorContains(t, err, "GOAWAY from server ErrCode:INTERNAL_ERROR")
	assert.True(t, status.IsUnavailable(err), "%v", err)
}

// The peer closed, net/http too, and the body was still being written.
func TestConnectionClosedWhileTheBodyIsWritten(t *testing.T) {
	t.Parallel()
	write := &net.OpError{Op: "write", Net: "tcp", Err: net.ErrClosed}
	base := roundTripFunc(func(*http.Request) (*http.Response, error) {
		return nil, &net.OpError{Op: "readfrom", Net: "tcp", Err: write}
	})
	_, err := httpbridge.NewClient(&http.Client{Transport: base}, httpbridge.WithoutRetry()).
		Do(request(t, http.MethodPost, "http://library.example.com", "body"))
	assert.True(t, status.IsUnavailable(err), "%v", err)
	assert.ErrorIs(t, err, net.ErrClosed)
}
