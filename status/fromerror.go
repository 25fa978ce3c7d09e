package status

// FromError returns err as an *Error. It is total: nil gives nil, everything
// else a non-nil *Error, and nothing panics.
//
// What err is, is said by the nearest error in its tree that is an *Error, a
// bare [Code] or [ServiceCode], or has a gRPC status; the message is that
// error's own, without the text that wrapped it. If there is none, the nearest
// sign of trouble on this side decides: the end of a context, a timeout, a
// connection that was refused or broke, a name that does not resolve, a
// certificate that does not hold. Everything else is [Unknown].
//
// The walk goes from the outside in, and through joined errors from the first
// to the last. The result's chain goes on with err, so errors.Is and errors.As
// find all that they found before. An err that is itself an *Error is returned
// as it is.
func FromError(err error) *Error {
	e, _ := Recognize(err)
	return e
}

// Recognize is [FromError] that also tells whether err was recognised. An error
// that is not, such as a plain [errors.New], is nobody's API error: no
// predicate is true for it, and the *Error returned for it is Unknown.
// For nil it answers nil, false.
func Recognize(err error) (*Error, bool) {
	if err == nil {
		return nil, false
	}
	if e, ok := err.(*Error); ok && e != nil { //nolint:errorlint // the very error, not one that wraps it
		return e, true
	}
	var f finding
	f.find(err)
	switch {
	case f.err != nil:
		return f.err.WithCause(err), true
	case f.bare:
		e := New(f.code, "")
		e.cause = err
		return e, true
	case f.grpc != nil:
		e := fromGRPC(f.grpc)
		e.cause = err
		return e, true
	case f.service != (ServiceCode{}):
		e := f.service.newError()
		e.cause = err
		return e, true
	default:
		e := New(f.codeOf(), textOf(err))
		e.cause, e.origin = err, OriginLocal
		return e, f.recognised()
	}
}

// CodeOf returns the code of err, as FromError(err).Code() does, without
// building an Error: OK for nil, Unknown for what is not recognised.
func CodeOf(err error) Code {
	if err == nil {
		return OK
	}
	var f finding
	f.find(err)
	return f.codeOf()
}
