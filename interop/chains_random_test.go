package interop_test

import (
	"math/rand/v2"
	"strings"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/structpb"
	"google.golang.org/protobuf/types/known/timestamppb"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/errwire/errwire/status"
)

// random makes errors that any service might send.
type random struct{ *rand.Rand }

func (r random) error() *status.Error {
	code := status.Cancelled + status.Code(r.IntN(int(status.Conflict)))
	e := status.New(code, r.text(40))
	if r.IntN(4) > 0 {
		e = e.WithServiceCode(status.ServiceCode{Domain: r.pick("library.example.com", "acme.test", "müller.example"), Reason: r.pick("SHELF_FULL", "X1Z", "A_1_B")})
	}
	if r.IntN(2) == 0 {
		metadata := map[string]string{}
		for range r.IntN(4) {
			metadata[r.pick("shelf", "a.b", "camelCase", "العنوان", "@type", "")] = r.text(12)
		}
		e = e.WithMetadata(metadata)
	}
	if r.IntN(2) == 0 {
		e = e.WithRetryDelay(time.Duration(r.Int64N(int64(90 * time.Second))))
	}
	for range r.IntN(5) {
		e = e.WithDetails(r.detail())
	}
	return e
}

// stranger is a detail of a type that this program has not.
func (r random) stranger() *anypb.Any {
	value := make([]byte, r.IntN(24))
	for i := range value {
		value[i] = byte(r.Uint32())
	}
	return &anypb.Any{TypeUrl: r.pick("type.googleapis.com/", "types.acme.test/") + "acme.v1." + r.pick("Secret", "Other"), Value: value}
}

func (r random) detail() proto.Message {
	switch r.IntN(12) {
	case 0:
		return r.stranger()
	case 1:
		return &errdetails.DebugInfo{StackEntries: []string{secret}, Detail: r.text(9)}
	case 2:
		return durationpb.New(time.Duration(r.Int64()) / 1000)
	case 3:
		return wrapperspb.String(r.text(9))
	case 4:
		return timestamppb.New(time.Unix(r.Int64N(1<<32), r.Int64N(1e9)))
	case 5:
		nested, _ := structpb.NewStruct(map[string]any{r.text(5): []any{nil, true, r.Float64(), r.text(5)}, "@type": r.text(5)})
		return nested
	}
	all := []proto.Message{
		&errdetails.BadRequest{}, &errdetails.PreconditionFailure{}, &errdetails.QuotaFailure{}, &errdetails.RequestInfo{},
		&errdetails.ResourceInfo{}, &errdetails.Help{}, &errdetails.LocalizedMessage{},
	}
	detail := all[r.IntN(len(all))]
	r.fill(detail.ProtoReflect())
	return detail
}

// fill sets most fields, however deep.
func (r random) fill(m protoreflect.Message) {
	for fields, i := m.Descriptor().Fields(), 0; i < fields.Len(); i++ {
		field := fields.Get(i)
		switch {
		case r.IntN(4) == 0:
		case field.IsMap():
			for range r.IntN(3) {
				m.Mutable(field).Map().Set(r.scalar(field.MapKey()).MapKey(), r.scalar(field.MapValue()))
			}
		case field.IsList():
			for range r.IntN(3) {
				if field.Message() == nil {
					m.Mutable(field).List().Append(r.scalar(field))
					continue
				}
				r.fill(m.Mutable(field).List().AppendMutable().Message())
			}
		case field.Message() != nil:
			r.fill(m.Mutable(field).Message())
		default:
			m.Set(field, r.scalar(field))
		}
	}
}

func (r random) scalar(field protoreflect.FieldDescriptor) protoreflect.Value {
	if field.Kind() == protoreflect.Int64Kind {
		return protoreflect.ValueOfInt64(int64(r.Uint64())) // JSON numbers would not do
	}
	return protoreflect.ValueOfString(r.text(10))
}

// text is valid UTF-8 of anything that has ever broken an encoder.
func (r random) text(most int) string {
	var text strings.Builder
	for range 1 + r.IntN(most) {
		text.WriteString(r.pick("a", "B", " ", "é", "ا", "书", "😀", "\u2028", "\x00", "\x7f", "\n", "\r", "\t", `"`, `\`, "%", "%41", "+", "<", "&", ":", " : ", ";", ",", "{", "\ufeff", "\u202e", "\ufffd", "=", "/"))
	}
	return text.String()
}

func (r random) pick(from ...string) string { return from[r.IntN(len(from))] }
