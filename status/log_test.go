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
