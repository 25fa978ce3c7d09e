package status

import (
	"slices"
	"strings"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"
)

// details are the details of one error as the wire carries them, each still
// encoded. Nothing in them changes once they are made, and nothing of them is
// handed out but copies.
type details []*anypb.Any

const (
	typePrefix    = "type.googleapis.com/"
	errorInfoName = "google.rpc.ErrorInfo"
	errorInfoURL  = typePrefix + errorInfoName
	retryInfoName = "google.rpc.RetryInfo"
	debugInfoName = "google.rpc.DebugInfo"
)

// typeName is the message name in a type URL: all after the last slash.
func typeName(a *anypb.Any) string {
	url := a.GetTypeUrl()
	return url[strings.LastIndexByte(url, '/')+1:]
}

// isA is typeName(a) == name, and quicker.
func isA(a *anypb.Any, name string) bool {
	before, ok := strings.CutSuffix(a.GetTypeUrl(), name)
	return ok && (before == "" || before[len(before)-1] == '/')
}

// index is the place of the first detail of that type, or -1.
func (d details) index(name string) int {
	return slices.IndexFunc(d, func(a *anypb.Any) bool { return isA(a, name) })
}

// find returns the first detail of that type, or nil.
func (d details) find(name string) *anypb.Any {
	if i := d.index(name); i >= 0 {
		return d[i]
	}
	return nil
}

// with returns details whose first member of that type is a, in its old place or
// at the end; ErrorInfo goes to the front, where people look for it.
func (d details) with(name string, a *anypb.Any) details {
	return d.appendWith(make(details, 0, len(d)+1), name, a)
}

func (d details) appendWith(list details, name string, a *anypb.Any) details {
	switch i := d.index(name); {
	case i >= 0:
		list = append(list, d...)
		list[i] = a
	case name == errorInfoName:
		list = append(append(list, a), d...)
	default:
		list = append(append(list, d...), a)
	}
	return list
}

// without returns details that have no member of that type: were only the first
// taken out, a second would take its place.
func (d details) without(name string) details {
	if d.index(name) < 0 {
		return d
	}
	return slices.DeleteFunc(slices.Clone(d), func(a *anypb.Any) bool { return isA(a, name) })
}

// errorInfo decodes the first ErrorInfo; of one that cannot be read it has
// the service code that could be. The caller owns it.
func (d details) errorInfo() *errdetails.ErrorInfo {
	a := d.find(errorInfoName)
	if info, ok := decodeErrorInfo(a.GetValue()); ok {
		return info
	}
	info := &errdetails.ErrorInfo{}
	if proto.Unmarshal(a.GetValue(), info) != nil {
		code := d.serviceCode()
		return &errdetails.ErrorInfo{Domain: code.Domain, Reason: code.Reason}
	}
	return info
}

// Details returns the details, each decoded and the caller's own. One whose
// type this program does not know, or that cannot be read, comes as the
// *anypb.Any that it arrived as. The ErrorInfo and RetryInfo that
// [Error.ServiceCode], [Error.Metadata] and [Error.RetryDelay] read are among
// them.
func (e *Error) Details() []proto.Message {
	if e == nil {
		return nil
	}
	d := e.load()
	if len(d) == 0 {
		return nil
	}
	messages := make([]proto.Message, len(d))
	for i, a := range d {
		messages[i] = decode(a)
	}
	return messages
}

// decode returns the message in a, or a copy of a.
func decode(a *anypb.Any) proto.Message {
	if isA(a, errorInfoName) {
		if info, ok := decodeErrorInfo(a.GetValue()); ok {
			return info
		}
	}
	if m, err := a.UnmarshalNew(); err == nil {
		return m
	}
	return proto.CloneOf(a)
}

// WithDetails returns a copy with further details. An *anypb.Any is taken as
// the detail that it holds. An ErrorInfo replaces the service code and the
// metadata, a RetryInfo the retry delay; other types are added, though AIP-193
// wants each type once. What is nil or cannot be marshalled is left out and
// named in [Error.LogValue].
func (e *Error) WithDetails(messages ...proto.Message) *Error {
	if e == nil {
		return nil
	}
	w := e.remake()
	d := slices.Clip(w.made.list) // an append must not write behind it
	var lost []string
	for _, message := range messages {
		if m, ok := message.(*errdetails.ErrorInfo); ok && len(m.ProtoReflect().GetUnknown()) == 0 {
			if i, ok := plainInfo(m); ok && !i.zero() {
				w.made.info = i
				continue
			}
		}
		a, err := encode(message)
		if err != nil {
			lost = append(lost, err.Error())
			continue
		}
		switch name := typeName(a); name {
		case errorInfoName:
			w.made.info = info{}
			d = d.with(name, a)
		case retryInfoName:
			d = d.with(name, a)
		default:
			d = append(d, a)
		}
	}
	w.made.list = d
	if len(lost) > 0 {
		r := e.rarely()
		r.lost = append(slices.Clip(r.lost), lost...)
		w.err.rare = &r
	}
	return &w.err
}

// Detail returns the first detail of type T of err, decoded and the caller's
// own; nothing else is decoded. err may be nil or any error at all: FromError
// says whose details are meant.
//
//	if violations, ok := status.Detail[*errdetails.BadRequest](err); ok { … }
//
// A T that names no type, such as proto.Message or *dynamicpb.Message, is never
// found; use [Error.Details].
func Detail[T proto.Message](err error) (detail T, ok bool) {
	if err == nil {
		return detail, false
	}
	message, ok := newMessage[T]()
	if !ok {
		return detail, false
	}
	name := string(message.ProtoReflect().Descriptor().FullName())
	for _, a := range FromError(err).load() {
		if isA(a, name) && proto.Unmarshal(a.GetValue(), message) == nil {
			return message, true
		}
	}
	return detail, false
}

// newMessage returns an empty message of type T, whether or not the type is
// registered. There is none for an interface, such as proto.Message itself, and
// for *dynamicpb.Message, which knows its type only when it has been made.
func newMessage[T proto.Message]() (message T, ok bool) {
	defer func() { _ = recover() }()
	var zero T
	message, ok = zero.ProtoReflect().New().Interface().(T)
	return message, ok
}
