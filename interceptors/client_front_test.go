package interceptors_test

import (
	"encoding/binary"
	"io"
	"net"
	"sync"
	"testing"
)

// A front stands between a client and a backend on loopback: it passes bytes
// until it is told to cut. Its first connections may be answered by hand.
type front struct {
	addr string

	mu      sync.Mutex
	clients []net.Conn
}

// startFront passes connections on to backend, but for the first ones, which
// byHand has.
func startFront(tb testing.TB, backend string, byHand ...func(net.Conn)) *front {
	tb.Helper()
	listener := newListener(tb)
	f := &front{addr: listener.Addr().String()}
	tb.Cleanup(func() {
		_ = listener.Close()
		f.cut()
	})
	go func() {
		for n := 0; ; n++ {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			f.keep(client)
			if n < len(byHand) {
				go byHand[n](client)
			} else {
				go pass(client, backend)
			}
		}
	}()
	return f
}

func (f *front) keep(client net.Conn) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.clients = append(f.clients, client)
}

// cut resets all connections that there are.
func (f *front) cut() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, client := range f.clients {
		reset(client)
	}
	f.clients = nil
}

func pass(client net.Conn, backend string) {
	defer func() { _ = client.Close() }()
	server, err := net.Dial("tcp", backend)
	if err != nil {
		return
	}
	defer func() { _ = server.Close() }()
	go func() {
		_, _ = io.Copy(server, client)
		_ = server.Close()
	}()
	_, _ = io.Copy(client, server)
}

// The frames of HTTP/2 that are answered by hand (RFC 9113 §6).
const (
	frameData      = 0x0
	frameHeaders   = 0x1
	frameRSTStream = 0x3
	frameSettings  = 0x4
	frameGoAway    = 0x7

	endStream     = 0x1
	endHeaders    = 0x4
	refusedStream = 0x7
	prefaceSize   = 24
)

// grpcHeader is ":status: 200" and "content-type: application/grpc" in HPACK:
// an entry of the static table, and a literal under the name of another.
var grpcHeader = append([]byte{0x88, 0x5f, byte(len("application/grpc"))}, "application/grpc"...)

// http2ByHand speaks just as much HTTP/2 as it takes to hear of streams.
func http2ByHand(onStream func(conn net.Conn, id uint32) (goOn bool)) func(net.Conn) {
	return func(conn net.Conn) {
		_ = writeFrame(conn, frameSettings, 0, nil)
		if _, err := io.CopyN(io.Discard, conn, prefaceSize); err != nil {
			return
		}
		var head [9]byte
		for {
			if _, err := io.ReadFull(conn, head[:]); err != nil {
				return
			}
			size := int64(head[0])<<16 | int64(head[1])<<8 | int64(head[2])
			if _, err := io.CopyN(io.Discard, conn, size); err != nil {
				return
			}
			if head[3] == frameHeaders && !onStream(conn, binary.BigEndian.Uint32(head[5:])) {
				_, _ = io.Copy(io.Discard, conn)
				return
			}
		}
	}
}

func writeFrame(conn net.Conn, kind byte, stream uint32, payload []byte) error {
	return writeFlagged(conn, kind, 0, stream, payload)
}

func writeFlagged(conn net.Conn, kind, flags byte, stream uint32, payload []byte) error {
	frame := []byte{0, 0, byte(len(payload)), kind, flags, 0, 0, 0, 0}
	binary.BigEndian.PutUint32(frame[5:], stream)
	_, err := conn.Write(append(frame, payload...))
	return err
}

// goAway says that no stream was processed.
func goAway(conn net.Conn, _ uint32) bool {
	_ = writeFrame(conn, frameGoAway, 0, make([]byte, 8))
	return false
}

// leave says that there will be no stream after this one.
func leave(conn net.Conn, stream uint32) error {
	return writeFrame(conn, frameGoAway, 0, append(binary.BigEndian.AppendUint32(nil, stream), 0, 0, 0, 0))
}

// refuse says so of one stream.
func refuse(conn net.Conn, stream uint32) bool {
	return writeFrame(conn, frameRSTStream, stream, []byte{0, 0, 0, refusedStream}) == nil
}
