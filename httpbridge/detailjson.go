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

// detailsJSON writes details as AIP-193 has them, each an object with "@type".
// None of them can fail: what has no JSON of its own goes as base64.
func detailsJSON(details []proto.Message) []json.RawMessage {
	list := make([]json.RawMessage, 0, len(details))
	for _, detail := range details {
		list = append(list, detailJSON(detail))
	}
	return list
}

func detailJSON(detail proto.Message) json.RawMessage {
	packed, isAny := detail.(*anypb.Any) // of a type that is not known here
	if !isAny {
		if object, ok := detail.(*structpb.Struct); ok && object.GetFields()["@type"].GetStringValue() != "" {
			if text, err := writeOptions.Marshal(object); err == nil {
				return text // JSON of an unknown type, as it came
			}
		}
		packed = pack(detail)
	}
	if packed == nil {
		return json.RawMessage("null")
	}
	if !isAny {
		if text, err := writeOptions.Marshal(packed); err == nil {
			return text
		}
	}
	text, err := json.Marshal(binaryDetail{packed.GetTypeUrl(), base64.StdEncoding.EncodeToString(packed.GetValue())})
	if err != nil {
		return json.RawMessage("null")
	}
	return text
}

// A binaryDetail is a message of a type that the writer does not know.
type binaryDetail struct {
	Type  string `json:"@type"`
	Value string `json:"value"`
}

// unpack returns the message in a detail, or the detail.
func unpack(detail *anypb.Any) proto.Message {
	if m, err := detail.UnmarshalNew(); err == nil {
		return m
	}
	return detail
}

// grpcInfo is the ErrorInfo that e has over gRPC, where a Conflict is marked; nil
// if there is none.
func grpcInfo(e *status.Error) *errdetails.ErrorInfo {
	for _, detail := range e.GRPCStatus().Proto().GetDetails() {
		if info, ok := unpack(detail).(*errdetails.ErrorInfo); ok {
			return info
		}
	}
	return nil
}
