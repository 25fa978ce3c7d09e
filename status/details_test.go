package status_test

import (
	"log/slog"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/codes"
	grpcstatus "google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/errwire/errwire/status"
)

const rpcType = "type.googleapis.com/google.rpc."

// fromDetails is what arrives from a gRPC server that sends these details.
func fromDetails(code codes.Code, details ...*anypb.Any) *status.Error {
	return status.FromError(grpcstatus.ErrorProto(&spb.Status{Code: int32(code), Message: "m", Details: details}))
}

// protoEqual compares messages one by one.
func protoEqual(t *testing.T, want, got []proto.Message) {
	t.Helper()
	require.Len(t, got, len(want))
	for i := range want {
		assert.True(t, proto.Equal(want[i], got[i]), "detail %d: %v", i, got[i])
	}
}

func TestDetailsThereAndBack(t *testing.T) {
	t.Parallel()
	request := &errdetails.BadRequest{FieldViolations: []*errdetails.BadRequest_FieldViolation{{Field: "höhe", Description: "zu groß"}}}
	unknown := &anypb.Any{TypeUrl: "types.acme.example/acme.v1.Unknown", Value: []byte{0x0a, 0x03, 'a', 'b', 'c', 0xf8, 0x01, 0x07}}
	help := &errdetails.Help{Links: []*errdetails.Help_Link{{Url: "https://example.com"}}}
	e := status.New(status.OutOfRange, "m").
		WithDetails(request, unknown).
		WithServiceCode(status.ServiceCode{Domain: "d", Reason: "R_R"}).
		WithDetails(help).
		WithMetadata(map[string]string{"k": "v"})
	want := []proto.Message{
		&errdetails.ErrorInfo{Domain: "d", Reason: "R_R", Metadata: map[string]string{"k": "v"}},
		request, unknown, help,
	}
	protoEqual(t, want, e.Details())
	back := status.FromError(e.GRPCStatus().Err())
	protoEqual(t, want, back.Details())
	assert.True(t, status.Equal(e, back))

	any, ok := back.Details()[2].(*anypb.Any)
	require.True(t, ok, "a type that this program does not know")
	assert.Equal(t, unknown.GetTypeUrl(), any.GetTypeUrl())
	assert.Equal(t, unknown.GetValue(), any.GetValue(), "byte for byte")
}

func TestAStatusFromTheWireIsGivenBackAsItCame(t *testing.T) {
	t.Parallel()
	wire := &spb.Status{Code: 5, Message: "m", Details: append(brokenDetails(),
		&anypb.Any{TypeUrl: "weird", Value: []byte("\xff\xfe")},
		&anypb.Any{TypeUrl: rpcType + "ErrorInfo", Value: mustMarshal(&errdetails.ErrorInfo{Reason: "SECOND"})},
	)}
	got := status.FromError(grpcstatus.ErrorProto(wire))
	assert.True(t, proto.Equal(wire, got.GRPCStatus().Proto()))
	_ = got.Details()
	assert.True(t, proto.Equal(wire, got.WithOrigin(status.OriginService).GRPCStatus().Proto()), "after they were looked at, too")
}

func mustMarshal(m proto.Message) []byte {
	b, err := proto.Marshal(m)
	if err != nil {
		panic(err)
	}
	return b
}

