package httpbridge

import (
	"encoding/base64"
	"encoding/json"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/structpb"

	"github.com/errwire/errwire/status"
)

var writeOptions = protojson.MarshalOptions{AllowPartial: true}

// details writes details as AIP-193 has them, each an object with "@type". None
// of them can fail: what has no JSON of its own goes as base64.
func (w *jsonWriter) details(details []proto.Message) {
	w.open('[')
	for _, detail := range details {
		w.detail(detail)
	}
	w.end(']')
}

// detailsIf writes a member that is a list of details, unless it is empty.
func (w *jsonWriter) detailsIf(name string, details []proto.Message) {
	if len(details) > 0 {
		w.name(name)
		w.details(details)
	}
}

// detail writes the two types that most errors have. The rest is protojson's.
func (w *jsonWriter) detail(detail proto.Message) {
	switch m := detail.(type) {
	case *anypb.Any: // of a type that is not known here
		w.binaryDetail(m)
	case *errdetails.ErrorInfo:
		w.open('{')
		w.member("@type", typePrefix+errorInfoName)
		w.memberIf("reason", m.GetReason())
		w.memberIf("domain", m.GetDomain())
		w.membersIf("metadata", m.GetMetadata())
		w.end('}')
	case *errdetails.RetryInfo:
		if m.GetRetryDelay().CheckValid() != nil { // none, or one that has no JSON
			w.anyDetail(m)
			return
		}
		w.open('{')
		w.member("@type", typePrefix+retryInfoName)
		w.member("retryDelay", formatDuration(m.GetRetryDelay()))
		w.end('}')
	case *structpb.Struct:
		w.structDetail(m)
	default:
		w.anyDetail(m)
	}
}

// structDetail writes what came as JSON of an unknown type as it came.
func (w *jsonWriter) structDetail(m *structpb.Struct) {
	if m.GetFields()["@type"].GetStringValue() != "" {
		if text, ok := protoJSON(m); ok {
			w.raw(text)
			return
		}
	}
	w.anyDetail(m)
}

// anyDetail writes a message as protojson writes an Any that holds it.
func (w *jsonWriter) anyDetail(m proto.Message) {
	if wellKnown(m.ProtoReflect().Descriptor()) { // most of these are no objects
		packed := pack(m)
		if text, ok := protoJSON(packed); ok {
			w.raw(text)
			return
		}
		w.binaryDetail(packed)
		return
	}
	text, ok := protoJSON(m)
	if !ok {
		w.binaryDetail(pack(m))
		return
	}
	w.open('{')
	w.member("@type", typePrefix+string(m.ProtoReflect().Descriptor().FullName()))
	if string(text) != "{}" {
		w.begin()
		w.text = append(w.text, text[1:len(text)-1]...)
	}
	w.end('}')
}

// protoJSON is the JSON of a message, without the spaces that protojson puts in
// at random. ok is false for one that has no JSON, such as a Struct with NaN.
func protoJSON(m proto.Message) (text []byte, ok bool) {
	text, err := writeOptions.Marshal(m)
	if err != nil {
		return nil, false
	}
	text, err = json.Marshal(json.RawMessage(text))
	return text, err == nil
}

// binaryDetail writes a message whose JSON is not known.
func (w *jsonWriter) binaryDetail(packed *anypb.Any) {
	w.open('{')
	w.member("@type", packed.GetTypeUrl())
	w.member("value", base64.StdEncoding.EncodeToString(packed.GetValue()))
	w.end('}')
}

// grpcDetails are the details that e has over gRPC, where a Conflict is marked.
func grpcDetails(e *status.Error) []proto.Message {
	if e.Code() != status.Conflict {
		return e.Details()
	}
	packed := e.GRPCStatus().Proto().GetDetails()
	details := make([]proto.Message, len(packed))
	for i, detail := range packed {
		details[i] = unpack(detail)
	}
	return details
}

// unpack returns the message in a detail, or the detail.
func unpack(detail *anypb.Any) proto.Message {
	if m, err := detail.UnmarshalNew(); err == nil {
		return m
	}
	return detail
}
