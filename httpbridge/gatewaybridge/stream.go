package gatewaybridge

import (
	"context"
	"encoding/base64"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	grpcstatus "google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/structpb"

	"github.com/errwire/errwire/httpbridge"
	"github.com/errwire/errwire/status"
)

// StreamErrorHandler returns the handler of [ServeMuxOptions] for errors of
// streams that have begun, for runtime.WithStreamErrorHandler: {"error": {…}} is
// the last line. grpc-gateway writes it itself, so that the formats of the options
// do not matter, and a detail that has no JSON is a google.protobuf.Struct.
func StreamErrorHandler(opts ...httpbridge.ServerOption) runtime.StreamErrorHandlerFunc {
	return streamErrorHandler(newErrorWriter(opts))
}

func streamErrorHandler(ew *httpbridge.ErrorWriter) runtime.StreamErrorHandlerFunc {
	return func(_ context.Context, err error) *grpcstatus.Status {
		return encodable(ew.Publish(nil, err))
	}
}

// encodable is e as a status that every marshaler of grpc-gateway can write: one
// detail of a type that is not registered, or that is broken, costs grpc-gateway
// the whole status.
func encodable(e *status.Error) *grpcstatus.Status {
	st := e.GRPCStatus()
	p := st.Proto() // a copy
	changed := false
	for i, detail := range p.GetDetails() {
		if _, err := protojson.Marshal(detail); err != nil {
			p.Details[i], changed = described(detail), true
		}
	}
	if !changed {
		return st
	}
	return grpcstatus.FromProto(p)
}

// described is a detail as a Struct of its type and its bytes.
func described(detail *anypb.Any) *anypb.Any {
	packed, err := anypb.New(&structpb.Struct{Fields: map[string]*structpb.Value{
		"@type": structpb.NewStringValue(detail.GetTypeUrl()),
		"value": structpb.NewStringValue(base64.StdEncoding.EncodeToString(detail.GetValue())),
	}})
	if err != nil {
		return &anypb.Any{} // never: an Any's type is valid UTF-8
	}
	return packed
}