func TestMalformedDetails(t *testing.T) {
	t.Parallel()
	truncated := mustMarshal(&errdetails.ErrorInfo{Reason: "R_R", Domain: "d", Metadata: map[string]string{"k": "v"}})
	truncated = truncated[:len(truncated)-1]
	tests := []struct {
		name  string
		value []byte
	}{
		{"garbage", []byte("\x07\xff\xff")},
		{"cut within the metadata", truncated},
		{"a reason that is not text", []byte("\x0a\x01\xff")},
		{"an end without a beginning", []byte("\x0a\x02RR\x0c")},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			broken := &anypb.Any{TypeUrl: rpcType + "ErrorInfo", Value: test.value}
			e := fromDetails(codes.Aborted, broken)
			assert.Equal(t, status.Aborted, e.Code(), "code and message are not lost with it")
			assert.Equal(t, "m", e.Message())
			assert.Zero(t, e.ServiceCode())
			assert.Nil(t, e.Metadata())
			protoEqual(t, []proto.Message{broken}, e.Details())
			_, ok := status.Detail[*errdetails.ErrorInfo](e)
			assert.False(t, ok)
			mended := e.WithServiceCode(status.ServiceCode{Domain: "d", Reason: "MENDED"})
			assert.Equal(t, "MENDED", mended.Reason())
			assert.Len(t, mended.Details(), 1)
		})
	}
}

func TestMetadataThatCannotBeReadCostThemselves(t *testing.T) {
	t.Parallel()
	e := fromDetails(codes.Aborted, &anypb.Any{TypeUrl: rpcType + "ErrorInfo", Value: []byte("\x0a\x02RR\x12\x01d\x1a\x03\x0a\x01\xff")})
	code := status.ServiceCode{Domain: "d", Reason: "RR"}
	assert.Equal(t, code, e.ServiceCode())
	assert.Equal(t, code, status.ServiceCodeOf(e.GRPCStatus().Err()))
	assert.Nil(t, e.Metadata())
	mended := e.WithMetadata(map[string]string{"k": "v"})
	assert.Equal(t, code, mended.ServiceCode())
	assert.Equal(t, map[string]string{"k": "v"}, mended.Metadata())
}

func TestTheFirstOfTwoErrorInfosDecides(t *testing.T) {
	t.Parallel()
	first := packed(t, &errdetails.ErrorInfo{Reason: "FIRST", Domain: "a", Metadata: map[string]string{"k": "1"}})
	second := packed(t, &errdetails.ErrorInfo{Reason: "SECOND", Domain: "b", Metadata: map[string]string{"k": "2"}})
	request := packed(t, &errdetails.BadRequest{})
	e := fromDetails(codes.NotFound, request, first, second)
	assert.Equal(t, status.ServiceCode{Domain: "a", Reason: "FIRST"}, e.ServiceCode())
	assert.Equal(t, map[string]string{"k": "1"}, e.Metadata())
	assert.Len(t, e.Details(), 3, "relayed details stay as they are")

	changed := e.WithServiceCode(status.ServiceCode{Domain: "c", Reason: "CHANGED"})
	assert.Equal(t, map[string]string{"k": "1"}, changed.Metadata())
	assert.Equal(t, "SECOND", changed.Details()[2].(*errdetails.ErrorInfo).GetReason())

	for name, none := range map[string]*status.Error{
		"an empty ErrorInfo": e.WithDetails(&errdetails.ErrorInfo{}),
		"no service code": fromDetails(codes.NotFound, packed(t, &errdetails.ErrorInfo{Reason: "FIRST"}), second).
			WithServiceCode(status.ServiceCode{}),
	} {
		assert.Zero(t, none.ServiceCode(), "%s: the second does not take its place", name)
		assert.Nil(t, none.Metadata(), name)
	}
}

func TestErrorInfoGivenAsADetailReplacesBoth(t *testing.T) {
	t.Parallel()
	e := status.New(status.NotFound, "m").
		WithServiceCode(status.ServiceCode{Domain: "old", Reason: "OLD"}).
		WithMetadata(map[string]string{"old": "1"}).
		WithRetryDelay(1).
		WithDetails(
			&errdetails.ErrorInfo{Domain: "new", Reason: "NEW", Metadata: map[string]string{"new": "2"}},
			&errdetails.RetryInfo{RetryDelay: durationpb.New(2)},
		)
	assert.Equal(t, status.ServiceCode{Domain: "new", Reason: "NEW"}, e.ServiceCode())
	assert.Equal(t, map[string]string{"new": "2"}, e.Metadata())
	delay, ok := e.RetryDelay()
	assert.True(t, ok)
	assert.EqualValues(t, 2, delay)
	assert.Len(t, e.Details(), 2)
	packedInfo := e.WithDetails(packed(t, &errdetails.ErrorInfo{Reason: "PACKED"}))
	assert.Equal(t, "PACKED", packedInfo.Reason(), "an Any is the detail in it")
	assert.Len(t, packedInfo.Details(), 2)
	assert.Len(t, e.WithDetails(&errdetails.Help{}, &errdetails.Help{}).Details(), 4, "others are added")
}

