package httpbridge

import (
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// A hint is how long a service asks to wait, if it asks.
type hint struct {
	delay time.Duration // never negative
	ok    bool
	other bool // it is not what the RetryInfo itself says
}

// tooLong is what a number too large for a duration means.
const tooLong = time.Duration(math.MaxInt64)

// raise keeps the longer of two hints.
func (h *hint) raise(other hint) {
	if other.ok && (!h.ok || other.delay > h.delay) {
		*h = other
	}
}

// combine says how long to wait. Retry-After has whole seconds: one less than a
// second above the exact delay is that delay, rounded up. Otherwise the longer
// one wins.
func combine(exact, rounded hint) hint {
	if exact.ok && rounded.ok && rounded.delay > exact.delay && rounded.delay-exact.delay < time.Second {
		return exact
	}
	exact.raise(rounded)
	return exact
}

// inUnits is a count of units from now, such as of seconds.
func inUnits(count int64, unit time.Duration) hint {
	switch {
	case count < 0:
		return hint{}
	case count > int64(tooLong/unit):
		return hint{delay: tooLong, ok: true, other: true}
	default:
		return hint{delay: time.Duration(count) * unit, ok: true, other: true}
	}
}

// parseUnits is a whole number of units. What has too many digits is too long,
// and what is not a number of digits says nothing.
func parseUnits(text string, unit time.Duration) hint {
	text = strings.TrimSpace(text)
	if text == "" || strings.Trim(text, "0123456789") != "" {
		return hint{}
	}
	count, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return hint{delay: tooLong, ok: true, other: true}
	}
	return inUnits(count, unit)
}

// retryAfter reads Retry-After (RFC 9110 §10.2.3): seconds, or a date in one of
// the three forms that HTTP ever had, which counts from the answer's own Date.
func retryAfter(a *Answer) (wait hint) {
	for _, text := range a.Header["Retry-After"] {
		if wait.raise(parseUnits(text, time.Second)); wait.ok {
			continue
		}
		if date, err := parseDate(text, a.now); err == nil {
			wait.raise(until(date, a.now()))
		}
	}
	return wait
}

// until is the time from now to date; a date that has passed says nothing.
func until(date, now time.Time) hint {
	delay := date.Sub(now)
	if delay < 0 {
		return hint{}
	}
	return hint{delay: delay, ok: true, other: true}
}

// parseDate is [http.ParseTime] with RFC 9110's reading of the two-digit years
// of RFC 850: not more than 50 years ahead, and the nearest such.
func parseDate(text string, now func() time.Time) (time.Time, error) {
	text = strings.TrimSpace(text)
	date, err := http.ParseTime(text)
	if err != nil {
		return time.Time{}, err
	}
	if _, shortYear := time.Parse(time.RFC850, text); shortYear == nil {
		for date.AddDate(50, 0, 0).Before(now()) {
			date = date.AddDate(100, 0, 0)
		}
	}
	return date, nil
}

// millisHeaders have the delay in milliseconds: Azure's and OpenAI's.
var millisHeaders = [...]string{"Retry-After-Ms", "X-Ms-Retry-After-Ms"}

func retryAfterMillis(header http.Header) (wait hint) {
	for _, name := range millisHeaders {
		for _, text := range header[name] {
			wait.raise(parseUnits(text, time.Millisecond))
		}
	}
	return wait
}

// retrySeconds is how Retry-After says a delay: rounded up, so that nobody comes
// back too early.
func retrySeconds(delay time.Duration) string {
	seconds := int64(delay / time.Second)
	if delay%time.Second > 0 {
		seconds++
	}
	return strconv.FormatInt(seconds, 10)
}
