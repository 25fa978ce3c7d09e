package httpbridge

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"

	"github.com/errwire/errwire/status"
)

// maxLogText is the most that one text takes in the log.
const maxLogText = 16 << 10

func (ew *ErrorWriter) log() *slog.Logger {
	if ew.logger != nil {
		return ew.logger
	}
	return slog.Default()
}

// logAnswer logs what the caller is not told: panics, the server's own faults and
// failures of its backends. All else is for an access log, which sees the same
// status as the caller.
func (ew *ErrorWriter) logAnswer(r *http.Request, sent *status.Error, cause error) {
	switch sent.Code() { //nolint:exhaustive // the rest is decided below
	case status.Internal, status.Unknown, status.DataLoss:
		ew.logAttrs(r, slog.LevelError, "request failed by a fault of the server", sent, cause)
		return
	case status.Cancelled, status.DeadlineExceeded:
		return
	}
	was, recognised := status.Recognize(cause)
	if recognised && (was.Origin() == status.OriginLocal || was.Origin() == status.OriginIntermediary) {
		ew.logAttrs(r, slog.LevelWarn, "request failed because a backend did not answer", sent, cause)
	}
}

// logLate logs an error that nobody is told.
func (ew *ErrorWriter) logLate(r *http.Request, cause error) {
	ew.logAttrs(r, slog.LevelError, "request failed after its response had started", ew.publish(cause), cause)
}

// logAttrs logs; a log handler that panics costs its line. The error is logged
// with the text of its cause, in bounds.
func (ew *ErrorWriter) logAttrs(r *http.Request, level slog.Level, message string, sent *status.Error, cause error) {
	defer func() { _ = recover() }()
	ctx := context.Background()
	attrs := []slog.Attr{slog.String("code", sent.Code().String())}
	if r != nil {
		ctx = r.Context()
		attrs = append(attrs, slog.String("method", methodOf(r)), slog.String("path", pathOf(r)))
		if id := requestID(r.Header); id != "" {
			attrs = append(attrs, slog.String("request_id", id))
		}
	}
	if p, ok := cause.(*panicError); ok { //nolint:errorlint // as in isPanic
		attrs = append(attrs, slog.String("panic", cut(fmt.Sprint(p.value))), slog.String("stack", cut(string(p.stack))))
	} else {
		attrs = append(attrs, slog.String("error_type", fmt.Sprintf("%T", cause)),
			slog.Any("error", status.FromError(cause)))
	}
	ew.log().LogAttrs(ctx, level, message, attrs...) //nolint:sloglint // one of the three above
}

// pathOf is the pattern of the route, which has no names of users in it, or else
// the path. The query may hold keys.
func pathOf(r *http.Request) string {
	switch {
	case r.Pattern != "":
		return cut(r.Pattern)
	case r.URL != nil:
		return cut(r.URL.Path)
	default:
		return ""
	}
}

func cut(text string) string { return text[:min(len(text), maxLogText)] }

// requestID is the id by which caller and operator can speak of a request: its
// X-Request-Id or the trace id of its traceparent (W3C Trace Context), as long as
// it cannot forge a log line.
func requestID(header http.Header) string {
	const maxID, version, traceID = 128, len("00-"), 32
	id := header.Get("X-Request-Id")
	if parent := header.Get("Traceparent"); id == "" && len(parent) > version+traceID {
		id = parent[version : version+traceID]
	}
	if len(id) > maxID || !isQuotable(id) {
		return ""
	}
	return id
}
