package status

import (
	"fmt"

	"google.golang.org/grpc/codes"
	grpcstatus "google.golang.org/grpc/status"
)

// A Code is a platform error code: one of the 16 error codes of google.rpc.Code,
// under the same numbers, or [Conflict].
//
// A Code is an error sentinel, as [syscall.Errno] is: errors.Is(err,
// status.NotFound) asks whether NOT_FOUND is anywhere in the chain of err, and a
// gRPC handler may simply return status.NotFound. To ask what err itself is, use
// a predicate such as [IsNotFound], or [CodeOf].
type Code int32

// The platform error codes. The comments say when a service returns them; the
// full definitions are google.rpc.Code's.
const (
	// OK is no error. No [Error] ever has it.
	OK Code = iota
	// Cancelled: the caller gave up before the call was over.
	Cancelled
	// Unknown: nothing better is known.
	Unknown
	// InvalidArgument: the request is wrong whatever the state of the system.
	InvalidArgument
	// DeadlineExceeded: time ran out. The call may have had its effect.
	DeadlineExceeded
	// NotFound: what was asked for does not exist.
	NotFound
	// AlreadyExists: what was to be created exists.
	AlreadyExists
	// PermissionDenied: the caller is known and may not do this.
	PermissionDenied
	// ResourceExhausted: a quota or a resource is used up.
	ResourceExhausted
	// FailedPrecondition: the system is not in the state that the call needs.
	FailedPrecondition
	// Aborted: a concurrent change got in the way; retry at a higher level.
	Aborted
	// OutOfRange: the request went past a valid range.
	OutOfRange
	// Unimplemented: the service does not do this.
	Unimplemented
	// Internal: an invariant of the system is broken.
	Internal
	// Unavailable: the service cannot be reached or is not ready; retry the call.
	Unavailable
	// DataLoss: data are lost or corrupt beyond repair.
	DataLoss
	// Unauthenticated: there are no valid credentials.
	Unauthenticated
	// Conflict: a concurrent change got in the way, as an HTTP 409 says without
	// saying more. It is the platform's own code: gRPC has no number for it, and
	// carries it as ABORTED (see the package comment).
	Conflict
)

// codeTable is the one source of what is known of each code, indexed by it.
// HTTP statuses are those of google.rpc.Code; message is what an error of this
// code says when nobody said anything, and what leaves a server when the real
// message must not.
var codeTable = [...]struct {
	name    string
	grpc    codes.Code
	http    int
	message string
}{
	OK:                 {"OK", codes.OK, 200, "OK"},
	Cancelled:          {"CANCELLED", codes.Canceled, 499, "The request was cancelled."},
	Unknown:            {"UNKNOWN", codes.Unknown, 500, "An unknown error occurred."},
	InvalidArgument:    {"INVALID_ARGUMENT", codes.InvalidArgument, 400, "The request has an invalid argument."},
	DeadlineExceeded:   {"DEADLINE_EXCEEDED", codes.DeadlineExceeded, 504, "The request took too long."},
	NotFound:           {"NOT_FOUND", codes.NotFound, 404, "The requested resource was not found."},
	AlreadyExists:      {"ALREADY_EXISTS", codes.AlreadyExists, 409, "The resource already exists."},
	PermissionDenied:   {"PERMISSION_DENIED", codes.PermissionDenied, 403, "The caller does not have permission."},
	ResourceExhausted:  {"RESOURCE_EXHAUSTED", codes.ResourceExhausted, 429, "A quota or resource is exhausted."},
	FailedPrecondition: {"FAILED_PRECONDITION", codes.FailedPrecondition, 400, "The system is not in the state that this request needs."},
	Aborted:            {"ABORTED", codes.Aborted, 409, "The request was aborted by a concurrent change."},
	OutOfRange:         {"OUT_OF_RANGE", codes.OutOfRange, 400, "The request goes past the valid range."},
	Unimplemented:      {"UNIMPLEMENTED", codes.Unimplemented, 501, "The service does not offer this operation."},
	Internal:           {"INTERNAL", codes.Internal, 500, "An internal error occurred."},
	Unavailable:        {"UNAVAILABLE", codes.Unavailable, 503, "The service is unavailable."},
	DataLoss:           {"DATA_LOSS", codes.DataLoss, 500, "Data are lost or corrupt."},
	Unauthenticated:    {"UNAUTHENTICATED", codes.Unauthenticated, 401, "The request has no valid credentials."},
	Conflict:           {"CONFLICT", codes.Aborted, 409, "The request conflicts with the current state."},
}

// codeByName is codeTable turned round, with the one other spelling that is
// about.
var codeByName = func() map[string]Code {
	byName := make(map[string]Code, len(codeTable)+1)
	for code, row := range codeTable {
		byName[row.name] = Code(code)
	}
	byName["CANCELED"] = Cancelled
	return byName
}()

// valid reports whether c is one of the declared codes.
func (c Code) valid() bool { return c >= 0 && int(c) < len(codeTable) }

// known is c, or Unknown for a number that no code has.
func (c Code) known() Code {
	if c.valid() {
		return c
	}
	return Unknown
}

// failure is c as an error may have it: OK and numbers that no code has are
// Unknown.
func (c Code) failure() Code {
	if c == OK {
		return Unknown
	}
	return c.known()
}

// String returns the name of c as google.rpc.Code spells it, such as
// "NOT_FOUND" or "CANCELLED", and "Code(99)" for a number that no code has.
func (c Code) String() string {
	if c.valid() {
		return codeTable[c].name
	}
	return fmt.Sprintf("Code(%d)", int32(c))
}

// Error makes a Code an error; it returns the name, as String does.
func (c Code) Error() string { return c.String() }

// GRPC returns the gRPC code that carries c: the same number, ABORTED for
// Conflict, and UNKNOWN for a number that no code has.
func (c Code) GRPC() codes.Code { return codeTable[c.known()].grpc }

// GRPCStatus makes grpc-go send c, with its DefaultMessage, for a handler that
// returns it. As in every error, OK is UNKNOWN.
func (c Code) GRPCStatus() *grpcstatus.Status { return New(c, "").GRPCStatus() }

// HTTPStatus returns the HTTP status that google.rpc.Code maps c to, 409 for
// Conflict, and 500 for a number that no code has.
func (c Code) HTTPStatus() int { return codeTable[c.known()].http }

// DefaultMessage returns the fixed English text for c. It is what an error says
// when nobody gave it a message, and what a client reads when the real message
// must not leave the process (see [Public]).
func (c Code) DefaultMessage() string { return codeTable[c.known()].message }

// FromGRPC returns the platform code for a gRPC code. Codes outside google.rpc.Code
// are Unknown.
func FromGRPC(c codes.Code) Code {
	if c > codes.Unauthenticated {
		return Unknown
	}
	return Code(c)
}

// ParseCode returns the code of a name such as "NOT_FOUND". Both "CANCELLED"
// and "CANCELED" are [Cancelled]. For a name that no code has it answers
// Unknown and false.
func ParseCode(name string) (Code, bool) {
	if code, ok := codeByName[name]; ok {
		return code, true
	}
	return Unknown, false
}
