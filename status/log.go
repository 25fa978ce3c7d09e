package status

import (
	"log/slog"
	"maps"
	"slices"
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
