package status

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"
)

var errNilDetail = errors.New("nil detail")

// encode wraps m for the wire; an *anypb.Any is one already. A message of any
// quality gives an error at worst.
func encode(m proto.Message) (a *anypb.Any, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("detail of type %T: panic: %s", m, textOfPanic(p))
		}
	}()
	if m == nil || !m.ProtoReflect().IsValid() {
		return nil, errNilDetail
	}
	if a, ok := m.(*anypb.Any); ok {
		return encodeAny(a)
	}
	value, err := proto.MarshalOptions{Deterministic: true}.Marshal(m)
	if err != nil {
		return nil, fmt.Errorf("detail of type %T: %w", m, err)
	}
	return &anypb.Any{TypeUrl: typePrefix + string(m.ProtoReflect().Descriptor().FullName()), Value: value}, nil
}

// encodeAny copies an Any that is complete: one without a type, or with a type
// that is not text, would take the whole status down with it.
func encodeAny(a *anypb.Any) (*anypb.Any, error) {
	if a.GetTypeUrl() == "" || !utf8.ValidString(a.GetTypeUrl()) {
		return nil, fmt.Errorf("detail with type URL %q", a.GetTypeUrl())
	}
	return proto.CloneOf(a), nil
}

// mustEncode is encode for messages that can always be marshalled: our own,
// with strings made valid.
func mustEncode(m proto.Message) *anypb.Any {
	a, err := encode(m)
	if err != nil {
		return nil
	}
	return a
}

// valid replaces what is not UTF-8, which protobuf refuses to marshal.
func valid(s string) string {
	if isText(s) { // as good as always, and a fifth of the time
		return s
	}
	return strings.ToValidUTF8(s, "\uFFFD")
}
