package conformance_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/dynamicpb"

	"github.com/errwire/errwire/status"
)

// A call is one that is under way, of whichever kind and protocol.
type call interface {
	send(m proto.Message) error
	closeSend() error
	receive() (*dynamicpb.Message, error) // io.EOF after the last
	metadata(err error) (headers, trailers []header)
}

// A dialer begins calls.
type dialer func(ctx context.Context, o *order, method protoreflect.MethodDescriptor) (call, error)

// client plays the role of a client: it makes the calls that in orders.
func client(begin dialer, in io.Reader, out io.Writer) error {
	slots := make(chan struct{}, 16)
	var mutex sync.Mutex // of out
	var all sync.WaitGroup
	defer all.Wait()
	for {
		o := &order{}
		if err := receive(in, "ClientCompatRequest", o); err != nil {
			if errors.Is(err, io.EOF) {
				return nil
			}
			return err
		}
		slots <- struct{}{}
		all.Go(func() {
			defer func() { <-slots }()
			r := report{TestName: o.TestName}
			var err error
			if r.Response, err = o.make(begin); err != nil {
				r.Response, r.Error = nil, &mishap{err.Error()}
			}
			mutex.Lock()
			defer mutex.Unlock()
			_ = reply(out, "ClientCompatResponse", r) // the runner misses what it does not get
		})
	}
}

func (o *order) make(begin dialer) (*result, error) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	if o.TimeoutMs != nil {
		ctx, cancel = context.WithTimeout(ctx, time.Duration(*o.TimeoutMs)*time.Millisecond)
		defer cancel()
	}
	all, err := methods()
	if err != nil {
		return nil, err
	}
	var method protoreflect.MethodDescriptor
	for _, m := range all {
		if string(m.Name()) == o.Method {
			method = m
		}
	}
	if method == nil {
		return nil, fmt.Errorf("no method %s", o.Method)
	}
	c, err := begin(ctx, o, method)
	if err != nil {
		return nil, err
	}
	r := &result{}
	ended, err := o.converse(c, r, cancel)
	if err != nil {
		return nil, err
	}
	r.ResponseHeaders, r.ResponseTrailers = c.metadata(ended)
	if errors.Is(ended, io.EOF) {
		return r, nil
	}
	r.Error, err = toReport(ended)
	return r, err
}

// converse sends and receives to the end of the call; ended is how that was. err
// is not the call's.
func (o *order) converse(c call, r *result, cancel func()) (ended, err error) {
	next := func() {
		var m *dynamicpb.Message
		if m, ended = c.receive(); ended == nil {
			r.Payloads = append(r.Payloads, payloadOf(m))
			if n := o.Cancel.AfterNumResponses; n != nil && len(r.Payloads) == *n {
				cancel()
			}
		}
	}
	for i, text := range o.RequestMessages {
		packed, err := unpack(text)
		if err != nil {
			return nil, err
		}
		m, err := packed.UnmarshalNew()
		if err != nil {
			return nil, err
		}
		time.Sleep(time.Duration(o.RequestDelayMs) * time.Millisecond) // so it is ordered
		if err := c.send(m); err != nil {
			r.NumUnsentRequests = len(o.RequestMessages) - i
			break // what is received says why
		}
		if o.StreamType == "STREAM_TYPE_FULL_DUPLEX_BIDI_STREAM" && ended == nil {
			next()
		}
	}
	if o.Cancel.BeforeCloseSend != nil {
		cancel()
	}
	_ = c.closeSend()
	if ms := o.Cancel.AfterCloseSendMs; ms != nil {
		defer time.AfterFunc(time.Duration(*ms)*time.Millisecond, cancel).Stop()
	}
	for ended == nil {
		next()
	}
	return ended, nil
}

// payloadOf is the payload of an answer; that of an Unimplemented one is empty.
func payloadOf(m *dynamicpb.Message) []byte {
	field := m.Descriptor().Fields().ByName("payload")
	if field == nil || !m.Has(field) {
		return []byte("{}")
	}
	text, _ := protojson.Marshal(m.Get(field).Message().Interface())
	return text
}

// toReport is an error as a caller of errwire sees it.
func toReport(err error) (*received, error) {
	e, ok := err.(*status.Error)
	if !ok {
		return nil, fmt.Errorf("not translated: %T: %w", err, err)
	}
	r := &received{Code: int32(e.Code().GRPC()), Message: e.Message()}
	for _, detail := range e.Details() {
		text, err := pack(detail)
		if err != nil {
			return nil, err
		}
		r.Details = append(r.Details, text)
	}
	return r, nil
}

// A single is the sending half of a call whose only message goes with its begin.
type single struct{ request proto.Message }

func (s *single) send(m proto.Message) error {
	if s.request != nil {
		return errors.New("there is one message only")
	}
	s.request = m
	return nil
}

func (*single) closeSend() error { return nil }
