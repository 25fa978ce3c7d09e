package httpbridge

import (
	"cmp"
	"net/http"

	"google.golang.org/protobuf/proto"

	"github.com/errwire/errwire/status"
)

// Google's JSON errors, {"error": {"code": 404, "message": …, "status":
// "NOT_FOUND", "details": […]}}: AIP-193, https://google.aip.dev/193. The older
// forms have "errors" in the place of "status" and "details", or beside them.

// readAIP193 takes an error object that names a platform code, or has a detail
// with a type. Google's REST streaming sends it bare, without "error", too.
func readAIP193(a *Answer, d *draft) bool {
	root := a.root()
	object := root.get("error")
	if !object.isObject() {
		object = root
		if !object.get("code").isNumber() || object.get("status").is("OK") {
			return false
		}
	}
	if !isStatusName(object.get("status").raw()) && !object.get("details").element(0).get("@type").isString() {
		return false
	}
	d.googleError(object)
	return true
}

// isStatusName tells "NOT_FOUND", or a name as yet unknown of that form, from
// "Not Found" and "Failure", which other dialects have in this place.
func isStatusName(quoted string) bool {
	if len(quoted) < 3 || quoted[0] != '"' || quoted[1] < 'A' || quoted[1] > 'Z' {
		return false
	}
	for i := 1; i < len(quoted)-1; i++ {
		if c := quoted[i]; c != '_' && (c < 'A' || c > 'Z') && (c < '0' || c > '9') {
			return false
		}
	}
	return true
}

// googleError reads the error object of all of Google's dialects.
func (d *draft) googleError(object value) {
	d.message = cmp.Or(object.get("message").string(), object.get("errors").element(0).get("message").string())
	d.readDetails(object.get("details"))
	if name := object.get("status").string(); name != "" && name != "OK" {
		d.setCode(name, "status")
	}
	code, isNumber := object.get("code").integer()
	switch {
	case code >= http.StatusContinue && code < 1000:
		d.httpStatus = int(code)
	case code > 0 && code <= int64(status.Unauthenticated):
		if d.code == status.OK {
			d.code = grpcCode(code)
		}
	case code != 0:
		d.metaOf(object, "code") // no number of Google's
	}
	d.messagingError(object)
	d.authError(object)
	d.googleItems(object.get("errors"))
	if !isNumber && d.service.Reason == "" {
		d.service.Reason = object.get("code").string() // nor is this, but it has the form
	}
}

// grpcCode is the platform code of a gRPC number; the two are the same.
func grpcCode(n int64) status.Code {
	if n < 0 || n > int64(status.Unauthenticated) {
		return status.Unknown
	}
	return status.Code(n)
}

func writeAIP193(o *output, e *status.Error) { o.aip193(e, e.Message(), e.Details(), "") }

// aip193 writes e, with the name of its server code among "errors" if it has one.
func (o *output) aip193(e *status.Error, message string, details []proto.Message, serverCode string) {
	o.httpStatus = e.Code().HTTPStatus()
	o.open('{')
	o.name("error")
	o.open('{')
	o.name("code")
	o.number(o.httpStatus)
	o.member("message", message)
	// Google's clients know no CONFLICT; from a bare 409 each reads its own.
	if e.Code() != status.Conflict {
		o.member("status", e.Code().String())
	}
	switch {
	case serverCode != "":
		o.legacyErrors(serverCode)
	case looksLikeServerCode(e, message):
		o.name("errors")
		o.open('[')
		o.end(']')
	}
	o.detailsIf("details", details)
	o.end('}')
	o.end('}')
}
