package httpbridge

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"
)

// Handler returns a handler that calls f, and answers the request with the error
// that f returns, as [Write] does, or with INTERNAL when f panics, as [Recover]
// does.
//
// After the response has started there is no answer to be given any more: the
// error is logged, and the connection is cut, so that the client does not take
// half an answer for a whole one.
func Handler(f func(http.ResponseWriter, *http.Request) error, opts ...ServerOption) http.Handler {
	ew := defaultWriter
	if len(opts) > 0 {
		ew = NewErrorWriter(opts...)
	}
	return ew.Handler(f)
}

// Handler is the function [Handler] with the options of ew.
func (ew *ErrorWriter) Handler(f func(http.ResponseWriter, *http.Request) error) http.Handler {
	if ew == nil {
		ew = defaultWriter
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { ew.serve(w, r, f) })
}

// Recover returns a handler that answers with INTERNAL when next panics; the
// panic and its stack go to the log, and nothing of them to the client.
// [http.ErrAbortHandler] passes: it is no failure but a handler's way of cutting
// the connection. So it is cut when next panics after the response has started.
func Recover(next http.Handler) http.Handler { return defaultWriter.Recover(next) }

// Recover is the function [Recover] with the options of ew.
func (ew *ErrorWriter) Recover(next http.Handler) http.Handler {
	if next == nil {
		return ew.Handler(nil)
	}
	return ew.Handler(func(w http.ResponseWriter, r *http.Request) error {
		next.ServeHTTP(w, r)
		return nil
	})
}

var errNilHandler = errors.New("httpbridge: nil handler")

func (ew *ErrorWriter) serve(w http.ResponseWriter, r *http.Request, f func(http.ResponseWriter, *http.Request) error) {
	if w == nil || r == nil {
		return // no server calls it so
	}
	watched, known := watch(w)
	err := ew.err
	switch {
	case err != nil:
	case f == nil:
		err = errNilHandler
	default:
		err = CatchPanic(func() error { return f(watched, r) })
	}
	if err == nil {
		return
	}
	late := known.started
	if ew.Write(watched, r, err); late {
		abort(r.Context(), known)
	}
}

// abort cuts the connection, after what was written has been sent. Outside of an
// http.Server, which tests of handlers do without, nobody would catch the panic;
// and a connection that was hijacked is not the server's any more.
func abort(ctx context.Context, w *watcher) {
	if ctx.Value(http.ServerContextKey) == nil || w.hijacked {
		return
	}
	_ = http.NewResponseController(w).Flush() // where it cannot be flushed it is cut all the same
	panic(http.ErrAbortHandler)               //nolint:forbidigo // net/http's own protocol
}

// CatchPanic calls f and returns its error. A panic of f is returned as an error
// too, one that every [ErrorWriter] makes INTERNAL, its value and stack for the
// log only; [http.ErrAbortHandler] passes. It is for bridges to frameworks whose
// handlers are not HTTP's.
func CatchPanic(f func() error) (err error) {
	defer func() {
		switch p := recover(); p {
		case nil:
		case http.ErrAbortHandler:
			panic(p) //nolint:forbidigo // net/http's own protocol
		default:
			err = &panicError{p, debug.Stack()}
		}
	}()
	return f()
}

// A panicError is what a handler panicked with. It wraps nothing: whatever the
// value is, a panic is INTERNAL.
type panicError struct {
	value any
	stack []byte
}

func (e *panicError) Error() string { return fmt.Sprint("panic: ", e.value) }

func isPanic(err error) bool {
	_, ok := err.(*panicError) //nolint:errorlint // as CatchPanic returns it
	return ok
}
