package httpbridge

import (
	"strings"

	"google.golang.org/genproto/googleapis/rpc/errdetails"

	"github.com/errwire/errwire/status"
)

// Stripe, and those who took its form, OpenAI and Anthropic among them: {"error":
// {"type": "card_error", "code": "card_declined", "message": …, "param": …,
// "doc_url": …}}. The code may be missing or null; the type is then the reason.
// https://docs.stripe.com/api/errors

// stripeTypes are the types that say more than the HTTP status does.
// invalid_request_error is not among them: it comes with 400, 401 and 404.
var stripeTypes = map[string]status.Code{
	"api_error":            status.Internal,
	"server_error":         status.Internal,
	"idempotency_error":    status.Aborted,
	"rate_limit_error":     status.ResourceExhausted,
	"authentication_error": status.Unauthenticated,
	"permission_error":     status.PermissionDenied,
	"not_found_error":      status.NotFound,
	"overloaded_error":     status.Unavailable,
}

func readStripe(a *Answer, d *draft) bool {
	object := a.root().get("error")
	kind := object.get("type").string()
	if kind == "" || !object.get("message").isString() ||
		!strings.HasSuffix(kind, "_error") && !object.get("code").exists() {
		return false
	}
	d.message = object.get("message").string()
	d.service.Reason = object.get("code").string()
	if d.service.Reason == "" {
		d.service.Reason = kind
	}
	d.metaOf(object, "type", "decline_code", "param")
	if object.get("code").isNumber() { // Meta's
		d.metaOf(object, "code", "error_subcode")
	}
	d.meta("request_id", field(a.Header, "Request-Id"))
	d.code = stripeTypes[kind]
	if d.service.Reason == "rate_limit" {
		d.code = status.ResourceExhausted
	}
	if kind == "invalid_request_error" && a.codeOfStatus(0) == status.FailedPrecondition {
		d.code = status.InvalidArgument // 402, whose meaning is a failed payment
	}
	if link := object.get("doc_url").string(); link != "" {
		d.addHelp("Error code "+d.service.Reason, link)
	}
	return true
}

// Stripe reads the errors of Stripe, OpenAI and Anthropic. Whether they want a
// retry is in their headers; see [NewTransport].
func Stripe(a *Answer) *status.Error { return a.as(readStripe) }

func (d *draft) addHelp(description, link string) {
	d.add(pack(&errdetails.Help{Links: []*errdetails.Help_Link{{Description: description, Url: link}}}))
}
