package status_test

import (
	"google.golang.org/grpc/codes"

	"github.com/errwire/errwire/status"
)

// codeRow is what the architecture promises of one code.
type codeRow struct {
	code status.Code
	name string
	grpc codes.Code
	http int
	is   func(error) bool // nil for OK
}

// codeTable is written down a second time on purpose: a slip in the package's
// own table must not be repeated by its test.
var codeTable = []codeRow{
	{status.OK, "OK", 0, 200, nil},
	{status.Cancelled, "CANCELLED", 1, 499, status.IsCancelled},
	{status.Unknown, "UNKNOWN", 2, 500, status.IsUnknown},
	{status.InvalidArgument, "INVALID_ARGUMENT", 3, 400, status.IsInvalidArgument},
	{status.DeadlineExceeded, "DEADLINE_EXCEEDED", 4, 504, status.IsDeadlineExceeded},
	{status.NotFound, "NOT_FOUND", 5, 404, status.IsNotFound},
	{status.AlreadyExists, "ALREADY_EXISTS", 6, 409, status.IsAlreadyExists},
	{status.PermissionDenied, "PERMISSION_DENIED", 7, 403, status.IsPermissionDenied},
	{status.ResourceExhausted, "RESOURCE_EXHAUSTED", 8, 429, status.IsResourceExhausted},
	{status.FailedPrecondition, "FAILED_PRECONDITION", 9, 400, status.IsFailedPrecondition},
	{status.Aborted, "ABORTED", 10, 409, status.IsAborted},
	{status.OutOfRange, "OUT_OF_RANGE", 11, 400, status.IsOutOfRange},
	{status.Unimplemented, "UNIMPLEMENTED", 12, 501, status.IsUnimplemented},
	{status.Internal, "INTERNAL", 13, 500, status.IsInternal},
	{status.Unavailable, "UNAVAILABLE", 14, 503, status.IsUnavailable},
	{status.DataLoss, "DATA_LOSS", 15, 500, status.IsDataLoss},
	{status.Unauthenticated, "UNAUTHENTICATED", 16, 401, status.IsUnauthenticated},
	{status.Conflict, "CONFLICT", codes.Aborted, 409, status.IsConflict},
}

// errorCodes are the rows of codeTable that an error may have.
var errorCodes = codeTable[1:]
