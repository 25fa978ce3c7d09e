package status

import (
	"fmt"
	"io"
	"log/slog"
	"maps"
	"slices"
	"strings"

	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/proto"
)

// LogValue makes an error a group in slog, with these keys, each only where
// there is something to say but the first two:
//
//	code           "NOT_FOUND"
//	message        the message
//	domain, reason the service code
//	metadata       a group of the metadata
//	retry_delay    how long the server asks to wait
//	attempts       how many attempts were made
//	retry_stopped  why there were no more, such as "budget_exhausted"
//	origin         "SERVICE", "INTERMEDIARY" or "LOCAL"
//	http_status    of the HTTP response
//	cause          the text of the cause, if it says more than the message
//	lost_details   details that could not be marshalled
//
// A cause's text is for the log of the process that made it; it never leaves
// over a wire.
func (e *Error) LogValue() slog.Value {
	if e == nil {
		return slog.Value{}
	}
	attrs := []slog.Attr{slog.String("code", e.Code().String()), slog.String("message", e.Message())}
	if service := e.ServiceCode(); service != (ServiceCode{}) {
		attrs = append(attrs, slog.String("domain", service.Domain), slog.String("reason", service.Reason))
	}
	if metadata := e.Metadata(); metadata != nil {
		attrs = append(attrs, slog.Attr{Key: "metadata", Value: metadataValue(metadata)})
	}
	if delay, ok := e.RetryDelay(); ok {
		attrs = append(attrs, slog.Duration("retry_delay", delay))
	}
	if e.attempts > 0 {
		attrs = append(attrs, slog.Int("attempts", e.Attempts()))
	}
	rare := e.rarely()
	if rare.stopped != "" {
		attrs = append(attrs, slog.String("retry_stopped", rare.stopped))
	}
	if origin := e.Origin(); origin != OriginUnspecified {
		attrs = append(attrs, slog.String("origin", origin.String()))
	}
	if rare.response != nil {
		attrs = append(attrs, slog.Int("http_status", rare.response.http.StatusCode))
	}
	if cause := e.causeText(); cause != "" {
		attrs = append(attrs, slog.String("cause", cause))
	}
	if len(rare.lost) > 0 {
		attrs = append(attrs, slog.Any("lost_details", slices.Clone(rare.lost)))
	}
	return slog.GroupValue(attrs...)
}

func metadataValue(metadata map[string]string) slog.Value {
	attrs := make([]slog.Attr, 0, len(metadata))
	for _, key := range slices.Sorted(maps.Keys(metadata)) {
		attrs = append(attrs, slog.String(key, metadata[key]))
	}
	return slog.GroupValue(attrs...)
}

// Format prints the message for %v and %s, quoted for %q, and for %+v all that
// is known, over several lines: code, message, service code, metadata, delay,
// attempts, origin, HTTP status, details and causes.
func (e *Error) Format(f fmt.State, verb rune) {
	switch {
	case e == nil:
		_, _ = io.WriteString(f, "<nil>")
	case verb == 'v' && f.Flag('+'):
		e.dump(f)
	case verb == 'v' || verb == 's' || verb == 'q' || verb == 'x' || verb == 'X':
		_, _ = fmt.Fprintf(f, fmt.FormatString(f, verb), e.Message())
	default:
		_, _ = fmt.Fprintf(f, "%%!%c(*status.Error=%s)", verb, e.Message())
	}
}

func (e *Error) dump(w io.Writer) {
	line := func(label string, value any) { _, _ = fmt.Fprintf(w, "\n    %s: %v", label, value) }
	rare := e.rarely()
	_, _ = fmt.Fprintf(w, "%v: %s", e.Code(), e.Message())
	if service := e.ServiceCode(); service != (ServiceCode{}) {
		line("service code", service)
	}
	if metadata := e.Metadata(); metadata != nil {
		line("metadata", metadata)
	}
	if delay, ok := e.RetryDelay(); ok {
		line("retry delay", delay)
	}
	if e.attempts > 0 {
		line("attempts", strings.TrimSpace(fmt.Sprint(e.attempts, " ", rare.stopped)))
	}
	if origin := e.Origin(); origin != OriginUnspecified {
		line("origin", origin)
	}
	if rare.response != nil {
		line("HTTP status", rare.response.http.Status)
	}
	for _, a := range e.load() {
		if !isA(a, errorInfoName) && !isA(a, retryInfoName) {
			line("detail "+typeName(a), text(decode(a)))
		}
	}
	for _, lost := range rare.lost {
		line("lost", lost)
	}
	if cause := e.causeText(); cause != "" {
		line("cause", strings.ReplaceAll(cause, "\n", "\n        "))
	}
}

// causeText is the text of the cause, as long as a message may be; "" when it
// says nothing that the message does not.
func (e *Error) causeText() string {
	if e.cause == nil {
		return ""
	}
	text := messageOr(textOf(e.cause), e.Code())
	if text == e.Message() || text == e.GRPCStatus().String() {
		return ""
	}
	return text
}

func text(m proto.Message) string { return prototext.MarshalOptions{}.Format(m) }
