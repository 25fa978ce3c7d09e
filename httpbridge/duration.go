package httpbridge

import (
	"errors"
	"strconv"
	"strings"
	"time"

	"google.golang.org/protobuf/types/known/durationpb"
)

// maxSeconds is the most that a google.protobuf.Duration may have, ten thousand
// years; what is more becomes that.
const maxSeconds = 315_576_000_000

// readDuration reads a google.protobuf.Duration: "1.500s", or an object of
// seconds and nanos. One that is too large is the largest there is.
func readDuration(v value) (*durationpb.Duration, bool) {
	if v.isString() {
		return parseDuration(v.string())
	}
	seconds, ok := v.get("seconds").integer()
	nanos, okNanos := v.get("nanos").integer()
	if !ok && !okNanos {
		return nil, false
	}
	return newDuration(seconds, nanos)
}

func parseDuration(text string) (*durationpb.Duration, bool) {
	number, ok := strings.CutSuffix(text, "s")
	if !ok {
		return nil, false
	}
	number, negative := strings.CutPrefix(number, "-")
	whole, fraction, hasFraction := strings.Cut(number, ".")
	seconds, err := strconv.ParseUint(whole, 10, 63)
	if err != nil && !errors.Is(err, strconv.ErrRange) {
		return nil, false
	}
	if hasFraction && (fraction == "" || len(fraction) > 9) {
		return nil, false
	}
	nanos, err := strconv.ParseUint((fraction + "000000000")[:9], 10, 32)
	if err != nil {
		return nil, false
	}
	if negative {
		return newDuration(-int64(min(seconds, maxSeconds)), -int64(nanos))
	}
	return newDuration(int64(min(seconds, maxSeconds)), int64(nanos))
}

// newDuration refuses what no Duration may be, but for its size.
func newDuration(seconds, nanos int64) (*durationpb.Duration, bool) {
	if nanos <= -1e9 || nanos >= 1e9 || seconds > 0 && nanos < 0 || seconds < 0 && nanos > 0 {
		return nil, false
	}
	if seconds >= maxSeconds || seconds <= -maxSeconds {
		nanos = 0
	}
	seconds = max(-maxSeconds, min(seconds, maxSeconds))
	return &durationpb.Duration{Seconds: seconds, Nanos: int32(nanos)}, true
}

// clampDelay is a Duration as a delay: the longest there is, if it is longer
// than that; not ok, if it is negative.
func clampDelay(d *durationpb.Duration) (time.Duration, bool) {
	switch {
	case d.GetSeconds() < 0 || d.GetNanos() < 0:
		return 0, false
	case d.GetSeconds() >= int64(tooLong/time.Second):
		return tooLong, true
	default:
		return d.AsDuration(), true
	}
}

// formatDuration is a valid Duration as protobuf's JSON has it: 0, 3, 6 or 9
// digits behind the point.
func formatDuration(d *durationpb.Duration) string {
	seconds, nanos, sign := d.GetSeconds(), int64(d.GetNanos()), ""
	if seconds < 0 || nanos < 0 {
		seconds, nanos, sign = -seconds, -nanos, "-"
	}
	text := sign + strconv.FormatInt(seconds, 10)
	if nanos == 0 {
		return text + "s"
	}
	fraction := strconv.FormatInt(1e9+nanos, 10)[1:]
	fraction = strings.TrimSuffix(strings.TrimSuffix(fraction, "000"), "000")
	return text + "." + fraction + "s"
}
