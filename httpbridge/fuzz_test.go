package httpbridge_test

import (
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/errwire/errwire/httpbridge"
	"github.com/errwire/errwire/status"
)

// seed gives the fuzzer an answer of every dialect.
func seed(f *testing.F, add func(resp *http.Response, body []byte)) {
	f.Helper()
	paths, err := filepath.Glob("testdata/read/*.http")
	require.NoError(f, err)
	for _, path := range paths {
		add(readAnswer(f, path))
	}
	for _, vendor := range vendors {
		add(&http.Response{StatusCode: vendor.httpStatus, Header: vendor.header}, []byte(vendor.body))
	}
}

// FuzzParse gives Parse any status, media type, header and body.
func FuzzParse(f *testing.F) {
	seed(f, func(resp *http.Response, body []byte) {
		f.Add(resp.StatusCode, resp.Header.Get("Content-Type"), "Server", resp.Header.Get("Server"), body)
	})
	f.Fuzz(func(t *testing.T, httpStatus int, media, name, text string, body []byte) {
		header := http.Header{"Content-Type": {media}, "Date": {served}}
		header.Add(name, text)
		e := httpbridge.Parse(httpStatus, header, body)
		sane(t, e)
		assert.True(t, status.Equal(e, httpbridge.Parse(httpStatus, header, body)), "the same answer is the same error")
		sane(t, httpbridge.ParseAs(httpStatus, header, body, httpbridge.Kubernetes, httpbridge.Connect.Read, httpbridge.ProblemTypes(name)))
	})
}

// FuzzEncodeStable: what Parse has made of any answer is written and read back
// as it is, and writing that gives the same bytes.
func FuzzEncodeStable(f *testing.F) {
	seed(f, func(resp *http.Response, body []byte) {
		f.Add(resp.StatusCode, resp.Header.Get("Content-Type"), resp.Header.Get("Www-Authenticate"), body)
	})
	f.Fuzz(func(t *testing.T, httpStatus int, media, challenge string, body []byte) {
		e := httpbridge.Parse(httpStatus, http.Header{"Content-Type": {media}, "Www-Authenticate": {challenge}}, body)
		if strings.Contains(fmt.Sprint(e.Details()), "FcmError") && e.Domain() == "" {
			return // in another dialect's body, which says nothing of whose it is; in AIP-193's it does
		}
		for _, format := range allFormats {
			firstStatus, firstHeader, first := httpbridge.Encode(e, format)
			read := httpbridge.Parse(firstStatus, firstHeader, first)
			againStatus, againHeader, again := httpbridge.Encode(read, format)
			assert.Equal(t, firstStatus, againStatus, format)
			assert.Equal(t, firstHeader, againHeader, format)
			assert.Equal(t, string(first), string(again), format)
			if e.Origin() == status.OriginService && slices.Contains(lossless, format) && !getsReason(e) {
				assert.True(t, status.Equal(e, read), "%v: %s\n%+v\n%+v", format, first, e, read)
			}
		}
	})
}

// getsReason is true for a CONFLICT without a reason, which gets one over gRPC.
func getsReason(e *status.Error) bool { return status.IsConflict(e) && e.Reason() == "" }

// FuzzRetryAfter: a delay is never negative, and survives being written.
func FuzzRetryAfter(f *testing.F) {
	for _, text := range []string{"120", "0", "-1", "1.5", "99999999999999999999", served, "Sunday, 22-Nov-26 10:01:30 GMT", "Sun Nov 22 10:01:30 2026", ""} {
		f.Add(text, served, text)
	}
	f.Fuzz(func(t *testing.T, text, date, millis string) {
		header := http.Header{"Retry-After": {text}, "Date": {date}, "Retry-After-Ms": {millis}}
		e := httpbridge.Parse(503, header, nil)
		delay, ok := e.RetryDelay()
		if !ok {
			return
		}
		assert.GreaterOrEqual(t, delay, time.Duration(0))
		httpStatus, header, body := httpbridge.Encode(status.New(status.Unavailable, "x").WithRetryDelay(delay), httpbridge.AIP193)
		again, ok := httpbridge.Parse(httpStatus, header, body).RetryDelay()
		assert.True(t, ok)
		assert.Equal(t, delay, again)
	})
}

// FuzzChallenge: what is read from a challenge and written is read again.
func FuzzChallenge(f *testing.F) {
	for _, text := range []string{
		`Bearer realm="users", error="invalid_token", error_description="The access token expired", scope="users.read"`,
		`Negotiate YWJj==, Basic realm="a, b=\"c\"", Bearer error=insufficient_scope , scope="a b",realm="r"`,
		`Bearer`, `Bearer error`, `Bearer error="`, `DPoP error="invalid_token", algs="ES256"`, `,,,`, `a b c`, `Bearer error="invalid_token\`,
	} {
		f.Add(text, 401)
	}
	f.Fuzz(func(t *testing.T, text string, httpStatus int) {
		e := httpbridge.Parse(httpStatus, http.Header{"Www-Authenticate": {text}}, nil)
		sane(t, e)
		encoded, header, body := httpbridge.Encode(e, httpbridge.AIP193)
		for _, written := range header["Www-Authenticate"] {
			for i := range len(written) {
				assert.True(t, written[i] >= ' ' && written[i] <= '~', "%q", written)
			}
			read := httpbridge.Parse(401, header, nil)
			assert.Equal(t, e.Reason(), read.Reason())
		}
		if e.Origin() == status.OriginService {
			assert.True(t, status.Equal(e, httpbridge.Parse(encoded, header, body)), "%s", body)
		}
	})
}
