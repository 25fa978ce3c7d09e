package interop_test

import (
	"encoding/hex"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/errwire/errwire/status"
)

// A view is what somebody sees of an error.
type view struct {
	Code, Message    string
	Reason, Domain   string
	Metadata         map[string]string
	Delay            time.Duration
	Details, Unknown []string // type and bytes; those that this program has no type for are unknown
}

// columns are the parts of a view, as the matrix names them.
var columns = []struct {
	name string
	of   func(v view) any
	none any
}{
	{"code", func(v view) any { return v.Code }, ""},
	{"message", func(v view) any { return v.Message }, ""},
	{"reason", func(v view) any { return v.Reason }, ""},
	{"domain", func(v view) any { return v.Domain }, ""},
	{"metadata", func(v view) any { return v.Metadata }, map[string]string(nil)},
	{"retry delay", func(v view) any { return v.Delay }, time.Duration(0)},
	{"details", func(v view) any { return v.Details }, []string(nil)},
	{"unknown details", func(v view) any { return v.Unknown }, []string(nil)},
}

// seenByErrwire asks the accessors of package status.
func seenByErrwire(err error) view {
	e := status.FromError(err)
	if e == nil {
		return view{Code: "OK"}
	}
	v := view{Code: e.Code().String(), Message: e.Message(), Reason: e.Reason(), Domain: e.Domain()}
	if metadata := e.Metadata(); len(metadata) > 0 {
		v.Metadata = metadata
	}
	v.Delay, _ = e.RetryDelay()
	for _, detail := range e.Details() {
		v.add(detail)
	}
	return v
}

// seenInStatus reads a google.rpc.Status by the letter.
func seenInStatus(s *spb.Status) view {
	v := view{Code: status.FromGRPC(codes.Code(s.GetCode())).String(), Message: s.GetMessage()}
	for _, detail := range s.GetDetails() {
		v.add(detail)
	}
	return v
}

// add puts a detail where it belongs.
func (v *view) add(detail proto.Message) {
	if packed, ok := detail.(*anypb.Any); ok {
		known, err := packed.UnmarshalNew()
		if err != nil {
			v.Unknown = append(v.Unknown, string(packed.MessageName())+" "+hex.EncodeToString(packed.GetValue()))
			return
		}
		detail = known
	}
	switch detail := detail.(type) {
	case *errdetails.ErrorInfo:
		v.Reason, v.Domain = detail.GetReason(), detail.GetDomain()
		if len(detail.GetMetadata()) > 0 {
			v.Metadata = detail.GetMetadata()
		}
	case *errdetails.RetryInfo:
		v.Delay = detail.GetRetryDelay().AsDuration()
	default:
		bytes, _ := proto.MarshalOptions{Deterministic: true}.Marshal(detail)
		v.Details = append(v.Details, string(proto.MessageName(detail))+" "+hex.EncodeToString(bytes))
	}
}

// samples are the errors of the matrix, their reasons being sc's: every code
// with all the details that google.rpc has, one with a detail that nobody has a
// type for, and one with nothing but a message.
func samples(sc status.ServiceCode) []*status.Error {
	var all []*status.Error
	for code := status.Cancelled; code <= status.Conflict; code++ {
		all = append(all, status.New(code, code.String()+": "+arabic+", 书架 😀 \"%\n").
			WithServiceCode(sc).
			WithMetadata(map[string]string{"shelf": "42", "title": "الف ليلة 🌙"}).
			WithRetryDelay(1500*time.Millisecond).
			WithDetails(standardDetails()...))
	}
	return append(all,
		status.New(status.NotFound, "With a stranger.").WithServiceCode(sc).
			WithMetadata(map[string]string{"shelf": "43"}).WithRetryDelay(time.Second).
			WithDetails(&anypb.Any{TypeUrl: "type.googleapis.com/acme.v1.Secret", Value: []byte("\x0a\x03abc\x10\xff\x01")},
				&errdetails.RequestInfo{RequestId: "r-2"}),
		status.New(status.InvalidArgument, "Bare."))
}

func standardDetails() []proto.Message {
	return []proto.Message{
		&errdetails.BadRequest{FieldViolations: []*errdetails.BadRequest_FieldViolation{
			{Field: "shelf.name", Description: arabic, Reason: "TOO_LONG", LocalizedMessage: &errdetails.LocalizedMessage{Locale: "ar", Message: arabic}},
		}},
		&errdetails.PreconditionFailure{Violations: []*errdetails.PreconditionFailure_Violation{{Type: "TOS", Subject: "x.example.com", Description: "Not accepted."}}},
		&errdetails.QuotaFailure{Violations: []*errdetails.QuotaFailure_Violation{{
			Subject: "clientip:192.0.2.1", Description: "Daily limit.", ApiService: domain, QuotaMetric: "reads", QuotaId: "per-day",
			QuotaDimensions: map[string]string{"region": "eu"}, QuotaValue: 1 << 40, FutureQuotaValue: proto.Int64(7),
		}}},
		&errdetails.RequestInfo{RequestId: "r-1", ServingData: "AAEC"},
		&errdetails.ResourceInfo{ResourceType: "shelf", ResourceName: "shelves/42", Owner: "user:1", Description: "Gone."},
		&errdetails.Help{Links: []*errdetails.Help_Link{{Description: "How to", Url: "https://example.com/?a=1&b=%20"}}},
		&errdetails.LocalizedMessage{Locale: "ar", Message: arabic},
		durationpb.New(3 * time.Second), // JSON gives it a form of its own
	}
}
