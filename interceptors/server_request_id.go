package interceptors

import (
	"encoding/hex"
	"strings"

	"google.golang.org/grpc/metadata"
)

// maxRequestID is the longest id that is taken from a caller: it goes into every
// log line and back to the caller.
const maxRequestID = 128

// findRequestID returns the id by which caller and operator can speak of one
// request, or "".
func (s *server) findRequestID(call *failedCall) string {
	if s.requestID != nil {
		var id string
		s.guard(call, "request id", func() { id = s.requestID(call.ctx) })
		if isRequestID(id) {
			return id
		}
	}
	for _, source := range requestIDSources {
		for _, value := range metadata.ValueFromIncomingContext(call.ctx, source.key) {
			if id := source.read(value); isRequestID(id) {
				return id
			}
		}
	}
	return ""
}

// requestIDSources are the metadata that name a request, the best first.
var requestIDSources = []struct {
	key  string
	read func(value string) string
}{
	{"x-request-id", strings.TrimSpace},
	{"traceparent", traceparentID},
	{"grpc-trace-bin", binaryTraceID},
}

// isRequestID wants printable ASCII without blanks: whatever a caller sends must
// not be able to forge a log line.
func isRequestID(id string) bool {
	if id == "" || len(id) > maxRequestID {
		return false
	}
	for i := range len(id) {
		if id[i] <= ' ' || id[i] > '~' {
			return false
		}
	}
	return true
}

// traceparentID is the trace id of a W3C Trace Context header:
// version "-" trace-id "-" parent-id "-" flags, in lower-case hex.
func traceparentID(value string) string {
	const version, traceID = 2, 32
	parts := strings.Split(value, "-")
	if len(parts) < 4 || len(parts[0]) != version || len(parts[1]) != traceID {
		return ""
	}
	return nonZeroHex(parts[1])
}

// binaryTraceID is the trace id of gRPC's own form of a trace context: version
// 0, then field 0, the id of 16 bytes.
func binaryTraceID(value string) string {
	const prefix, traceID = "\x00\x00", 16
	rest, ok := strings.CutPrefix(value, prefix)
	if !ok || len(rest) < traceID {
		return ""
	}
	return nonZeroHex(hex.EncodeToString([]byte(rest[:traceID])))
}

func nonZeroHex(id string) string {
	if strings.Trim(id, "0123456789abcdef") != "" || strings.Trim(id, "0") == "" {
		return ""
	}
	return id
}
