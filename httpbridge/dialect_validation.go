package httpbridge

import (
	"strings"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
)

// What is wrong with the fields of a request is said in many forms, most of them
// in "errors" or, by FastAPI, in "detail":
//
//	[{"detail": …, "pointer": "#/age"}]               RFC 9457 §3
//	[{"name": "age", "reason": …}]                      RFC 7807 §3, in "invalid-params"
//	[{"message": …, "location": "body.items[3].tags"}]  Huma
//	[{"field": "title", "code": "missing_field"}]     GitHub, Spring
//	[{"loc": ["body", "age"], "msg": …, "type": …}]   FastAPI
//	{"Email": ["required", "too short"]}              ASP.NET, Laravel, Rails
//
// Each becomes a violation of a google.rpc.BadRequest.

func fieldViolations(errors value) (list []*errdetails.BadRequest_FieldViolation) {
	for item := range errors.elements() {
		if item.isObject() {
			list = appendViolation(list, violatedField(item),
				item.first("detail", "message", "msg", "defaultMessage", "title", "reason").string(),
				item.first("code", "type").string())
		}
	}
	for field, texts := range errors.members() {
		if texts.isString() {
			list = appendViolation(list, field, texts.string(), "")
		}
		for text := range texts.elements() {
			list = appendViolation(list, field, text.string(), "")
		}
	}
	return list
}

// violatedField is the path of the field that a violation is about.
func violatedField(item value) string {
	if pointer := item.get("pointer"); pointer.isString() {
		return pointerField(pointer.string())
	}
	if loc := item.get("loc"); loc.isArray() {
		return locField(loc)
	}
	return item.first("field", "parameter", "header", "location", "propertyPath", "target", "name").string()
}

// locField joins the steps of FastAPI's path, without the part of the request
// that it begins with.
func locField(loc value) string {
	var field strings.Builder
	first := true
	for step := range loc.elements() {
		text, _ := step.text()
		if first {
			first = false
			if _, ok := requestParts[text]; ok {
				continue
			}
		}
		appendStep(&field, text)
	}
	return field.String()
}

var requestParts = map[string]struct{}{"body": {}, "query": {}, "path": {}, "header": {}, "cookie": {}}
