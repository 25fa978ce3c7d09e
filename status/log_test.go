package status_test

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	grpcstatus "google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/anypb"

	"github.com/errwire/errwire/status"
)

// logged is err as slog's JSON handler writes it.
func logged(err any) string {
	var out bytes.Buffer
	slog.New(slog.NewJSONHandler(&out, &slog.HandlerOptions{ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
		if len(groups) == 0 && (a.Key == slog.TimeKey || a.Key == slog.LevelKey || a.Key == slog.MessageKey) {
			return slog.Attr{}
		}
		return a
	}})).Error("", "error", err)
	return strings.TrimSpace(out.String())
}

func TestLogValue(t *testing.T) {
	t.Parallel()
	code := status.ServiceCode{Domain: "library.example.com", Reason: "SHELF_NOT_FOUND"}
	tests := []struct {
		name string
		e    *status.Error
		want string
	}{
		{"the least", status.New(status.NotFound, "m"), `{"error":{"code":"NOT_FOUND","message":"m"}}`},
		{"no message", status.New(status.Conflict, ""), `{"error":{"code":"CONFLICT","message":"The request conflicts with the current state."}}`},
		{"the zero Error", &status.Error{}, `{"error":{"code":"UNKNOWN","message":"An unknown error occurred."}}`},
		{"nil", nil, `{"error":null}`},
		{
			"all there is",
			status.New(status.NotFound, "There is no shelf 42.").
				WithServiceCode(code).
				WithMetadata(map[string]string{"shelf": "42", "hall": "north"}).
				WithRetryDelay(1500*time.Millisecond).
				WithAttempts(5, "budget_exhausted").
				WithOrigin(status.OriginService).
				WithHTTPResponse(&http.Response{StatusCode: 404}).
				WithCause(errors.New("sql: no rows")).
				WithDetails(nil, &errdetails.Help{}),
			`{"error":{"code":"NOT_FOUND","message":"There is no shelf 42.","domain":"library.example.com","reason":"SHELF_NOT_FOUND",` +
				`"metadata":{"hall":"north","shelf":"42"},"retry_delay":1500000000,"attempts":5,"retry_stopped":"budget_exhausted",` +
				`"origin":"SERVICE","http_status":404,"cause":"sql: no rows","lost_details":["nil detail"]}}`,
		},
		{
			"a domain alone", status.New(status.NotFound, "m").WithServiceCode(status.ServiceCode{Domain: "d"}),
			`{"error":{"code":"NOT_FOUND","message":"m","domain":"d","reason":""}}`,
		},
		{
			"a delay of zero", status.New(status.Unavailable, "m").WithRetryDelay(0),
			`{"error":{"code":"UNAVAILABLE","message":"m","retry_delay":0}}`,
		},
		{"a plain error", status.FromError(errors.New("boom")), `{"error":{"code":"UNKNOWN","message":"boom","origin":"LOCAL"}}`},
		{
			"a gRPC error", status.FromError(grpcstatus.Error(codes.NotFound, "m")),
			`{"error":{"code":"NOT_FOUND","message":"m"}}`,
		},
		{
			"a wrapped one", status.FromError(fmt.Errorf("load: %w", grpcstatus.Error(codes.NotFound, "m"))),
			`{"error":{"code":"NOT_FOUND","message":"m","cause":"load: rpc error: code = NotFound desc = m"}}`,
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, test.want, logged(test.e))
		})
	}
}

func TestALogLineHasABound(t *testing.T) {
	t.Parallel()
	e := status.New(status.Internal, strings.Repeat("m", 1<<20)).WithCause(errors.New(strings.Repeat("c", 1<<20)))
	assert.Less(t, len(logged(e)), 40_000)
	assert.Less(t, len(fmt.Sprintf("%+v", e)), 40_000)
}

