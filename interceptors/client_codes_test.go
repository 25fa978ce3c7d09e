package interceptors_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"google.golang.org/grpc/codes"
	grpcstatus "google.golang.org/grpc/status"

	"github.com/errwire/errwire/interceptors"
	"github.com/errwire/errwire/status"
)

var predicates = map[status.Code]func(error) bool{
	status.Cancelled:          status.IsCancelled,
	status.Unknown:            status.IsUnknown,
	status.InvalidArgument:    status.IsInvalidArgument,
	status.DeadlineExceeded:   status.IsDeadlineExceeded,
	status.NotFound:           status.IsNotFound,
	status.AlreadyExists:      status.IsAlreadyExists,
	status.PermissionDenied:   status.IsPermissionDenied,
	status.ResourceExhausted:  status.IsResourceExhausted,
	status.FailedPrecondition: status.IsFailedPrecondition,
	status.Aborted:            status.IsAborted,
	status.OutOfRange:         status.IsOutOfRange,
	status.Unimplemented:      status.IsUnimplemented,
	status.Internal:           status.IsInternal,
	status.Unavailable:        status.IsUnavailable,
	status.DataLoss:           status.IsDataLoss,
	status.Unauthenticated:    status.IsUnauthenticated,
	status.Conflict:           status.IsConflict,
}

// assertOnly asserts that the predicate of want, and no other, is true for err,
// however it is wrapped.
func assertOnly(t *testing.T, want status.Code, err error) {
	t.Helper()
	for _, form := range []error{err, fmt.Errorf("wrapped: %w", err), errors.Join(errors.New("plain"), err)} {
		for code, is := range predicates {
			assert.Equal(t, code == want, is(form), "predicate of %v on %v", code, form)
		}
	}
}

// Every code that a server may answer arrives as it was sent, with header and
// trailer or with the status alone; UNAVAILABLE after 5 attempts, all else
// after 1.
func TestUnaryEveryCode(t *testing.T) {
	t.Parallel()
	var answers []error
	for code := codes.Canceled; code <= codes.Unauthenticated; code++ {
		answers = append(answers, grpcstatus.Error(code, "said "+code.String()))
	}
	answers = append(answers, status.New(status.Conflict, "said Conflict"))
	for _, answer := range answers {
		for name, early := range map[string]bool{"status alone": false, "after a header": true} {
			want := status.FromError(answer)
			t.Run(fmt.Sprint(want.Code(), " ", name), func(t *testing.T) {
				t.Parallel()
				server := startBackend(t, failing(answer), earlyHeader(early))
				_, err := unary(t.Context(), retryingConn(t, server.addr))
				e := apiError(t, err)
				assertOnly(t, want.Code(), err)
				assert.Equal(t, want.Message(), err.Error())
				assert.Equal(t, status.OriginService, e.Origin())
				attempts := 1
				if want.Code() == status.Unavailable {
					attempts = 5
				}
				assert.Equal(t, attempts, e.Attempts())
				assert.EqualValues(t, attempts, server.runs.Load())
			})
		}
	}
}

// Without translation the very same decisions are made.
func TestUnaryWithoutTranslation(t *testing.T) {
	t.Parallel()
	server := startBackend(t, failing(grpcstatus.Error(codes.Unavailable, "down")))
	_, err := unary(t.Context(), retryingConn(t, server.addr, interceptors.WithoutTranslation()))
	_, translated := err.(*status.Error)
	assert.False(t, translated)
	_, isGRPC := err.(interface{ GRPCStatus() *grpcstatus.Status })
	assert.True(t, isGRPC)
	assert.Equal(t, "rpc error: code = Unavailable desc = down", err.Error())
	assert.EqualValues(t, 5, server.runs.Load())
}
