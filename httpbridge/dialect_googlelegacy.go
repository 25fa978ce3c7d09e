package httpbridge

import (
	"google.golang.org/genproto/googleapis/rpc/errdetails"

	"github.com/errwire/errwire/status"
)

// Google's errors before AIP-193, which Cloud Storage and BigQuery still send:
// {"error": {"errors": [{"domain": "global", "reason": "notFound", "message": …,
// "locationType": "parameter", "location": "bucket"}], "code": 404, "message": …}}.
// https://cloud.google.com/storage/docs/json_api/v1/status-codes

func readGoogleLegacy(a *Answer, d *draft) bool {
	object := a.root().get("error")
	if !object.isObject() || !object.get("message").isString() && !object.get("errors").isArray() {
		return false
	}
	d.googleError(object)
	// Not Google's, but there are such.
	if reason := object.get("reason").string(); d.service == (status.ServiceCode{}) && isReason(reason) {
		d.service = status.ServiceCode{Domain: object.get("domain").string(), Reason: reason}
	}
	return true
}

// GoogleLegacy reads the errors of Google APIs that are older than AIP-193; what
// of AIP-193 is in the body is read as well.
func GoogleLegacy(a *Answer) *status.Error { return a.as(readGoogleLegacy) }

// legacyReasons are those whose code the HTTP status, often 403, does not tell.
var legacyReasons = map[string]status.Code{
	"rateLimitExceeded":     status.ResourceExhausted,
	"userRateLimitExceeded": status.ResourceExhausted,
	"quotaExceeded":         status.ResourceExhausted,
	"backendError":          status.Unavailable,
}

// googleItems reads "errors". The first item is the error itself, unless an
// ErrorInfo says better; of several, those about a parameter are violations too.
func (d *draft) googleItems(items value) {
	first := items.element(0)
	if !first.isObject() {
		return
	}
	for item := range items.elements() {
		code := legacyReasons[item.get("reason").string()]
		if item.get("domain").is("usageLimits") {
			code = status.ResourceExhausted
		}
		if d.code == status.OK && code != status.OK {
			d.code = code
		}
	}
	if d.service == (status.ServiceCode{}) {
		d.service = status.ServiceCode{Domain: first.get("domain").string(), Reason: first.get("reason").string()}
		d.metaOf(first, "location", "locationType")
	}
	d.addViolations(legacyViolations(items))
}

func legacyViolations(items value) (list []*errdetails.BadRequest_FieldViolation) {
	if !items.element(1).exists() {
		return nil
	}
	for item := range items.elements() {
		if item.get("locationType").is("parameter") {
			list = appendViolation(list, item.get("location").string(), item.get("message").string(), item.get("reason").string())
		}
	}
	return list
}
