package httpbridge

import (
	"bytes"
	"net/http"
	"sync"

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
	o := encode(e, f)
	defer o.release()
	o.setFields(header)
	return o.httpStatus, header, bytes.Clone(o.text)
}

// An output is an answer that is being written. It is pooled.
type output struct {
	jsonWriter // the body
	httpStatus int
	media      string
	retryAfter string // "" if there is no delay
	challenge  string // "" if there is none to give
}

var outputs = sync.Pool{New: func() any { return &output{} }}

// release gives o back. What was large is not kept.
func (o *output) release() {
	const keep = 1 << 14
	if cap(o.text) <= keep {
		*o = output{jsonWriter: jsonWriter{o.text[:0]}}
		outputs.Put(o)
	}
}

// encode writes e as it is; what may not leave is not in it any more.
func encode(e *status.Error, f Format) *output {
	o, ok := outputs.Get().(*output)
	if !ok {
		o = &output{} // never: the pool has nothing else
	}
	format := &formats[f.known()]
	o.media = format.media
	format.write(o, e)
	if delay, ok := e.RetryDelay(); ok {
		o.retryAfter = retrySeconds(delay)
	}
	if o.httpStatus != http.StatusUnauthorized && o.httpStatus != http.StatusForbidden {
		o.challenge = ""
	} else if o.challenge == "" {
		o.challenge = bearerField(e)
	}
	return o
}

// setFields sets the fields of the answer in a header. A challenge that is there
// stays: a handler knows its schemes.
func (o *output) setFields(header http.Header) {
	values := make([]string, 0, 5) // one allocation for all of them
	set := func(name, text string) {
		values = append(values, text)
		header[name] = values[len(values)-1 : len(values) : len(values)]
	}
	set("Content-Type", o.media)
	set("X-Content-Type-Options", "nosniff")
	set("Cache-Control", "no-store")
	if o.retryAfter != "" {
		set("Retry-After", o.retryAfter)
	}
	if o.challenge != "" && header["Www-Authenticate"] == nil {
		set("Www-Authenticate", o.challenge)
	}
}
