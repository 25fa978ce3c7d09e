package status

// has reports whether err is recognised and its code is the given one.
func has(err error, code Code) bool {
	if err == nil {
		return false
	}
	var f finding
	f.find(err)
	return f.recognised() && f.codeOf() == code
}

// IsCancelled reports whether err is CANCELLED: the caller gave up.
func IsCancelled(err error) bool { return has(err, Cancelled) }

// IsUnknown reports whether err is an API error with the code UNKNOWN. A plain
// Go error is not an API error, and not this either.
func IsUnknown(err error) bool { return has(err, Unknown) }

// IsInvalidArgument reports whether err is INVALID_ARGUMENT.
func IsInvalidArgument(err error) bool { return has(err, InvalidArgument) }

// IsDeadlineExceeded reports whether err is DEADLINE_EXCEEDED: time ran out.
func IsDeadlineExceeded(err error) bool { return has(err, DeadlineExceeded) }

// IsNotFound reports whether err is NOT_FOUND.
func IsNotFound(err error) bool { return has(err, NotFound) }

// IsAlreadyExists reports whether err is ALREADY_EXISTS.
func IsAlreadyExists(err error) bool { return has(err, AlreadyExists) }

// IsPermissionDenied reports whether err is PERMISSION_DENIED: the caller is
// known and may not.
func IsPermissionDenied(err error) bool { return has(err, PermissionDenied) }

// IsResourceExhausted reports whether err is RESOURCE_EXHAUSTED: a quota is used
// up.
func IsResourceExhausted(err error) bool { return has(err, ResourceExhausted) }

// IsFailedPrecondition reports whether err is FAILED_PRECONDITION.
func IsFailedPrecondition(err error) bool { return has(err, FailedPrecondition) }

// IsAborted reports whether err is ABORTED. A [Conflict] is not, though it
// crosses gRPC as one.
func IsAborted(err error) bool { return has(err, Aborted) }

// IsOutOfRange reports whether err is OUT_OF_RANGE.
func IsOutOfRange(err error) bool { return has(err, OutOfRange) }

// IsUnimplemented reports whether err is UNIMPLEMENTED.
func IsUnimplemented(err error) bool { return has(err, Unimplemented) }

// IsInternal reports whether err is INTERNAL.
func IsInternal(err error) bool { return has(err, Internal) }

// IsUnavailable reports whether err is UNAVAILABLE: the service cannot be
// reached or is not ready.
func IsUnavailable(err error) bool { return has(err, Unavailable) }

// IsDataLoss reports whether err is DATA_LOSS.
func IsDataLoss(err error) bool { return has(err, DataLoss) }

// IsUnauthenticated reports whether err is UNAUTHENTICATED: there are no valid
// credentials.
func IsUnauthenticated(err error) bool { return has(err, Unauthenticated) }

// IsConflict reports whether err is CONFLICT. ALREADY_EXISTS and ABORTED, which
// share its HTTP status, have predicates of their own.
func IsConflict(err error) bool { return has(err, Conflict) }
