package conformance_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/dynamicpb"

	"github.com/errwire/errwire/status"
)

// server plays the role of a server, until the runner ends it.
func server(serve func(net.Listener) error, in io.Reader, out io.Writer) error {
	if err := receive(in, "ServerCompatRequest", &struct{}{}); err != nil { // it serves all that may be asked for
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	ended := make(chan error, 1)
	go func() { ended <- serve(listener) }()
	at, _ := listener.Addr().(*net.TCPAddr)
	if err := reply(out, "ServerCompatResponse", place{at.IP.String(), at.Port}); err != nil {
		return err
	}
	told := make(chan os.Signal, 1)
	signal.Notify(told, syscall.SIGTERM)
	select {
	case err := <-ended:
		return err
	case <-told:
		return nil
	}
}

// An exchange is a call as a handler sees it, in whichever protocol.
type exchange struct {
	ctx        context.Context
	method     protoreflect.MethodDescriptor
	headers    []header
	query      []header
	receive    func() (proto.Message, error) // io.EOF after the last
	send       func(m proto.Message) error
	setHeader  func([]header)
	setTrailer func([]header)

	wish     wish
	data     [][]byte // to answer with
	sent     int
	requests []json.RawMessage // since the last answer
}

// serve does as the client's first message wishes, and fails with errors of
// errwire.
func (x *exchange) serve() error {
	for first := true; ; first = false {
		m, err := x.receive()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		packed, err := pack(m)
		if err != nil {
			return err
		}
		x.requests = append(x.requests, packed)
		if first {
			if err := x.begin(m); err != nil {
				return err
			}
		}
		if x.wish.FullDuplex {
			if x.sent == len(x.data) {
				break
			}
			if err := x.answer(); err != nil {
				return err
			}
		}
		if !x.method.IsStreamingClient() {
			break
		}
	}
	if !x.method.IsStreamingServer() && x.wish.ResponseDefinition.Error == nil && len(x.data) == 0 {
		x.data = [][]byte{nil}
	}
	for x.sent < len(x.data) {
		if err := x.answer(); err != nil {
			return err
		}
	}
	return x.failure()
}

func (x *exchange) begin(first proto.Message) error {
	if err := read(first, &x.wish); err != nil {
		return err
	}
	x.setHeader(x.wish.ResponseDefinition.ResponseHeaders)
	x.setTrailer(x.wish.ResponseDefinition.ResponseTrailers)
	switch data := x.wish.ResponseDefinition.ResponseData; {
	case data == nil:
		return nil
	case x.method.IsStreamingServer():
		return json.Unmarshal(data, &x.data)
	default:
		x.data = make([][]byte, 1)
		return json.Unmarshal(data, &x.data[0])
	}
}

// answer sends the next message.
func (x *exchange) answer() error {
	x.delay()
	answer := response{payload{Data: x.data[x.sent]}}
	if x.sent == 0 {
		answer.Payload.RequestInfo = x.info()
	} else if x.wish.FullDuplex {
		answer.Payload.RequestInfo = &requestInfo{Requests: x.requests}
	}
	x.requests = nil
	x.sent++
	m := dynamicpb.NewMessage(x.method.Output())
	if err := write(m, answer); err != nil {
		return err
	}
	return x.send(m)
}

func (x *exchange) delay() {
	time.Sleep(time.Duration(x.wish.ResponseDefinition.ResponseDelayMs) * time.Millisecond) // so it is wished
}

func (x *exchange) info() *requestInfo {
	info := &requestInfo{RequestHeaders: x.headers, Requests: x.requests}
	if deadline, ok := x.ctx.Deadline(); ok {
		left := max(time.Until(deadline).Milliseconds(), 0)
		info.TimeoutMs = &left
	}
	if len(x.query) > 0 {
		info.ConnectGetInfo = &getInfo{x.query}
	}
	return info
}

// failure is the error that is wished for, if any.
func (x *exchange) failure() error {
	wished := x.wish.ResponseDefinition.Error
	if wished == nil {
		return nil
	}
	code, _ := status.ParseCode(strings.TrimPrefix(wished.Code, "CODE_"))
	details := wished.Details
	if x.sent == 0 {
		x.delay()
		info := x.info()
		info.Type = "type.googleapis.com/" + schema + ".ConformancePayload.RequestInfo"
		packed, err := json.Marshal(info)
		if err != nil {
			return err
		}
		details = append(details, packed)
	}
	e := status.New(code, wished.Message)
	for _, text := range details {
		packed, err := unpack(text)
		if err != nil {
			return err
		}
		e = e.WithDetails(packed)
	}
	return e
}
