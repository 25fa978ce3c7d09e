package interceptors_test

import (
	"encoding/binary"
	"net"
	"strconv"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

// The steps of a scriptServer.

// read waits for a message of the client.
var read = step{"read", func(st *scriptStream) bool {
	select {
	case _, ok := <-st.in:
		return ok
	case <-st.gone:
		return false
	}
}}

// readEnd waits until the client has sent all.
var readEnd = step{"read the end", func(st *scriptStream) bool {
	select {
	case <-st.ended:
		return true
	case <-st.gone:
		return false
	}
}}

// sendHeader sends a header that tells which stream it is of.
var sendHeader = step{"header", func(st *scriptStream) bool {
	st.header(endHeaders, field("stream", st.label()))
	st.sentHeader = true
	return true
}}

func (st *scriptStream) header(flags byte, fields []byte) {
	block := append([]byte(nil), fields...)
	if !st.sentHeader {
		block = append(append([]byte(nil), grpcHeader...), fields...)
	}
	st.conn.write(frameHeaders, flags, st.id, block)
}

func sendMessage(text string) step {
	return step{"send " + text, func(st *scriptStream) bool {
		body, err := proto.Marshal(wrapperspb.String(text))
		if err != nil {
			panic(err)
		}
		message := append(binary.BigEndian.AppendUint32([]byte{0}, uint32(len(body))), body...)
		st.conn.write(frameData, 0, st.id, message)
		return true
	}}
}

// endWith ends the stream with a status; without a header before, it is all that
// the server answers.
func endWith(code int, text string) step {
	return step{"status " + strconv.Itoa(code), func(st *scriptStream) bool {
		fields := append(field("grpc-status", strconv.Itoa(code)), field("grpc-message", text)...)
		fields = append(fields, field("ended", st.label())...)
		st.header(endHeaders|endStream, fields)
		return false
	}}
}

func resetStream(code uint32) step {
	return step{"RST_STREAM " + strconv.Itoa(int(code)), func(st *scriptStream) bool {
		st.conn.write(frameRSTStream, 0, st.id, binary.BigEndian.AppendUint32(nil, code))
		return false
	}}
}

// cutConn ends the connection. The client has read by then what was sent.
var cutConn = step{"cut", func(st *scriptStream) bool {
	if tcp, ok := st.conn.Conn.(*net.TCPConn); ok {
		_ = tcp.CloseWrite() // the client closes the other direction
	}
	return false
}}

// beginHeader sends the beginning of a header or trailer, as far as a frame goes
// that is cut off.
var beginHeader = step{"half a header", func(st *scriptStream) bool {
	st.conn.writePart(frameHeaders, endHeaders, st.id, field("half", "of it"), 100)
	return true
}}

// beginMessage sends the beginning of a message, in a frame that is whole.
var beginMessage = step{"half a message", func(st *scriptStream) bool {
	st.conn.write(frameData, 0, st.id, []byte{0, 0, 0, 0, 100, 'h', 'a', 'l', 'f'})
	return true
}}

// endWithout ends the stream without a trailer.
var endWithout = step{"no trailer", func(st *scriptStream) bool {
	st.conn.write(frameData, endStream, st.id, nil)
	return false
}}

// goAwayUnprocessed says that nothing was done for this stream, or any.
var goAwayUnprocessed = step{"GOAWAY 0", func(st *scriptStream) bool {
	st.conn.write(frameGoAway, 0, 0, make([]byte, 8))
	return false
}}

// goAwayGracefully says that there will be no further streams; this one goes on.
var goAwayGracefully = step{"GOAWAY", func(st *scriptStream) bool {
	st.conn.write(frameGoAway, 0, 0, append(binary.BigEndian.AppendUint32(nil, st.id), 0, 0, 0, 0))
	return true
}}
