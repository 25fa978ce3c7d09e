package httpbridge_test

import (
	"fmt"
	"math"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/errwire/errwire/httpbridge"
	"github.com/errwire/errwire/status"
)

const tooLong = time.Duration(math.MaxInt64)

// served is the Date of the answers below.
const served = "Sun, 22 Nov 2026 10:00:00 GMT"

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	const none = -1
	for _, test := range []struct {
		name  string
		field string
		want  time.Duration
	}{
		{"seconds", "120", 2 * time.Minute},
		{"zero", "0", 0},
		{"space", " 3 ", 3 * time.Second},
		{"leading zeros", "007", 7 * time.Second},
		{"IMF-fixdate", "Sun, 22 Nov 2026 10:01:30 GMT", 90 * time.Second},
		{"RFC 850", "Sunday, 22-Nov-26 10:01:30 GMT", 90 * time.Second},
		{"asctime", "Sun Nov 22 10:01:30 2026", 90 * time.Second},
		{"now", served, 0},
		{"far year", "Fri, 31 Dec 9999 23:59:59 GMT", tooLong},
		{"RFC 850 within fifty years", "Friday, 22-Nov-75 10:00:00 GMT", 1546300800 * time.Second},
		{"RFC 850 past", "Tuesday, 22-Nov-94 10:00:00 GMT", none},
		{"past", "Sun, 22 Nov 2026 09:59:59 GMT", none},
		{"negative", "-1", none},
		{"float", "1.5", none},
		{"plus", "+1", none},
		{"exponent", "1e3", none},
		{"hex", "0x10", none},
		{"words", "soon", none},
		{"list", "1, 2", none},
		{"empty", "", none},
		{"other digits", "১২", none},
		{"more than a duration", "9223372037", tooLong},
		{"most that a duration has", "9223372036", 9223372036 * time.Second},
		{"more than an int64", "10000000000000000000", tooLong},
		{"very long", "999999999999999999999999999999999999999999", tooLong},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			e := httpbridge.Parse(503, http.Header{"Retry-After": {test.field}, "Date": {served}}, nil)
			delay, ok := e.RetryDelay()
			if test.want == none {
				assert.False(t, ok, "%v", delay)
				assert.Empty(t, e.Details(), "it says nothing, not something negative")
				return
			}
			assert.True(t, ok)
			assert.Equal(t, test.want, delay)
		})
	}
}

// Without a Date of its own, or with one that cannot be read, an answer's dates
// count from the clock.
func TestDateCountsFromTheClock(t *testing.T) {
	t.Parallel()
	for _, date := range []string{"", "yesterday"} {
		synctest.Test(t, func(t *testing.T) {
			at := time.Now().Add(90 * time.Second).UTC().Format(http.TimeFormat)
			e := httpbridge.Parse(503, http.Header{"Retry-After": {at}, "Date": {date}}, nil)
			delay, ok := e.RetryDelay()
			assert.True(t, ok)
			assert.Equal(t, 90*time.Second, delay)
		})
	}
}

