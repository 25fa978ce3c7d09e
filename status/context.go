package status

import (
	"context"
	"time"
)

// WithContextError returns a copy through whose chain the error that ended ctx
// is reachable by errors.Is, beside the cause that e has: the context's own
// error and, if it has another, its [context.Cause]. While ctx goes on, e itself
// is returned. A deadline that has passed ends a context even where its timer
// has not noticed yet. Transports call it.
func (e *Error) WithContextError(ctx context.Context) *Error {
	if e == nil || ctx == nil {
		return e
	}
	ended := ctx.Err()
	if deadline, ok := ctx.Deadline(); ended == nil && ok && !time.Now().Before(deadline) {
		ended = context.DeadlineExceeded
	}
	if ended == nil {
		return e
	}
	causes := []error{ended}
	if cause := context.Cause(ctx); cause != nil && cause != ended { //nolint:errorlint // the very same
		causes = append(causes, cause)
	}
	if e.cause != nil {
		causes = append(causes, e.cause)
	}
	return e.WithCause(&contextError{causes})
}

// A contextError is the end of a context and what else there is to say. Its text
// is that of its first cause; [errors.Join] would make it several lines.
type contextError struct{ causes []error }

func (c *contextError) Error() string   { return textOf(c.causes[0]) }
func (c *contextError) Unwrap() []error { return c.causes }
