package faults_test

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A direction is one of the two of a connection.
type direction int

const (
	toServer direction = iota
	toClient
)

func (d direction) String() string { return [...]string{"to the server", "to the client"}[d] }

// A script is what a proxy does to its first connection. All others it leaves
// alone.
type script struct {
	direction direction
	at        int // the byte of that direction before which it acts
	act       act
}

// An act breaks a connection, given the byte that comes next. It returns what to
// send instead of that byte, and whether to go on.
type act func(c *crossing, next byte) (instead []byte, goOn bool)

// A crossing is one connection through the proxy; source and sink are those of
// the script's direction.
type crossing struct {
	source, sink *net.TCPConn
	stopped      <-chan struct{} // closed when the proxy ends
}

func (c *crossing) closeBoth() {
	_ = c.source.Close()
	_ = c.sink.Close()
}

// acts are all that a wire does to a byte, by name.
var acts = map[string]act{
	"cut": func(c *crossing, _ byte) ([]byte, bool) {
		c.closeBoth()
		return nil, false
	},
	"reset": func(c *crossing, _ byte) ([]byte, bool) {
		_, _ = c.source.SetLinger(0), c.sink.SetLinger(0)
		c.closeBoth()
		return nil, false
	},
	"half-close": func(c *crossing, _ byte) ([]byte, bool) {
		_ = c.sink.CloseWrite()
		_, _ = io.Copy(io.Discard, c.source)
		return nil, false
	},
	"delay": func(c *crossing, next byte) ([]byte, bool) {
		select {
		case <-c.stopped:
		case <-time.After(20 * time.Millisecond): // the fault itself, nothing waits for it
		}
		return []byte{next}, true
	},
	"stall": func(c *crossing, _ byte) ([]byte, bool) {
		<-c.stopped
		return nil, false
	},
	"corrupt": func(_ *crossing, next byte) ([]byte, bool) { return []byte{next ^ 0x55}, true },
	"HTML": func(c *crossing, _ byte) ([]byte, bool) {
		client := c.sink
		_, _ = client.Write([]byte("HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/html\r\nContent-Length: 27\r\n\r\n<html>502 " + secret + "</html>"))
		c.closeBoth()
		return nil, false
	},
}

// A proxy is a TCP proxy on loopback that keeps to a script.
type proxy struct {
	address  string
	listener net.Listener
	backend  string
	script   script
	first    atomic.Bool // a connection has come
	acted    atomic.Bool // the script has been played
	stopped  chan struct{}
	mutex    sync.Mutex
	open     map[*net.TCPConn]bool // those of clients are true
	running  sync.WaitGroup
}

func newProxy(t *testing.T, backend string, s script) *proxy {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	p := &proxy{
		address: listener.Addr().String(), listener: listener, backend: backend, script: s,
		stopped: make(chan struct{}), open: map[*net.TCPConn]bool{},
	}
	p.running.Go(p.accept)
	return p
}

// close ends the proxy, and all that goes through it.
func (p *proxy) close() {
	close(p.stopped)
	_ = p.listener.Close()
	p.mutex.Lock()
	for conn := range p.open {
		_ = conn.Close()
	}
	p.mutex.Unlock()
	p.running.Wait()
}

// gone waits until the client has closed all its connections, and counts them.
// net/http may finish one when nobody waits for it any more: again closes those
// that have become idle.
func (p *proxy) gone(t *testing.T, id string, again func()) {
	p.mutex.Lock()
	var clients []*net.TCPConn
	for conn, client := range p.open {
		if client {
			clients = append(clients, conn)
		}
	}
	p.mutex.Unlock()
	for _, conn := range clients {
		deadline, err := time.Now().Add(slack), os.ErrDeadlineExceeded
		for errors.Is(err, os.ErrDeadlineExceeded) && time.Now().Before(deadline) {
			again()
			_ = conn.SetReadDeadline(time.Now().Add(100 * time.Millisecond))
			_, err = io.Copy(io.Discard, conn)
		}
		assert.NotErrorIs(t, err, os.ErrDeadlineExceeded, "%s: a connection is left open", id)
		closed.Add(1)
	}
}

func (p *proxy) accept() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial("tcp", p.backend)
		if err != nil {
			_ = client.Close()
			continue
		}
		p.cross(client.(*net.TCPConn), server.(*net.TCPConn), p.first.CompareAndSwap(false, true))
	}
}

func (p *proxy) cross(client, server *net.TCPConn, faulty bool) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	for _, conn := range []*net.TCPConn{client, server} {
		p.open[conn] = conn == client
	}
	select {
	case <-p.stopped: // close has seen neither
		_, _ = client.Close(), server.Close()
		return
	default:
	}
	for _, way := range []struct {
		direction    direction
		source, sink *net.TCPConn
	}{{toServer, client, server}, {toClient, server, client}} {
		c := &crossing{way.source, way.sink, p.stopped}
		p.running.Go(func() {
			if faulty && way.direction == p.script.direction {
				p.play(c)
			} else {
				_, _ = io.Copy(c.sink, c.source)
			}
			_ = c.sink.CloseWrite()
		})
	}
}

// play copies, and acts at its byte.
func (p *proxy) play(c *crossing) {
	if _, err := io.CopyN(c.sink, c.source, int64(p.script.at)); err != nil {
		return
	}
	var next [1]byte
	if _, err := io.ReadFull(c.source, next[:]); err != nil {
		return
	}
	p.acted.Store(true)
	instead, goOn := p.script.act(c, next[0])
	if goOn {
		_, _ = io.Copy(c.sink, io.MultiReader(bytes.NewReader(instead), c.source))
	}
}
