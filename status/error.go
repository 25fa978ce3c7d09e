package status

import (
	"fmt"
	"math"
	"sync/atomic"

	grpcstatus "google.golang.org/grpc/status"
)

// An Error is one failed call: a platform code, a message and, where they are
// known, a service code, metadata, details and the HTTP response.
//
// It is immutable and safe for concurrent use; the With methods return changed
// copies. Every method answers for a nil *Error, with the zero value; the zero
// Error is [Unknown], as an error is never OK. Do not copy the struct.
type Error struct { // 80 bytes, and the next size that Go has memory for is 96
	code     int8 // a Code
	origin   Origin
	attempts int32
	message  string
	cause    error
	rare     *rare

	// An error that came over gRPC has the details of the status it came with,
	// one that was made here its own, or none.
	received *grpcstatus.Status
	made     *made

	// What is decoded or built when it is first asked for.
	service atomic.Pointer[ServiceCode]
	status  atomic.Pointer[grpcstatus.Status]
}

// rare is what few errors have. It is not changed once it is in an Error.
type rare struct {
	stopped  string // why a retry loop stopped, for the log
	response *response
	lost     []string // what could not be marshalled, for the log
}

// New returns an error of the given code. OK and numbers that no code has are
// [Unknown]: an error is never OK. An empty message becomes the code's
// [Code.DefaultMessage]; one of more than 16 KiB is cut, on a rune, and bytes
// that are not UTF-8 are replaced.
func New(code Code, message string) *Error {
	e := new(Error) // here, and filled elsewhere: see WithServiceCode
	e.set(code, message)
	return e
}

func (e *Error) set(code Code, message string) {
	code = code.failure()
	e.code = int8(code) //nolint:gosec // there are 18
	e.message = messageOr(message, code)
}

// Newf is [New] with a message made by [fmt.Errorf]: %w keeps its argument as
// the cause, and the cause's text in the message. The message leaves the
// process; use [Error.WithCause] for a cause whose text must not.
func Newf(code Code, format string, args ...any) (e *Error) {
	defer func() {
		if recover() != nil { // fmt survives an argument that panics, but not one that panics with such an argument
			e = New(code, format)
		}
	}()
	err := fmt.Errorf(format, args...)
	e = New(code, err.Error())
	switch wrapper := err.(type) { //nolint:errorlint // fmt's own wrapper is what is asked for
	case interface{ Unwrap() error }:
		e.cause = wrapper.Unwrap()
	case interface{ Unwrap() []error }:
		e.cause = err
	}
	return e
}

// Error returns the message, and nothing more.
func (e *Error) Error() string { return e.Message() }

// Message returns the message. Only a nil *Error has an empty one.
func (e *Error) Message() string {
	switch {
	case e == nil:
		return ""
	case e.message == "": // the zero Error
		return Unknown.DefaultMessage()
	default:
		return e.message
	}
}

// Code returns the platform code; OK for a nil *Error only.
func (e *Error) Code() Code {
	switch {
	case e == nil:
		return OK
	case e.code == int8(OK): // the zero Error
		return Unknown
	default:
		return Code(e.code)
	}
}

// Origin says who made the error.
func (e *Error) Origin() Origin {
	if e == nil {
		return OriginUnspecified
	}
	if e.origin == originOfItsText {
		return originOfText(e.message)
	}
	return e.origin
}

// Attempts returns how many attempts were made at the call, the first included;
// 0 when the error did not pass a retry loop.
func (e *Error) Attempts() int {
	if e == nil {
		return 0
	}
	return int(e.attempts)
}

// Unwrap returns the cause, or nil.
func (e *Error) Unwrap() error {
	if e == nil {
		return nil
	}
	return e.cause
}

// Is lets [errors.Is] compare e with a sentinel: a [Code], a [ServiceCode], or
// an *Error, which matches by its service code or, if it has none, when the two
// are [Equal].
func (e *Error) Is(target error) bool {
	if e == nil {
		return false
	}
	switch target := target.(type) {
	case Code:
		return e.Code() == target
	case ServiceCode:
		return target != (ServiceCode{}) && e.ServiceCode() == target
	case *Error:
		if target == nil {
			return false
		}
		if service := target.ServiceCode(); service != (ServiceCode{}) {
			return e.ServiceCode() == service
		}
		return Equal(e, target)
	default:
		return false
	}
}

// copy returns a copy of e for a With method to change.
func (e *Error) copy() *Error {
	c := new(Error)
	c.copyOf(e)
	return c
}

func (e *Error) copyOf(original *Error) {
	e.copyPlain(original)
	e.received, e.made = original.received, original.made
	e.service.Store(original.service.Load())
	e.status.Store(original.status.Load())
}

// copyPlain copies all but the details. It leaves what is atomic alone: an error
// of which an atomic member is used cannot stay on the stack.
func (e *Error) copyPlain(original *Error) {
	e.code, e.origin, e.attempts = original.code, original.origin, original.attempts
	e.message, e.cause, e.rare = original.message, original.cause, original.rare
}

// rarely returns a copy of what e has of the rare.
func (e *Error) rarely() rare {
	if e.rare == nil {
		return rare{}
	}
	return *e.rare
}

// WithCause returns a copy whose chain goes on with err: [errors.Is] and
// [errors.As] reach it, and its text never leaves the process.
func (e *Error) WithCause(err error) *Error {
	if e == nil {
		return nil
	}
	c := e.copy()
	c.cause = err
	return c
}

// WithOrigin returns a copy that says who made it. Transports call it; a value
// that is no Origin is OriginUnspecified.
func (e *Error) WithOrigin(origin Origin) *Error {
	if e == nil {
		return nil
	}
	if origin < OriginUnspecified || origin > OriginLocal {
		origin = OriginUnspecified
	}
	c := e.copy()
	c.origin = origin
	return c
}

// WithAttempts returns a copy that says how many attempts were made at the call
// and, for [Error.LogValue], why there were no more: a short constant such as
// "budget_exhausted", or "". Retry loops call it.
func (e *Error) WithAttempts(attempts int, stopped string) *Error {
	if e == nil {
		return nil
	}
	c := e.copy()
	c.attempts = int32(min(max(attempts, 0), math.MaxInt32))
	if e.rarely().stopped != stopped {
		r := e.rarely()
		r.stopped = stopped
		c.rare = &r
	}
	return c
}

var _ interface {
	error
	Is(error) bool
	Unwrap() error
	GRPCStatus() *grpcstatus.Status
	fmt.Formatter
} = (*Error)(nil)
