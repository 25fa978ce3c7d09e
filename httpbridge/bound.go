package httpbridge

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"
)

// A bound is the timeout of one attempt. A nil bound is none.
type bound struct {
	timeout time.Duration
	ctx     context.Context //nolint:containedctx // the attempt's own
	cancel  context.CancelCauseFunc
	timer   *time.Timer
}

// errBound is the cause of a context that its bound has ended.
var errBound = errors.New("httpbridge: the attempt's timeout has passed")

// withBound is context.WithTimeout, but that it can be taken off again: the body
// of an answer may take as long as the caller's context allows.
func withBound(ctx context.Context, timeout time.Duration) (context.Context, *bound) {
	if timeout == 0 {
		return ctx, nil
	}
	b := &bound{timeout: timeout}
	b.ctx, b.cancel = context.WithCancelCause(ctx)
	b.timer = time.AfterFunc(timeout, func() { b.cancel(errBound) })
	return b.ctx, b
}

// passed reports whether the attempt ran into its bound, and not into the
// caller's.
func (b *bound) passed() bool {
	return b != nil && context.Cause(b.ctx) == errBound //nolint:errorlint // the very same
}

func (b *bound) end() {
	if b != nil {
		b.timer.Stop()
		b.cancel(nil)
	}
}

// release takes the bound off when the answer is here, and reports whether it
// came in time. The attempt's context goes on until the body is closed.
func (b *bound) release(resp *http.Response) (inTime bool) {
	if b == nil {
		return true
	}
	inTime = b.timer.Stop()
	if resp.Body == nil {
		b.cancel(nil)
		return inTime
	}
	body := &boundBody{resp.Body, b}
	if conn, ok := resp.Body.(io.Writer); ok { // of 101, Switching Protocols
		resp.Body = struct {
			*boundBody
			io.Writer
		}{body, conn}
		return inTime
	}
	resp.Body = body
	return inTime
}

// A boundBody ends the attempt's context when it is closed.
type boundBody struct {
	io.ReadCloser
	bound *bound
}

func (b *boundBody) Close() error {
	defer b.bound.end()
	return b.ReadCloser.Close()
}

// An attemptTimeoutError is that an attempt ran into its bound. What net/http
// says of it is no cause: that somebody cancelled.
type attemptTimeoutError struct{ timeout time.Duration }

func (e *attemptTimeoutError) Error() string {
	return fmt.Sprintf("no answer within the attempt's timeout of %v", e.timeout)
}

// Timeout makes it DEADLINE_EXCEEDED.
func (e *attemptTimeoutError) Timeout() bool { return true }
