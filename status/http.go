package status

// codeOfHTTP says what an HTTP error status means when the body says nothing
// better. Statuses that are not listed are Unknown.
var codeOfHTTP = map[int]Code{
	400: InvalidArgument,
	401: Unauthenticated,
	402: FailedPrecondition,
	403: PermissionDenied,
	404: NotFound,
	405: Unimplemented,
	408: DeadlineExceeded,
	409: Conflict,
	410: NotFound,
	412: FailedPrecondition,
	416: OutOfRange,
	422: InvalidArgument,
	429: ResourceExhausted,
	499: Cancelled,
	500: Internal,
	501: Unimplemented,
	502: Unavailable,
	503: Unavailable,
	504: DeadlineExceeded,
}

// FromHTTPStatus returns the code that an HTTP status stands for when the body
// says nothing better: OK for 200 to 299, the code of the table in the README
// for the error statuses in it, and Unknown for the rest.
//
// It is the table for REST answers. What a proxy answers to a gRPC call is
// mapped by grpc-go, by the gRPC project's http-grpc-status-mapping.
func FromHTTPStatus(httpStatus int) Code {
	if 200 <= httpStatus && httpStatus < 300 {
		return OK
	}
	if code, ok := codeOfHTTP[httpStatus]; ok {
		return code
	}
	return Unknown
}
