package httpbridge

import (
	"bytes"
	"slices"
)

// decodeObject finds the object that a JSON body is about. The value points into
// the document, which is nil if there is none.
func decodeObject(body []byte) (*document, value) {
	doc, err := decodeJSON(body)
	switch {
	case err == nil:
		if root := doc.root(); root.isObject() {
			return doc, root
		}
		if failed := failedElement(doc.root()); failed.exists() {
			return doc, failed
		}
		doc.release()
		return nil, value{}
	case body[0] == '[':
		return decodeCutArray(body)
	default:
		return decodeLastLine(body)
	}
}

// failedElement returns the element of an array that is an error, the last of
// them: REST streaming sends messages as the elements of one array, and the
// error, if it comes, comes last. Without a sign of one it is the first element.
func failedElement(array value) value {
	var first, failed value
	for element := range array.elements() {
		if !element.isObject() {
			continue
		}
		if !first.exists() {
			first = element
		}
		if element.get("error").exists() {
			failed = element
		}
	}
	if failed.exists() {
		return failed
	}
	return first
}

// decodeCutArray reads an array that was never closed, as one is when the
// stream ends with an error.
func decodeCutArray(body []byte) (*document, value) {
	body = bytes.TrimRight(body, ", \t\r\n")
	doc, err := decodeJSON(append(bytes.Clone(body), ']'))
	if err != nil {
		return nil, value{}
	}
	if failed := failedElement(doc.root()); failed.exists() {
		return doc, failed
	}
	doc.release()
	return nil, value{}
}

// decodeLastLine reads JSON lines: grpc-gateway's streams and Kubernetes'
// watches end with the error.
func decodeLastLine(body []byte) (*document, value) {
	body = bytes.TrimRight(body, " \t\r\n")
	start := bytes.LastIndexByte(body, '\n') + 1
	line := bytes.TrimSpace(body[start:])
	if start == 0 || len(line) == 0 || line[0] != '{' {
		return nil, value{}
	}
	doc, err := decodeJSON(line)
	if err != nil {
		return nil, value{}
	}
	return doc, doc.root()
}

// decodeEvents reads server-sent events, and of these the last that is a JSON
// object on one data line: some servers say "[DONE]" after it. Other text is not
// JSON.
func decodeEvents(body []byte) (*document, value) {
	const field = "data:"
	if name, _, _ := bytes.Cut(body, []byte(":")); !slices.Contains(eventFields, string(name)) {
		return nil, value{}
	}
	for len(body) > 0 {
		start := bytes.LastIndexByte(body, '\n') + 1
		data, ok := bytes.CutPrefix(body[start:], []byte(field))
		if data = bytes.TrimSpace(data); ok && len(data) > 0 && data[0] == '{' {
			doc, err := decodeJSON(data)
			if err != nil {
				return nil, value{}
			}
			return doc, doc.root()
		}
		body = body[:max(start-1, 0)]
	}
	return nil, value{}
}

// eventFields are the fields of an event, and the comment, which has no name.
var eventFields = []string{"data", "event", "id", "retry", ""}
