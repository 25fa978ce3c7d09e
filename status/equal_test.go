package status_test

import (
	"errors"
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"

	"github.com/errwire/errwire/status"
)

func TestEqual(t *testing.T) {
	t.Parallel()
	code := status.ServiceCode{Domain: "d", Reason: "R_R"}
	base := func() *status.Error {
		return status.New(status.NotFound, "m").WithServiceCode(code).WithMetadata(map[string]string{"a": "1", "b": "2"}).
			WithRetryDelay(5).WithDetails(&errdetails.Help{}, &anypb.Any{TypeUrl: "acme/Unknown", Value: []byte("x")})
	}
	help := func(url string) *errdetails.Help {
		return &errdetails.Help{Links: []*errdetails.Help_Link{{Url: url}}}
	}
	tests := []struct {
		name string
		a, b error
		want bool
	}{
		{"the same twice", base(), base(), true},
		{"over gRPC", base(), base().GRPCStatus().Err(), true},
		{"wrapped and joined", base(), errors.Join(errPlain, fmt.Errorf("a: %w", base())), true},
		{"a bare code", status.NotFound, status.New(status.NotFound, ""), true},
		{"nil", nil, nil, true},
		{"nil and not", nil, base(), false},
		{"nil and typed nil", nil, (*status.Error)(nil), false},
		{"typed nils", (*status.Error)(nil), (*status.Error)(nil), true},
		{"the zero Error", &status.Error{}, status.New(status.Unknown, ""), true},

		{"cause, attempts, origin and response", base(), base().WithCause(errPlain).WithAttempts(3, "why").WithOrigin(status.OriginLocal).WithHTTPResponse(&http.Response{}), true},
		{"made in another order", base(), status.New(status.NotFound, "m").WithRetryDelay(5).
			WithDetails(&errdetails.Help{}, &anypb.Any{TypeUrl: "acme/Unknown", Value: []byte("x")}).
			WithMetadata(map[string]string{"b": "2", "a": "1"}).WithServiceCode(code), true},
		{"an empty ErrorInfo", status.New(status.NotFound, "m"), fromDetails(codes.NotFound, &anypb.Any{TypeUrl: rpcType + "ErrorInfo"}), true},
		{"a type with another prefix", fromDetails(codes.NotFound, packed(t, help("u"))),
			fromDetails(codes.NotFound, &anypb.Any{TypeUrl: "google.rpc.Help", Value: mustMarshal(help("u"))}), true},

		{"another code", status.New(status.NotFound, "m"), status.New(status.Internal, "m"), false},
		{"ABORTED and CONFLICT", status.New(status.Aborted, "m"), status.New(status.Conflict, "m"), false},
		{"another message", status.New(status.NotFound, "m"), status.New(status.NotFound, "n"), false},
		{"another reason", base(), base().WithServiceCode(status.ServiceCode{Domain: "d", Reason: "OTHER"}), false},
		{"another domain", base(), base().WithServiceCode(status.ServiceCode{Domain: "e", Reason: "R_R"}), false},
		{"no service code", base(), base().WithServiceCode(status.ServiceCode{}), false},
		{"other metadata", base(), base().WithMetadata(map[string]string{"a": "2"}), false},
		{"more metadata", base(), base().WithMetadata(map[string]string{"c": ""}), false},
		{"another delay", base(), base().WithRetryDelay(6), false},
		{"no delay", base(), base().WithRetryDelay(-1), false},
		{"one detail more", base(), base().WithDetails(&errdetails.Help{}), false},
		{"another detail", status.New(status.NotFound, "m").WithDetails(help("u")), status.New(status.NotFound, "m").WithDetails(help("v")), false},
		{"another type", status.New(status.NotFound, "m").WithDetails(&errdetails.Help{}), status.New(status.NotFound, "m").WithDetails(&errdetails.BadRequest{}), false},
		{"details in another order", status.New(status.NotFound, "m").WithDetails(&errdetails.Help{}, &errdetails.BadRequest{}),
			status.New(status.NotFound, "m").WithDetails(&errdetails.BadRequest{}, &errdetails.Help{}), false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, test.want, status.Equal(test.a, test.b))
			assert.Equal(t, test.want, status.Equal(test.b, test.a), "the other way round")
			assert.True(t, status.Equal(test.a, test.a))
		})
	}
}

// TestEqualComparesWhatBytesMean: another library may marshal a map in another
// order.
func TestEqualComparesWhatBytesMean(t *testing.T) {
	t.Parallel()
	a, b := []byte("\x1a\x06\x0a\x01a\x12\x011"), []byte("\x1a\x06\x0a\x01b\x12\x012")
	info := func(entries ...[]byte) *status.Error {
		value := []byte("\x0a\x02RR")
		for _, entry := range entries {
			value = append(value, entry...)
		}
		return fromDetails(codes.NotFound, &anypb.Any{TypeUrl: rpcType + "ErrorInfo", Value: value})
	}
	assert.NotEqual(t, info(a, b).GRPCStatus().Proto().GetDetails()[0].GetValue(), info(b, a).GRPCStatus().Proto().GetDetails()[0].GetValue())
	assert.True(t, proto.Equal(info(a, b).Details()[0], info(b, a).Details()[0]))
	assert.True(t, status.Equal(info(a, b), info(b, a)))
}
