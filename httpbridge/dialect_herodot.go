package httpbridge

import (
	"net/http"

	"github.com/errwire/errwire/status"
)

// Ory's herodot: {"error": {"id": "user_missing", "code": 404, "status": "Not
// Found", "request": …, "reason": "Check the ID", "details": {…}, "message": …}}.
// The status is the HTTP status in words, which tells it from AIP-193; the
// reason is a sentence.
// https://github.com/ory/herodot

func readHerodot(a *Answer, d *draft) bool {
	object := a.root().get("error")
	code, ok := object.get("code").integer()
	if !ok || code < http.StatusContinue || !object.get("message").isString() {
		return false
	}
	text := object.get("status").string()
	if text == "" || text != http.StatusText(int(min(code, 999))) {
		return false
	}
	d.message = object.get("message").string()
	d.claim(object.get("code"))
	d.service.Reason = object.get("id").string()
	d.metaOf(object, "request", "reason")
	d.metaRest(object.get("details"))
	return true
}

// Herodot reads the errors of Ory's services.
func Herodot(a *Answer) *status.Error { return a.as(readHerodot) }
