package status_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	grpcstatus "google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/errwire/errwire/status"
)

func TestConflictOverGRPC(t *testing.T) {
	t.Parallel()
	row := map[string]string{"row": "7"}
	marked := map[string]string{"platformCode": "CONFLICT"}
	tests := []struct {
		name string
		e    *status.Error
		wire *errdetails.ErrorInfo // what a client without errwire sees
	}{
		{
			"bare", status.New(status.Conflict, "busy"),
			&errdetails.ErrorInfo{Domain: "errwire", Reason: "CONFLICT", Metadata: marked},
		},
		{
			"with a service code", status.New(status.Conflict, "busy").WithServiceCode(status.ServiceCode{Domain: "d", Reason: "ROW_BUSY"}),
			&errdetails.ErrorInfo{Domain: "d", Reason: "ROW_BUSY", Metadata: marked},
		},
		{
			"with metadata", status.New(status.Conflict, "busy").WithMetadata(row),
			&errdetails.ErrorInfo{Domain: "errwire", Reason: "CONFLICT", Metadata: map[string]string{"row": "7", "platformCode": "CONFLICT"}},
		},
		{
			"with both, a delay and a detail",
			status.New(status.Conflict, "busy").WithRetryDelay(5).WithDetails(&errdetails.Help{}).WithMetadata(row).
				WithServiceCode(status.ServiceCode{Domain: "d", Reason: "ROW_BUSY"}),
			&errdetails.ErrorInfo{Domain: "d", Reason: "ROW_BUSY", Metadata: map[string]string{"row": "7", "platformCode": "CONFLICT"}},
		},
		{
			"with a detail only", status.New(status.Conflict, "busy").WithDetails(&errdetails.Help{}),
			&errdetails.ErrorInfo{Domain: "errwire", Reason: "CONFLICT", Metadata: marked},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			st := test.e.GRPCStatus()
			assert.Equal(t, codes.Aborted, st.Code(), "gRPC has no number for it")
			assert.Equal(t, "busy", st.Message())
			seen, ok := st.Details()[0].(*errdetails.ErrorInfo)
			require.True(t, ok, "grpc-go sees the ErrorInfo first")
			assert.True(t, proto.Equal(test.wire, seen), "%v", seen)

			for _, err := range []error{st.Err(), errors.Join(errPlain, st.Err())} {
				back := status.FromError(err)
				assert.Equal(t, status.Conflict, back.Code())
				assert.Equal(t, status.Conflict, status.CodeOf(err))
				assert.True(t, status.IsConflict(err))
				assert.False(t, status.IsAborted(err))
				assert.True(t, status.Equal(test.e, back), "%+v", back)
				assert.Equal(t, test.e.ServiceCode(), back.ServiceCode())
				assert.Equal(t, test.e.Metadata(), back.Metadata(), "the key is not seen")
				assert.Len(t, back.Details(), len(test.e.Details()))
				assert.True(t, proto.Equal(st.Proto(), back.GRPCStatus().Proto()), "and on it goes")
			}
			assert.Equal(t, test.e.ServiceCode(), test.e.WithOrigin(status.OriginService).ServiceCode(), "nor in copies made later")
			assert.Equal(t, test.e.Metadata(), test.e.WithAttempts(1, "").Metadata())
		})
	}
}

func TestAConflictWithoutAReasonIsOfItsDomain(t *testing.T) {
	t.Parallel()
	e := status.New(status.Conflict, "busy").WithServiceCode(status.ServiceCode{Domain: "library.example.com"})
	back := status.FromError(e.GRPCStatus().Err())
	assert.True(t, status.IsConflict(back))
	assert.Equal(t, status.ServiceCode{Domain: "library.example.com", Reason: "CONFLICT"}, back.ServiceCode())
}

func TestAbortedIsNoConflict(t *testing.T) {
	t.Parallel()
	info := func(key, value string) error {
		st, err := grpcstatus.New(codes.Aborted, "busy").WithDetails(
			&errdetails.ErrorInfo{Reason: "R_R", Domain: "d", Metadata: map[string]string{key: value}})
		require.NoError(t, err)
		return st.Err()
	}
	for name, err := range map[string]error{
		"bare":             grpcstatus.Error(codes.Aborted, "busy"),
		"made here":        status.New(status.Aborted, "busy"),
		"another key":      info("platform", "CONFLICT"),
		"another value":    info("platformCode", "ABORTED"),
		"another code":     status.New(status.NotFound, "m").WithMetadata(map[string]string{"platformCode": "CONFLICT"}).GRPCStatus().Err(),
		"malformed detail": fromDetails(codes.Aborted, brokenDetails()...),
	} {
		assert.False(t, status.IsConflict(err), name)
		assert.Equal(t, name != "another code", status.IsAborted(err), name)
	}
	assert.Equal(t, map[string]string{"platformCode": "ABORTED"}, status.FromError(info("platformCode", "ABORTED")).Metadata(), "kept")
}
