package httpbridge

import (
	"google.golang.org/genproto/googleapis/rpc/errdetails"

	"github.com/errwire/errwire/status"
)

// Azure and OData v4: {"error": {"code": "InvalidPasswordFormat", "message": …,
// "target": …, "details": [{"code", "target", "message"}], "innererror":
// {"code": …}}}, with the code in x-ms-error-code too. The code is a string,
// which tells it from Google's.
// https://github.com/microsoft/api-guidelines, azure/Guidelines.md

func readAzure(a *Answer, d *draft) bool {
	header := field(a.Header, "X-Ms-Error-Code")
	if old := a.root().get("odata.error"); old.isObject() {
		d.odataError(old)
		return true
	}
	object := a.root().get("error")
	if header != "" && !object.isObject() {
		object = a.root()
	}
	// "type" beside the code is Stripe's and OpenAI's.
	if header == "" && (!object.get("code").isString() || object.get("type").isString()) || a.xml() != nil {
		return false
	}
	d.message = object.get("message").string()
	code := object.get("code").string()
	if code == "" {
		code = header
	}
	d.vendorCode(code)
	if inner := innermost(object.first("innererror", "innerError")); inner != "" {
		d.meta("inner", inner)
	}
	d.metaOf(object, "target")
	d.meta("x-ms-request-id", field(a.Header, "X-Ms-Request-Id"))
	var list []*errdetails.BadRequest_FieldViolation
	for item := range object.get("details").elements() {
		if target := item.get("target").string(); target != "" {
			list = appendViolation(list, target, item.get("message").string(), item.get("code").string())
		} else {
			d.readDetail(item)
		}
	}
	d.addViolations(list)
	return true
}

// Azure reads the errors of Azure's services and of OData.
func Azure(a *Answer) *status.Error { return a.as(readAzure) }

// vendorCode takes a code of a vendor's own for the reason, unless it is the
// name of a platform code.
func (d *draft) vendorCode(name string) {
	if code, ok := parseCode(name); ok {
		d.code = code
		return
	}
	if d.service.Reason == "" {
		d.service.Reason = name
	}
}

// innermost is the code of the deepest inner error that has one.
func innermost(inner value) (code string) {
	for inner.isObject() {
		if text := inner.get("code").string(); text != "" {
			code = text
		}
		inner = inner.first("innererror", "innerError")
	}
	return code
}

// odataError reads OData's error of before version 4, whose message has a
// language.
func (d *draft) odataError(object value) {
	d.vendorCode(object.get("code").string())
	message := object.get("message")
	if message.isString() {
		d.message = message.string()
		return
	}
	d.message = message.get("value").string()
	if locale := message.get("lang").string(); locale != "" && d.message != "" {
		d.add(pack(&errdetails.LocalizedMessage{Locale: locale, Message: d.message}))
	}
}
