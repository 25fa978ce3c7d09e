package httpbridge

import (
	"net/http"

	"github.com/errwire/errwire/status"
)

// Parse returns the error that an HTTP answer is: its status, header and body in
// whatever dialect. It is total: the result is never nil, and for an answer in no
// known dialect it has the code of the HTTP status and the text that there was. A
// page of HTML is no text.
//
// A code that the body names beats the HTTP status. At most 1 MiB of the body is read; a JSON
// body that is longer cannot be. Nothing of header and body is changed or kept.
//
// Parse does not ask whether the answer is an error at all: [CheckResponse] does,
// and keeps the response.
func Parse(httpStatus int, header http.Header, body []byte) *status.Error {
	return parse(&Answer{HTTPStatus: httpStatus, Header: header, Body: body}, nil)
}

// ParseAs is [Parse] in the dialects that are given, in their order, and no
// others; without any it is Parse. An answer in none of them is taken for a
// proxy's: a page, or text. A dialect that panics has not read the answer.
func ParseAs(httpStatus int, header http.Header, body []byte, dialects ...Dialect) *status.Error {
	return parse(&Answer{HTTPStatus: httpStatus, Header: header, Body: body}, dialects)
}

// parse reads a in the given dialects, or in all of them.
func parse(a *Answer, dialects []Dialect) *status.Error {
	if len(a.Body) > maxBody {
		a.Body = a.Body[:maxBody]
	}
	if len(dialects) == 0 {
		if e := Auto(a); e != nil {
			return e
		}
	}
	for _, dialect := range dialects {
		if e := ask(dialect, a); e != nil {
			return complete(e, a)
		}
	}
	return a.as(readProxy)
}

// ask calls a dialect that may be anybody's.
func ask(dialect Dialect, a *Answer) (e *status.Error) {
	defer func() {
		if recover() != nil {
			e = nil
		}
	}()
	if dialect == nil {
		return nil
	}
	return dialect(a)
}

// complete adds what a dialect of somebody else need not read. What this
// package's own have read stays as it is.
func complete(e *status.Error, a *Answer) *status.Error {
	if e.Origin() == status.OriginUnspecified {
		e = e.WithOrigin(status.OriginService)
	}
	var exact hint
	exact.delay, exact.ok = e.RetryDelay()
	rounded := retryAfter(a)
	rounded.raise(retryAfterMillis(a.Header))
	if wait := combine(exact, rounded); wait.ok && (!exact.ok || wait.delay != exact.delay) {
		e = e.WithRetryDelay(wait.delay)
	}
	return e
}
