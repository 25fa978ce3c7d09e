package httpbridge_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/fieldmaskpb"
	"google.golang.org/protobuf/types/known/structpb"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/errwire/errwire/httpbridge"
	"github.com/errwire/errwire/status"
)

// lossless are the formats that Parse reads back whole.
var lossless = []httpbridge.Format{httpbridge.AIP193, httpbridge.Problem, httpbridge.Gateway, httpbridge.Connect}

// allCodes are those that an error can have.
func allCodes() (codes []status.Code) {
	for code := status.Cancelled; code <= status.Conflict; code++ {
		codes = append(codes, code)
	}
	return codes
}

func assertRoundTrip(t *testing.T, want *status.Error, format httpbridge.Format) {
	t.Helper()
	httpStatus, header, body := httpbridge.Encode(want, format)
	got := httpbridge.Parse(httpStatus, header, body)
	require.Truef(t, status.Equal(want, got), "%v of %+v\n%s\nis read as %+v", format, want, body, got)
	assert.Equal(t, status.OriginService, got.Origin())
	pinned := httpbridge.ParseAs(httpStatus, header, body, format.Read)
	require.Truef(t, status.Equal(want, pinned), "%v of %+v\n%s\nis read by Read as %+v", format, want, body, pinned)
}

// everyDetail has one of each kind: standard, well known, unknown in binary and
// in JSON, unreadable, empty, twice.
func everyDetail(t *testing.T) *status.Error {
	t.Helper()
	raw := func(members map[string]any) *structpb.Struct {
		s, err := structpb.NewStruct(members)
		assert.NoError(t, err)
		return s
	}
	return status.New(status.NotFound, "x").WithDetails(
		&errdetails.BadRequest{FieldViolations: []*errdetails.BadRequest_FieldViolation{{
			Field: "items[3].age", Description: "not <b>bold</b> & \u2028", Reason: "TOO_OLD",
			LocalizedMessage: &errdetails.LocalizedMessage{Locale: "ar", Message: "كبير"},
		}}},
		&errdetails.RetryInfo{RetryDelay: durationpb.New(1234567891)},
		&errdetails.QuotaFailure{Violations: []*errdetails.QuotaFailure_Violation{{Subject: "s", QuotaDimensions: map[string]string{"a": "b"}, QuotaValue: math.MaxInt64}}},
		&errdetails.PreconditionFailure{Violations: []*errdetails.PreconditionFailure_Violation{{Type: "TOS", Subject: "x"}}},
		&errdetails.RequestInfo{RequestId: "r", ServingData: "s"},
		&errdetails.ResourceInfo{ResourceType: "t", ResourceName: "n"},
		&errdetails.Help{Links: []*errdetails.Help_Link{{Description: "d", Url: "https://example.com/?a=1&b=2"}}},
		&errdetails.LocalizedMessage{Locale: "bn", Message: "পাওয়া যায়নি"},
		&errdetails.BadRequest{},
		&errdetails.Help{},
		&errdetails.Help{},
		durationpb.New(time.Second),
		wrapperspb.String("text"),
		&fieldmaskpb.FieldMask{Paths: []string{"a.b"}},
		structpb.NewNumberValue(1.5),
		raw(map[string]any{"no": "type", "n": nil, "l": []any{1, "b", true}}),
		raw(map[string]any{"@type": "type.googleapis.com/acme.Unknown", "deep": map[string]any{"x": 1.0}}),
		raw(map[string]any{"@type": "acme"}),
		&anypb.Any{TypeUrl: "type.googleapis.com/acme.Binary", Value: []byte{8, 1, 255}},
		&anypb.Any{TypeUrl: "example.com/types/acme.Empty"},
		&anypb.Any{TypeUrl: "nameless/"},
		&anypb.Any{TypeUrl: "type.googleapis.com/google.rpc.Help", Value: []byte("not a Help")},
	)
}

func TestWhatIsWrittenReadsBackEqual(t *testing.T) {
	t.Parallel()
	service := status.ServiceCode{Domain: "users.example.com", Reason: "USER_NOT_FOUND"}
	variants := map[string]func(*status.Error) *status.Error{
		"bare":     func(e *status.Error) *status.Error { return e },
		"delay":    func(e *status.Error) *status.Error { return e.WithRetryDelay(1500 * time.Millisecond) },
		"no delay": func(e *status.Error) *status.Error { return e.WithRetryDelay(0) },
		"longest":  func(e *status.Error) *status.Error { return e.WithRetryDelay(math.MaxInt64) },
		"code":     func(e *status.Error) *status.Error { return e.WithServiceCode(service) },
		"reason":   func(e *status.Error) *status.Error { return e.WithServiceCode(status.ServiceCode{Reason: "only"}) },
		"domain": func(e *status.Error) *status.Error {
			if status.IsConflict(e) {
				return e // over gRPC it gets a reason
			}
			return e.WithServiceCode(status.ServiceCode{Domain: "only"})
		},
		"metadata": func(e *status.Error) *status.Error {
			return e.WithMetadata(map[string]string{"user": "42", "empty": "", "reason": "x", "bad key": "\u0000"})
		},
		"all": func(e *status.Error) *status.Error {
			return e.WithServiceCode(service).WithMetadata(map[string]string{"user": "42"}).
				WithDetails(&errdetails.Help{}).WithRetryDelay(time.Millisecond)
		},
		"info last": func(e *status.Error) *status.Error {
			return status.FromWire(e.Code(), e.Message(), status.OriginService, []*anypb.Any{
				packed(t, &errdetails.Help{}),
				packed(t, &errdetails.ErrorInfo{Reason: "LATE", Domain: "d.example"}),
				packed(t, &errdetails.ErrorInfo{Reason: "SECOND", Domain: "d.example"}),
				packed(t, &errdetails.RetryInfo{RetryDelay: durationpb.New(time.Second)}),
				packed(t, &errdetails.RetryInfo{RetryDelay: durationpb.New(-time.Second)}),
			})
		},
		"empty info": func(e *status.Error) *status.Error {
			if status.IsConflict(e) {
				return e // over gRPC it is filled
			}
			return status.FromWire(e.Code(), e.Message(), status.OriginService, []*anypb.Any{packed(t, &errdetails.ErrorInfo{})})
		},
		"challenge": func(e *status.Error) *status.Error {
			return e.WithServiceCode(status.ServiceCode{Reason: "invalid_token"}).WithMetadata(map[string]string{"realm": `a "b"`, "scope": "১"})
		},
		"every detail": func(e *status.Error) *status.Error {
			for _, detail := range everyDetail(t).Details() {
				e = e.WithDetails(detail)
			}
			return e
		},
	}
	messages := []string{"user 42 missing", "USER_NOT_FOUND", "EMAIL_EXISTS : as Identity Toolkit says", "<script>", "ব্যবহারকারী \"৪২\" নেই\r\n\t\u2028", strings.Repeat("é", 8<<10)}
	for name, change := range variants {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, code := range allCodes() {
				for _, message := range messages {
					e := change(status.New(code, message))
					for _, format := range lossless {
						assertRoundTrip(t, e, format)
					}
				}
			}
		})
	}
}

func packed(t *testing.T, m proto.Message) *anypb.Any {
	t.Helper()
	a, err := anypb.New(m)
	assert.NoError(t, err)
	return a
}