func TestFormat(t *testing.T) {
	t.Parallel()
	e := status.New(status.NotFound, `no "shelf"`).WithCause(errPlain)
	var none *status.Error
	tests := []struct {
		format string
		e      *status.Error
		want   string
	}{
		{"%v", e, `no "shelf"`},
		{"%s", e, `no "shelf"`},
		{"%q", e, `"no \"shelf\""`},
		{"%#q", e, "`no \"shelf\"`"},
		{"%x", e, "6e6f20227368656c6622"},
		{"%X", e, "6E6F20227368656C6622"},
		{"%#v", e, `"no \"shelf\""`},
		{"%12s|", e, `  no "shelf"|`},
		{"%-12v|", e, `no "shelf"  |`},
		{"%.2s", e, "no"},
		{"%d", e, `%!d(*status.Error=no "shelf")`},
		{"%v", none, "<nil>"},
		{"%+v", none, "<nil>"},
		{"%q", none, "<nil>"},
		{"%v", &status.Error{}, "An unknown error occurred."},
	}
	for _, test := range tests {
		assert.Equal(t, test.want, fmt.Sprintf(test.format, test.e), "%q", test.format)
	}
	assert.Equal(t, "a: no \"shelf\"", fmt.Errorf("a: %w", e).Error())
	assert.Equal(t, e.Error(), fmt.Sprint(e))
}

func TestFormatOfAllThatIsKnown(t *testing.T) {
	t.Parallel()
	e := status.New(status.NotFound, "There is no shelf 42.").
		WithServiceCode(status.ServiceCode{Domain: "library.example.com", Reason: "SHELF_NOT_FOUND"}).
		WithMetadata(map[string]string{"shelf": "42", "hall": "north"}).
		WithRetryDelay(1500*time.Millisecond).
		WithAttempts(5, "budget_exhausted").
		WithOrigin(status.OriginService).
		WithHTTPResponse(&http.Response{Status: "404 Not Found"}).
		WithDetails(&errdetails.RequestInfo{RequestId: "r-1"}, &anypb.Any{TypeUrl: "acme.example/acme.v1.Unknown", Value: []byte("x")}, nil).
		WithCause(errors.Join(errors.New("one"), errors.New("two")))
	got := fmt.Sprintf("%+v", e)
	// prototext puts spaces in on purpose, so that nobody relies on its form.
	got = strings.ReplaceAll(got, "  value", " value")
	assert.Equal(t, strings.Join([]string{
		`NOT_FOUND: There is no shelf 42.`,
		`    service code: library.example.com/SHELF_NOT_FOUND`,
		`    metadata: map[hall:north shelf:42]`,
		`    retry delay: 1.5s`,
		`    attempts: 5 budget_exhausted`,
		`    origin: SERVICE`,
		`    HTTP status: 404 Not Found`,
		`    detail google.rpc.RequestInfo: request_id:"r-1"`,
		`    detail acme.v1.Unknown: type_url:"acme.example/acme.v1.Unknown" value:"x"`,
		`    lost: nil detail`,
		`    cause: one`,
		`        two`,
	}, "\n"), got)
	assert.Equal(t, "NOT_FOUND: m", fmt.Sprintf("%+v", status.New(status.NotFound, "m")))
	assert.Equal(t, "UNKNOWN: An unknown error occurred.", fmt.Sprintf("%+v", &status.Error{}))
}

func TestOriginString(t *testing.T) {
	t.Parallel()
	for origin, name := range map[status.Origin]string{
		status.OriginUnspecified:  "UNSPECIFIED",
		status.OriginService:      "SERVICE",
		status.OriginIntermediary: "INTERMEDIARY",
		status.OriginLocal:        "LOCAL",
		-1:                        "UNSPECIFIED",
		4:                         "UNSPECIFIED",
	} {
		assert.Equal(t, name, origin.String())
		got := status.New(status.NotFound, "m").WithOrigin(origin).Origin()
		if name == "UNSPECIFIED" {
			assert.Equal(t, status.OriginUnspecified, got)
		} else {
			assert.Equal(t, origin, got)
		}
	}
}
