package httpbridge

import (
	"cmp"

	"google.golang.org/genproto/googleapis/rpc/errdetails"

	"github.com/errwire/errwire/status"
)

// JSON:API 1.1: {"errors": [{"id", "status": "422", "code", "title", "detail",
// "source": {"pointer": "/data/attributes/age"}, "meta"}]}. The first is the
// error; all that name a source are violations.
// https://jsonapi.org/format/1.1/#errors

const mediaJSONAPI = "application/vnd.api+json"

func readJSONAPI(a *Answer, d *draft) bool {
	root := a.root()
	first := root.get("errors").element(0)
	if !first.isObject() || a.mediaType() != mediaJSONAPI && !looksLikeJSONAPI(root, first) {
		return false
	}
	d.message = cmp.Or(first.get("detail").string(), first.get("title").string())
	d.vendorCode(first.get("code").string())
	d.claim(first.get("status"))
	d.metaOf(first, "id")
	d.metaRest(first.get("meta"))
	var list []*errdetails.BadRequest_FieldViolation
	for item := range root.get("errors").elements() {
		source := item.get("source")
		field := source.first("parameter", "header").string()
		if pointer := source.get("pointer"); pointer.isString() {
			field = pointerField(pointer.string())
		}
		if field != "" {
			list = appendViolation(list, field, item.first("detail", "title").string(), item.get("code").string())
		}
	}
	d.addViolations(list)
	return true
}

// looksLikeJSONAPI tells it from the other dialects that have "errors".
func looksLikeJSONAPI(root, first value) bool {
	return !root.get("message").exists() && !root.get("title").exists() &&
		(first.get("title").isString() || first.get("source").isObject() || first.get("status").isString())
}

// JSONAPI reads the errors of JSON:API.
func JSONAPI(a *Answer) *status.Error { return a.as(readJSONAPI) }