func TestServiceCodeAndMetadataShareTheErrorInfo(t *testing.T) {
	t.Parallel()
	code := status.ServiceCode{Domain: "d", Reason: "R_R"}
	e := status.New(status.NotFound, "m").WithMetadata(map[string]string{"k": "v"}).WithServiceCode(code)
	assert.Equal(t, map[string]string{"k": "v"}, e.Metadata())
	assert.Equal(t, code, e.WithMetadata(map[string]string{"k": "w"}).ServiceCode())
	bare := e.WithServiceCode(status.ServiceCode{})
	assert.Zero(t, bare.ServiceCode())
	assert.Equal(t, map[string]string{"k": "v"}, bare.Metadata(), "the metadata stay")
	assert.Empty(t, status.New(status.NotFound, "m").WithServiceCode(code).WithServiceCode(status.ServiceCode{}).Details(), "nothing is left")
	assert.Empty(t, status.New(status.NotFound, "m").WithMetadata(nil).Details())

	invalid := status.New(status.NotFound, "m").WithServiceCode(status.ServiceCode{Domain: "\xff", Reason: "R\xff"}).WithMetadata(map[string]string{"\xff": "\xff"})
	assert.Equal(t, status.ServiceCode{Domain: "\uFFFD", Reason: "R\uFFFD"}, invalid.ServiceCode(), "what is not text does not take the rest down")
	assert.Equal(t, map[string]string{"\uFFFD": "\uFFFD"}, invalid.Metadata())
}

func TestWhatCannotBeMarshalledIsLeftOutAndReported(t *testing.T) {
	t.Parallel()
	notText := &errdetails.DebugInfo{Detail: "\xff"}
	e := status.New(status.NotFound, "m").
		WithDetails(nil, &errdetails.Help{}, notText, panickingMessage{}).
		WithDetails((*errdetails.BadRequest)(nil), &anypb.Any{Value: []byte("x")}, &anypb.Any{TypeUrl: "\xff"})
	assert.Equal(t, status.NotFound, e.Code())
	assert.Equal(t, "m", e.Message())
	protoEqual(t, []proto.Message{&errdetails.Help{}}, e.Details())

	var lost []string
	for _, attr := range e.LogValue().Group() {
		if attr.Key == "lost_details" {
			lost, _ = attr.Value.Any().([]string)
		}
	}
	require.Len(t, lost, 6)
	assert.Equal(t, "nil detail", lost[0])
	assert.Contains(t, lost[1], "detail of type *errdetails.DebugInfo: ")
	assert.Contains(t, lost[1], "UTF-8")
	assert.Equal(t, "detail of type status_test.panickingMessage: panic: no reflection today", lost[2])
	assert.Equal(t, "nil detail", lost[3])
	assert.Equal(t, `detail with type URL ""`, lost[4])
	assert.Equal(t, `detail with type URL "\xff"`, lost[5])
	assert.NotContains(t, slogText(status.New(status.NotFound, "m").WithDetails(&errdetails.Help{})), "lost")
}

type panickingMessage struct{ proto.Message }

func (panickingMessage) ProtoReflect() protoreflect.Message { panic("no reflection today") }

func slogText(e *status.Error) string { return slog.AnyValue(e).Resolve().String() }
