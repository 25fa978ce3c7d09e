package interceptors

import (
	"context"
	"math"
	"math/rand/v2"
	"strconv"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	"github.com/errwire/errwire/status"
)

// mirrorDelay tells the delay that e asks for to gRPC clients that do not know
// google.rpc.RetryInfo, by the trailer that all of them obey (gRFC A6). It is a
// trailer and never a header: a header would keep native clients from retrying
// at all.
//
// Two such trailers stop a client as well, so one that is there already (from a
// proxy's handler that copies its backend's trailers, or from the inner one of
// two of these interceptors) stays the only one.
func mirrorDelay(ctx context.Context, e *status.Error) {
	delay, ok := e.RetryDelay()
	if !ok || delay == 0 { // no delay is no reason to drop a client's own backoff
		return
	}
	stream := grpc.ServerTransportStreamFromContext(ctx)
	if stream == nil {
		return
	}
	if sent, ok := stream.(interface{ Trailer() metadata.MD }); ok && len(sent.Trailer()[pushbackKey]) > 0 {
		return
	}
	// It fails only once the status has left.
	_ = stream.SetTrailer(metadata.Pairs(pushbackKey, pushbackValue(delay, rand.Float64())))
}

// pushbackSpread is how much longer than asked a client is told to wait, at
// most. Native clients wait for just as long as they are told; without a spread
// a fleet that was shed together would come back together.
const pushbackSpread = 0.2

// pushbackValue is the delay in whole milliseconds, longer by a random part of
// the spread: never shorter than asked, and within an int32.
func pushbackValue(delay time.Duration, random float64) string {
	ms := math.Ceil(float64(delay) / float64(time.Millisecond) * (1 + pushbackSpread*random))
	return strconv.FormatInt(int64(min(ms, math.MaxInt32)), 10)
}