// RetryInfo is exact; a Retry-After less than a second above it is its rounding;
// otherwise the longest wins.
func TestDelaysAreCombined(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		info   string // of the RetryInfo, as JSON
		header http.Header
		want   time.Duration
	}{
		{"rounding", `"1.5s"`, http.Header{"Retry-After": {"2"}}, 1500 * time.Millisecond},
		{"almost a second", `"1.000000001s"`, http.Header{"Retry-After": {"2"}}, time.Second + 1},
		{"a whole second above", `"1s"`, http.Header{"Retry-After": {"2"}}, 2 * time.Second},
		{"above", `"1.5s"`, http.Header{"Retry-After": {"3"}}, 3 * time.Second},
		{"below", `"5s"`, http.Header{"Retry-After": {"3"}}, 5 * time.Second},
		{"equal", `"3s"`, http.Header{"Retry-After": {"3"}}, 3 * time.Second},
		{"unreadable header", `"1s"`, http.Header{"Retry-After": {"x"}}, time.Second},
		{"unreadable info", `true`, http.Header{"Retry-After": {"3"}}, 3 * time.Second},
		{"negative info", `"-1s"`, http.Header{"Retry-After": {"3"}}, 3 * time.Second},
		{"negative info, zero header", `"-1s"`, http.Header{"Retry-After": {"0"}}, 0},
		{"info too long", `"315576000001s"`, http.Header{"Retry-After": {"3"}}, tooLong},
		{"info of too many digits", `"99999999999999999999s"`, nil, tooLong},
		{"header too long", `"1s"`, http.Header{"Retry-After": {"99999999999999999999"}}, tooLong},
		{"both too long", `"9223372036.854775807s"`, http.Header{"Retry-After": {"9223372037"}}, tooLong},
		{"several headers", `"1s"`, http.Header{"Retry-After": {"x", "4", "3"}}, 4 * time.Second},
		{"milliseconds", `"1s"`, http.Header{"Retry-After-Ms": {"1500"}}, 1500 * time.Millisecond},
		{"milliseconds and their rounding", `"1s"`, http.Header{"X-Ms-Retry-After-Ms": {"1500"}, "Retry-After": {"2"}}, 1500 * time.Millisecond},
		{"milliseconds too long", `"1s"`, http.Header{"Retry-After-Ms": {"9223372036855"}}, tooLong},
		{"object", `{"seconds":"2","nanos":5}`, nil, 2*time.Second + 5},
		{"seconds only", `{"seconds":2}`, nil, 2 * time.Second},
		{"nine digits", `"0.123456789s"`, nil, 123456789},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			body := fmt.Sprintf(`{"error":{"code":503,"status":"UNAVAILABLE","details":[{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":%s}]}}`, test.info)
			e := httpbridge.Parse(503, test.header, []byte(body))
			delay, ok := e.RetryDelay()
			assert.True(t, ok)
			assert.Equal(t, test.want, delay)
			for _, format := range lossless {
				assertRoundTrip(t, e, format)
			}
		})
	}
}

func TestUnreadableDurationsSayNothing(t *testing.T) {
	t.Parallel()
	for _, info := range []string{
		`"-1s"`, `"-0.5s"`, `"1"`, `"s"`, `""`, `"1.1234567890s"`, `"1,5s"`, `"1 s"`, `"--1s"`, `"1m"`,
		`{"seconds":-1}`, `{"seconds":1,"nanos":-1}`, `{"nanos":1000000000}`, `{}`, `[]`, `1`, `null`, `false`,
	} {
		t.Run(info, func(t *testing.T) {
			t.Parallel()
			body := fmt.Sprintf(`{"error":{"code":503,"status":"UNAVAILABLE","details":[{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":%s}]}}`, info)
			e := httpbridge.Parse(503, nil, []byte(body))
			delay, ok := e.RetryDelay()
			assert.False(t, ok, "%v", delay)
			assert.Len(t, e.Details(), 1, "it is kept")
		})
	}
}

func TestKubernetesAndGitHubDelays(t *testing.T) {
	t.Parallel()
	kubernetes := `{"kind":"Status","status":"Failure","reason":"TooManyRequests","details":{"retryAfterSeconds":%s}}`
	for value, want := range map[string]time.Duration{"10": 10 * time.Second, "9223372036854775807": tooLong, "-5": -1, "0": -1, `"x"`: -1} {
		delay, ok := httpbridge.Parse(429, nil, fmt.Appendf(nil, kubernetes, value)).RetryDelay()
		assert.Equal(t, want >= 0, ok, value)
		assert.Equal(t, max(want, 0), delay, value)
	}
	for reset, want := range map[string]time.Duration{
		"1795341690": 90 * time.Second, "1795341600": 0, "1": -1, "99999999999999999999": tooLong, "x": -1,
	} {
		header := http.Header{"X-Ratelimit-Remaining": {"0"}, "X-Ratelimit-Reset": {reset}, "Date": {served}}
		e := httpbridge.Parse(403, header, []byte(`{"message":"limit","documentation_url":"https://docs.github.com/x"}`))
		assert.True(t, status.IsResourceExhausted(e))
		delay, ok := e.RetryDelay()
		assert.Equal(t, want >= 0, ok, reset)
		assert.Equal(t, max(want, 0), delay, reset)
	}
	header := http.Header{"X-Ratelimit-Remaining": {"0"}, "X-Ratelimit-Reset": {"1795341690"}, "Date": {served}, "Retry-After": {"5"}}
	delay, _ := httpbridge.Parse(403, header, []byte(`{"message":"limit","documentation_url":"https://docs.github.com/x"}`)).RetryDelay()
	assert.Equal(t, 5*time.Second, delay, "a Retry-After is the answer's own word")
}
