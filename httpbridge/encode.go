package httpbridge

import (
	"encoding/json"
	"net/http"

	"github.com/errwire/errwire/status"
)

// Encode returns the HTTP answer that says err in the given format: its status,
// its header and its body. What leaves is what [status.Public] lets leave, and
// no more; to have mappers of one's own asked, pass Encode what Public returns:
//
//	httpbridge.Encode(status.Public(err, mappers...), httpbridge.Problem)
//
// The header has Content-Type, X-Content-Type-Options: nosniff, Cache-Control:
// no-store and, where there is a delay, Retry-After, rounded up to a second. On a
// 401 or 403 it has the Bearer challenge that the error is about, if its reason is
// one of RFC 6750's; the message is never part of a challenge.
//
// A nil err is 200 without a body. A number that no format has is [AIP193].
func Encode(err error, f Format) (httpStatus int, header http.Header, body []byte) {
	header = http.Header{}
	e := status.Public(err)
	if e == nil {
		return http.StatusOK, header, nil
	}
	format := formats[f.known()]
	c := format.write(e)
	body, marshalErr := json.Marshal(c.body)
	if marshalErr != nil {
		body = []byte(`{}`) // never: there are only texts, numbers and checked JSON in it
	}
	header.Set("Content-Type", format.media)
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Cache-Control", "no-store")
	if delay, ok := e.RetryDelay(); ok {
		header.Set("Retry-After", retrySeconds(delay))
	}
	challenge := c.challenge
	if challenge == "" {
		challenge = bearerField(e)
	}
	if challenge != "" && (c.httpStatus == http.StatusUnauthorized || c.httpStatus == http.StatusForbidden) {
		header.Set("WWW-Authenticate", challenge)
	}
	return c.httpStatus, header, body
}

// content is what a format makes of an error.
type content struct {
	httpStatus int
	body       any    // for encoding/json
	challenge  string // for WWW-Authenticate, if the format knows better than bearerField
}
