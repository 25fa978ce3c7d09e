package status_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/protobuf/types/known/anypb"

	"github.com/errwire/errwire/status"
)

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
