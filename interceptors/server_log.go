package interceptors

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
	"slices"

	"github.com/grpc-ecosystem/go-grpc-middleware/v2/interceptors/recovery"

	"github.com/errwire/errwire/status"
)

const (
	maxLogText  = 16 << 10 // the most that one text takes in the log
	maxLogLinks = 100      // of a tree; one that runs in a circle has no end
)

func (s *server) log() *slog.Logger {
	if s.logger != nil {
		return s.logger
	}
	return slog.Default()
}

// logAnswer logs what the caller is not told: panics, the server's own faults,
// failures of its backends, and what a status lost to its limit. All else is for
// a logging interceptor, which sees the same status as the caller.
func (s *server) logAnswer(call *failedCall, e *status.Error, lost []string) {
	attrs := append(call.attrs(), slog.String("code", e.Code().String()))
	if len(lost) > 0 {
		s.logAttrs(call.ctx, slog.LevelWarn, "status trimmed to its size limit", append(slices.Clip(attrs),
			slog.Any("lost", lost), slog.Int("limit", s.maxStatusSize), slog.Uint64("trimmed_total", TrimmedStatuses()))...)
	}
	if level, message := judge(call.cause, e.Code()); message != "" {
		s.logAttrs(call.ctx, level, message, append(attrs, describe(call.cause)...)...)
	}
}

// attrs say which call a log line is about.
func (call *failedCall) attrs() []slog.Attr {
	attrs := []slog.Attr{slog.String("method", cutText(call.method, maxLogText))}
	if call.requestID != "" {
		attrs = append(attrs, slog.String("request_id", call.requestID))
	}
	return attrs
}

// judge says how a failure is logged, or "" if it is not.
func judge(cause error, sent status.Code) (slog.Level, string) {
	switch sent { //nolint:exhaustive // the rest is decided below
	case status.Internal, status.Unknown, status.DataLoss:
		if panicked(cause) {
			return slog.LevelError, "handler panicked"
		}
		return slog.LevelError, "call failed by a fault of the server"
	case status.Cancelled, status.DeadlineExceeded:
		return 0, ""
	}
	was, recognised := status.Recognize(cause)
	if recognised && (was.Origin() == status.OriginLocal || was.Origin() == status.OriginIntermediary) {
		return slog.LevelWarn, "call failed because a backend did not answer"
	}
	return 0, ""
}

// describe is all that the server knows of an error: its text with that of all
// that wraps it, the text of a cause that was kept apart, and of a panic the
// stack.
func describe(cause error) []slog.Attr {
	if p, ok := cause.(*recovery.PanicError); ok { //nolint:errorlint // as in panicked
		return []slog.Attr{slog.String("panic", sprint(p.Panic)), slog.String("stack", cutText(string(p.Stack), maxLogText))}
	}
	attrs := []slog.Attr{slog.String("error", errorText(cause)), slog.String("error_type", fmt.Sprintf("%T", cause))}
	if text := hiddenCause(cause); text != "" {
		attrs = append(attrs, slog.String("cause", text))
	}
	return attrs
}

// hiddenCause is the text of what the first *status.Error with a cause in the
// tree of err keeps to itself.
func hiddenCause(err error) (text string) {
	defer func() { _ = recover() }() // of somebody else's Unwrap
	tree := []error{err}
	for links := 0; len(tree) > 0 && links < maxLogLinks; links++ {
		err, tree = tree[0], tree[1:]
		switch e := err.(type) { //nolint:errorlint // link by link, within bounds
		case *status.Error:
			if cause := e.Unwrap(); cause != nil {
				return errorText(cause)
			}
		case interface{ Unwrap() error }:
			tree = slices.Insert(tree, 0, e.Unwrap())
		case interface{ Unwrap() []error }:
			tree = slices.Insert(tree, 0, e.Unwrap()...)
		}
	}
	return ""
}

// errorText is err.Error() within bounds; a method that panics costs the text.
func errorText(err error) (text string) {
	defer func() {
		if p := recover(); p != nil {
			text = fmt.Sprintf("no text: Error of %T panicked", err)
		}
	}()
	return cutText(err.Error(), maxLogText)
}

func (s *server) logCallbackPanic(call *failedCall, what string, p any) {
	s.logAttrs(call.ctx, slog.LevelError, "function of the service panicked", append(call.attrs(),
		slog.String("function", what),
		slog.String("panic", sprint(p)),
		slog.String("stack", cutText(string(debug.Stack()), maxLogText)))...)
}

// logAttrs logs; a log handler that panics costs its line.
func (s *server) logAttrs(ctx context.Context, level slog.Level, message string, attrs ...slog.Attr) {
	defer func() { _ = recover() }()
	s.log().LogAttrs(ctx, level, message, attrs...) //nolint:sloglint // a constant of whoever calls
}

// sprint is fmt.Sprint within bounds. That survives values that panic, but not
// those that panic with another of their kind.
func sprint(v any) (text string) {
	defer func() {
		if recover() != nil {
			text = fmt.Sprintf("no text: %T panicked", v)
		}
	}()
	return cutText(fmt.Sprint(v), maxLogText)
}
