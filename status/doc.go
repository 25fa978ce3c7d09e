// Package status is the error model of errwire: one error for every failed call,
// whichever wire it crossed.
//
// An [Error] has a platform [Code] and a message. Some have a [ServiceCode]
// (domain and reason, such as USER_NOT_FOUND of Firebase Auth), metadata, typed
// details, a delay before a retry, and the HTTP response they came from.
//
// # Reading an error
//
// The predicates are safe on nil and on any error, wrapped and joined ones too:
//
//	switch {
//	case err == nil:
//	case auth.IsUserNotFound(err): // a service code
//	case status.IsNotFound(err): // a platform code
//	default:
//		slog.Error("lookup failed", "error", status.FromError(err))
//	}
//
// [FromError] turns any error into an *Error, and [Detail] decodes one detail.
// Nothing is decoded before it is asked for: a predicate allocates nothing, and
// FromError the *Error alone.
//
// # Making an error
//
//	return status.New(status.NotFound, "There is no shelf 42.").
//		WithServiceCode(status.ServiceCode{Domain: "library.example.com", Reason: "SHELF_NOT_FOUND"}).
//		WithMetadata(map[string]string{"shelf": "42"})
//
// A [Code] and a [ServiceCode] are errors too: a handler may return
// status.NotFound. The With methods never fail and never change their receiver;
// a detail that cannot be marshalled is left out and named in the log. What a
// bare ServiceCode means is declared in a catalog, see [Register].
//
// # Invariants
//
//   - CodeOf(err) == FromError(err).Code().
//   - A predicate is true when err is recognised (see [FromError]) and its code
//     is the predicate's. A plain error, such as a programming error, is not
//     recognised: no predicate is true for it, IsUnknown included, although
//     CodeOf answers Unknown.
//   - The nearest code decides. The code of a cause further in is found by
//     errors.Is, not by CodeOf or a predicate.
//   - An error is never OK: OK in a non-nil error is Unknown.
//   - Wrapping an error changes neither its code nor its message.
//   - An *Error never changes, and goroutines may share it. Nothing here panics,
//     whatever error it is given.
//
// # What leaves the process
//
// Code, message, service code, metadata and details leave; a cause, the text
// that wraps an error and the HTTP response never do. [Public] is the rule, for
// servers and for the tests of their handlers.
//
// # On the wire
//
// Over gRPC an Error is a google.rpc.Status whose first detail is a
// google.rpc.ErrorInfo with reason, domain and metadata (AIP-193). A [Conflict]
// is ABORTED with the metadata key platformCode; FromError turns it back, and
// hides the key. Package httpbridge has the REST forms.
package status
