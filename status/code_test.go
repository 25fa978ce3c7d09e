package status_test

import (
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	rpccode "google.golang.org/genproto/googleapis/rpc/code"
	"google.golang.org/grpc/codes"

	"github.com/errwire/errwire/status"
)

func TestEveryCodeBothWays(t *testing.T) {
	t.Parallel()
	for i, row := range codeTable {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, status.Code(i), row.code, "numbers have no gaps")
			assert.Equal(t, row.name, row.code.String())
			assert.EqualError(t, row.code, row.name)
			assert.Equal(t, row.grpc, row.code.GRPC())
			assert.Equal(t, row.http, row.code.HTTPStatus())
			parsed, ok := status.ParseCode(row.name)
			assert.True(t, ok)
			assert.Equal(t, row.code, parsed)
			if row.code != status.Conflict {
				assert.Equal(t, row.code, status.FromGRPC(row.grpc))
			}
		})
	}
	assert.Equal(t, status.Aborted, status.FromGRPC(status.Conflict.GRPC()), "gRPC has no number for CONFLICT")
}

func TestCodesAreThoseOfGoogleRPC(t *testing.T) {
	t.Parallel()
	names := rpccode.Code(0).Descriptor().Values()
	assert.Equal(t, names.Len(), len(codeTable)-1, "google.rpc.Code has a code that this package does not")
	for i := range names.Len() {
		value := names.Get(i)
		assert.Equal(t, string(value.Name()), status.Code(value.Number()).String())
		assert.Equal(t, codes.Code(value.Number()), status.Code(value.Number()).GRPC())
	}
}

func TestNumbersThatNoCodeHas(t *testing.T) {
	t.Parallel()
	for number, name := range map[status.Code]string{
		-1:            "Code(-1)",
		18:            "Code(18)",
		99:            "Code(99)",
		math.MaxInt32: "Code(2147483647)",
		math.MinInt32: "Code(-2147483648)",
	} {
		assert.Equal(t, name, number.String())
		assert.EqualError(t, number, name)
		assert.Equal(t, codes.Unknown, number.GRPC(), name)
		assert.Equal(t, 500, number.HTTPStatus(), name)
		assert.Equal(t, status.Unknown.DefaultMessage(), number.DefaultMessage(), name)
		assert.True(t, status.IsUnknown(number), "a bare %s in an error", name)
	}
	for _, number := range []codes.Code{17, 18, 99, math.MaxInt32, math.MaxUint32} {
		assert.Equal(t, status.Unknown, status.FromGRPC(number), "FromGRPC(%d)", number)
	}
}

func TestParseCode(t *testing.T) {
	t.Parallel()
	code, ok := status.ParseCode("CANCELED")
	assert.True(t, ok, "gRPC's spelling")
	assert.Equal(t, status.Cancelled, code)
	for _, name := range []string{"", " ", "NotFound", "not_found", "NOT_FOUND ", "Code(5)", "5", "EMAIL_EXISTS", "UNAVAILABLE\x00", strings.Repeat("A", 1<<16)} {
		code, ok := status.ParseCode(name)
		assert.False(t, ok, "%.20q", name)
		assert.Equal(t, status.Unknown, code, "%.20q", name)
	}
}

func TestDefaultMessagesAreSentencesOfTheirOwn(t *testing.T) {
	t.Parallel()
	seen := map[string]status.Code{}
	for _, row := range errorCodes {
		message := row.code.DefaultMessage()
		assert.Regexp(t, `^[A-Z][a-z ]+\.$`, message, row.name)
		assert.NotContains(t, seen, message, row.name)
		seen[message] = row.code
	}
}

func TestFromHTTPStatus(t *testing.T) {
	t.Parallel()
	listed := map[int]status.Code{
		400: status.InvalidArgument,
		401: status.Unauthenticated,
		402: status.FailedPrecondition,
		403: status.PermissionDenied,
		404: status.NotFound,
		405: status.Unimplemented,
		408: status.DeadlineExceeded,
		409: status.Conflict,
		410: status.NotFound,
		412: status.FailedPrecondition,
		416: status.OutOfRange,
		422: status.InvalidArgument,
		429: status.ResourceExhausted,
		499: status.Cancelled,
		500: status.Internal,
		501: status.Unimplemented,
		502: status.Unavailable,
		503: status.Unavailable,
		504: status.DeadlineExceeded,
	}
	for httpStatus := -600; httpStatus < 1200; httpStatus++ {
		want := status.Unknown
		if code, ok := listed[httpStatus]; ok {
			want = code
		} else if httpStatus >= 200 && httpStatus <= 299 {
			want = status.OK
		}
		assert.Equal(t, want, status.FromHTTPStatus(httpStatus), "HTTP %d", httpStatus)
	}
	for _, httpStatus := range []int{math.MinInt, math.MaxInt} {
		assert.Equal(t, status.Unknown, status.FromHTTPStatus(httpStatus))
	}
}

// TestHTTPThereAndBack says which codes the bare number of an HTTP answer keeps:
// the rest needs the name in the body.
func TestHTTPThereAndBack(t *testing.T) {
	t.Parallel()
	lossy := map[status.Code]status.Code{
		status.Unknown:            status.Internal,
		status.FailedPrecondition: status.InvalidArgument,
		status.OutOfRange:         status.InvalidArgument,
		status.DataLoss:           status.Internal,
		status.AlreadyExists:      status.Conflict,
		status.Aborted:            status.Conflict,
	}
	for _, row := range codeTable {
		want := row.code
		if back, ok := lossy[row.code]; ok {
			want = back
		}
		assert.Equal(t, want, status.FromHTTPStatus(row.code.HTTPStatus()), row.name)
	}
}
