package interceptors

import (
	"strconv"
	"time"

	"google.golang.org/grpc/metadata"
)

// pushbackKey is the trailer by which a server of any language tells a gRPC
// client when to come back (gRFC A6).
const pushbackKey = "grpc-retry-pushback-ms"

// pushback reads the trailer. ok is false when there is none. A negative value,
// one that is not an int32, or more than one value mean: no retry.
func pushback(trailer metadata.MD) (delay time.Duration, refused, ok bool) {
	values := trailer[pushbackKey]
	if len(values) == 0 {
		return 0, false, false
	}
	ms, err := strconv.ParseInt(values[0], 10, 32)
	if err != nil || ms < 0 || len(values) > 1 {
		return 0, true, true
	}
	return time.Duration(ms) * time.Millisecond, false, true
}
