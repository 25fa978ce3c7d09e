package httpbridge

import (
	"net/url"
	"strings"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
)

// maxViolations is the most violations that one BadRequest gets.
const maxViolations = 256

// appendViolation adds what a dialect says of one field of the request. A reason
// that is not of AIP-193's form becomes the description, if there is no other.
func appendViolation(list []*errdetails.BadRequest_FieldViolation, field, description, reason string) []*errdetails.BadRequest_FieldViolation {
	if field == "" && description == "" && reason == "" || len(list) == maxViolations {
		return list
	}
	violation := &errdetails.BadRequest_FieldViolation{Field: field, Description: description}
	switch {
	case isReason(reason):
		violation.Reason = reason
	case description == "":
		violation.Description = reason
	}
	return append(list, violation)
}

// addViolations adds a BadRequest, unless there is nothing to say or the body
// had one of its own.
func (d *draft) addViolations(list []*errdetails.BadRequest_FieldViolation) {
	if len(list) == 0 {
		return
	}
	bad := pack(&errdetails.BadRequest{FieldViolations: list})
	for _, detail := range d.details {
		if typeName(detail.GetTypeUrl()) == typeName(bad.GetTypeUrl()) {
			return
		}
	}
	d.add(bad)
}

// isReason reports whether text is what AIP-193 lets a reason be:
// [A-Z][A-Z0-9_]+[A-Z0-9] of at most 63 characters.
func isReason(text string) bool {
	if len(text) < 3 || len(text) > 63 || text[0] < 'A' || text[0] > 'Z' || text[len(text)-1] == '_' {
		return false
	}
	for i := range len(text) {
		if c := text[i]; (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '_' {
			return false
		}
	}
	return true
}

// pointerField makes a JSON pointer (RFC 6901), as a URI fragment too, the path
// that a FieldViolation has: "#/items/3/age" is items[3].age.
func pointerField(pointer string) string {
	if fragment, ok := strings.CutPrefix(pointer, "#"); ok {
		pointer = fragment
		if decoded, err := url.PathUnescape(fragment); err == nil {
			pointer = decoded
		}
	}
	pointer = strings.TrimPrefix(pointer, "/data/attributes")
	pointer = strings.TrimPrefix(pointer, "/data/relationships")
	path, ok := strings.CutPrefix(pointer, "/")
	if !ok {
		return pointer
	}
	var field strings.Builder
	for token := range strings.SplitSeq(path, "/") {
		appendStep(&field, unescapePointer.Replace(token))
	}
	return field.String()
}

var unescapePointer = strings.NewReplacer("~1", "/", "~0", "~")

// appendStep adds one step to a field's path; a number is an index.
func appendStep(field *strings.Builder, step string) {
	switch {
	case step != "" && strings.Trim(step, "0123456789") == "" && field.Len() > 0:
		field.WriteString("[" + step + "]")
	case field.Len() > 0:
		field.WriteString("." + step)
	default:
		field.WriteString(step)
	}
}
