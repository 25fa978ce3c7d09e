package interceptors_test

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"strconv"
	"sync"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

// A scriptServer plays a script on each stream that is opened on it, frame by
// frame, so that it can fail in ways and places that a grpc.Server cannot.
// Messages are wrapperspb.StringValue.
type scriptServer struct {
	addr     string
	scriptOf func(stream int) []step // the first stream is 0
	label    func(stream int) int    // what the header and the trailer tell

	mu       sync.Mutex
	received [][]string // by stream
	conns    []net.Conn
	running  sync.WaitGroup
}

// A step is one thing that the server does on a stream. It reports whether the
// stream goes on.
type step struct {
	name string
	do   func(*scriptStream) bool
}

func (s step) String() string { return s.name }

func startScript(tb testing.TB, scriptOf func(stream int) []step) *scriptServer {
	tb.Helper()
	listener := newListener(tb)
	s := &scriptServer{addr: listener.Addr().String(), scriptOf: scriptOf, label: func(stream int) int { return stream }}
	s.running.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			s.mu.Lock()
			s.conns = append(s.conns, conn)
			s.mu.Unlock()
			s.running.Go(func() { s.serve(conn) })
		}
	})
	tb.Cleanup(func() {
		_ = listener.Close()
		s.mu.Lock()
		for _, conn := range s.conns {
			_ = conn.Close()
		}
		s.mu.Unlock()
		s.running.Wait()
	})
	return s
}

// sent returns what the client has sent on each stream, so far.
func (s *scriptServer) sent() [][]string {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make([][]string, len(s.received))
	for i, messages := range s.received {
		all[i] = append([]string(nil), messages...)
	}
	return all
}

// A scriptConn is one connection.
type scriptConn struct {
	net.Conn
	mu      sync.Mutex // for writing
	streams map[uint32]*scriptStream
}

// A scriptStream is one stream.
type scriptStream struct {
	server     *scriptServer
	conn       *scriptConn
	id         uint32
	index      int
	in         chan string   // closed when the client has sent all
	ended      chan struct{} // likewise
	gone       chan struct{} // closed when the client or the connection has gone
	unread     []byte
	sentHeader bool
}

func (s *scriptServer) serve(raw net.Conn) {
	conn := &scriptConn{Conn: raw, streams: map[uint32]*scriptStream{}}
	defer func() {
		_ = raw.Close()
		for _, stream := range conn.streams {
			close(stream.gone)
		}
	}()
	conn.write(frameSettings, 0, 0, nil)
	in := bufio.NewReader(raw)
	if _, err := in.Discard(prefaceSize); err != nil {
		return
	}
	for {
		var head [9]byte
		if _, err := io.ReadFull(in, head[:]); err != nil {
			return
		}
		payload := make([]byte, int(head[0])<<16|int(head[1])<<8|int(head[2]))
		if _, err := io.ReadFull(in, payload); err != nil {
			return
		}
		s.frame(conn, head[3], head[4], binary.BigEndian.Uint32(head[5:]), payload)
	}
}

const (
	framePing         = 0x6
	frameWindowUpdate = 0x8
	ack               = 0x1
)

func (s *scriptServer) frame(conn *scriptConn, kind, flags byte, id uint32, payload []byte) {
	stream := conn.streams[id]
	switch {
	case kind == frameHeaders:
		stream = s.open(conn, id)
		s.running.Go(stream.play)
	case kind == frameSettings && flags&ack == 0:
		conn.write(frameSettings, ack, 0, nil)
	case kind == framePing && flags&ack == 0:
		conn.write(framePing, ack, 0, payload)
	case stream == nil:
	case kind == frameData:
		if len(payload) > 0 {
			window := binary.BigEndian.AppendUint32(nil, uint32(len(payload)))
			conn.write(frameWindowUpdate, 0, 0, window)
		}
		stream.data(payload, flags&endStream != 0)
	case kind == frameRSTStream:
		close(stream.gone)
		delete(conn.streams, id)
	}
}

func (s *scriptServer) open(conn *scriptConn, id uint32) *scriptStream {
	s.mu.Lock()
	defer s.mu.Unlock()
	stream := &scriptStream{
		server: s, conn: conn, id: id, index: len(s.received),
		in: make(chan string, 100), ended: make(chan struct{}), gone: make(chan struct{}),
	}
	s.received = append(s.received, nil)
	conn.streams[id] = stream
	return stream
}

// data takes the messages out of a DATA frame. Each is preceded by a byte that
// says that it is not compressed, and its length.
func (st *scriptStream) data(payload []byte, last bool) {
	st.unread = append(st.unread, payload...)
	for len(st.unread) >= 5 {
		size := 5 + int(binary.BigEndian.Uint32(st.unread[1:]))
		if len(st.unread) < size {
			break
		}
		var m wrapperspb.StringValue
		if err := proto.Unmarshal(st.unread[5:size], &m); err != nil {
			panic(err)
		}
		st.unread = st.unread[size:]
		st.server.mu.Lock()
		st.server.received[st.index] = append(st.server.received[st.index], m.GetValue())
		st.server.mu.Unlock()
		st.in <- m.GetValue()
	}
	if last {
		close(st.in)
		close(st.ended)
	}
}

func (st *scriptStream) play() {
	for _, step := range st.server.scriptOf(st.index) {
		if !step.do(st) {
			return
		}
	}
}

func (c *scriptConn) write(kind, flags byte, stream uint32, payload []byte) {
	c.writePart(kind, flags, stream, payload, len(payload))
}

// writePart writes a frame that says that it has size bytes.
func (c *scriptConn) writePart(kind, flags byte, stream uint32, payload []byte, size int) {
	frame := []byte{byte(size >> 16), byte(size >> 8), byte(size), kind, flags}
	frame = append(binary.BigEndian.AppendUint32(frame, stream), payload...)
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, err := c.Write(frame); err != nil && !errors.Is(err, net.ErrClosed) {
		_ = c.Close()
	}
}

// field is a header field in HPACK: a literal that enters no table.
func field(name, value string) []byte {
	f := append([]byte{0, byte(len(name))}, name...)
	return append(append(f, byte(len(value))), value...)
}

func (st *scriptStream) label() string { return strconv.Itoa(st.server.label(st.index)) }
