package status

import (
	"fmt"
	"io"
	"strings"

	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/proto"
)

// Format prints the message for %v and %s, quoted for %q, and for %+v all that
// is known, over several lines: code, message, service code, metadata, delay,
// attempts, origin, HTTP status, details and causes. It is for people: package
// prototext, which writes the details, changes its spaces from build to build.
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
	for _, a := range e.load().others() {
		line("detail "+typeName(a), text(decode(a)))
	}
	for _, lost := range rare.lost {
		line("lost", lost)
	}
	if cause := e.causeText(); cause != "" {
		line("cause", strings.ReplaceAll(cause, "\n", "\n        "))
	}
}

func text(m proto.Message) string { return prototext.MarshalOptions{}.Format(m) }
