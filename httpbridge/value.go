package httpbridge

import (
	"iter"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// A value is one value of a document. The zero value is one that is not there:
// it has no kind, no members and no text, so that readers need not check each
// step of their way.
type value struct {
	doc *document
	at  int32
}

// root is the value that the document is.
func (d *document) root() value {
	if d == nil || len(d.nodes) == 0 {
		return value{}
	}
	return value{d, 0}
}

func (v value) node() node {
	if v.doc == nil {
		return node{}
	}
	return v.doc.nodes[v.at]
}

func (d *document) text(s span) string { return d.source[s.start:s.end] }

func (v value) exists() bool   { return v.doc != nil }
func (v value) isObject() bool { return v.node().kind == '{' }
func (v value) isArray() bool  { return v.node().kind == '[' }
func (v value) isString() bool { return v.node().kind == '"' }
func (v value) isNumber() bool { return v.node().kind == '0' }
func (v value) isTrue() bool   { return v.node().kind == 't' }
func (v value) isNull() bool   { return v.node().kind == 'n' }

// isMember reports whether v is a member of an object.
func (v value) isMember() bool { return v.node().name != span{} }

// raw is the JSON of the value, a part of the body.
func (v value) raw() string {
	if v.doc == nil {
		return ""
	}
	return v.doc.text(v.node().value)
}

// children are the values directly within v: those of an object, each with its
// name still quoted, or of an array.
func (v value) children() iter.Seq2[string, value] {
	return func(yield func(string, value) bool) {
		if !v.isObject() && !v.isArray() {
			return
		}
		for i := v.at + 1; i < v.node().next; i = v.doc.nodes[i].next {
			n := &v.doc.nodes[i]
			if !yield(v.doc.text(n.name), value{v.doc, i}) {
				return
			}
		}
	}
}

// members are the members of an object; nothing for other values.
func (v value) members() iter.Seq2[string, value] {
	return func(yield func(string, value) bool) {
		if !v.isObject() {
			return
		}
		for name, member := range v.children() {
			if !yield(unquote(name), member) {
				return
			}
		}
	}
}

// elements are the elements of an array; nothing for other values.
func (v value) elements() iter.Seq[value] {
	return func(yield func(value) bool) {
		if !v.isArray() {
			return
		}
		for _, element := range v.children() {
			if !yield(element) {
				return
			}
		}
	}
}

// get returns the first member of that name; nothing if v is not an object.
func (v value) get(name string) value {
	if !v.isObject() {
		return value{}
	}
	for i := v.at + 1; i < v.node().next; i = v.doc.nodes[i].next {
		if v.doc.isNamed(&v.doc.nodes[i], name) {
			return value{v.doc, i}
		}
	}
	return value{}
}

// first returns the first member there is of those names.
func (v value) first(names ...string) value {
	for _, name := range names {
		if member := v.get(name); member.exists() {
			return member
		}
	}
	return value{}
}

// element returns the element at that index of an array.
func (v value) element(index int) value {
	for element := range v.elements() {
		if index == 0 {
			return element
		}
		index--
	}
	return value{}
}

// isNamed reports whether that is the name of a member.
func (d *document) isNamed(n *node, name string) bool {
	if n.escaped > 0 {
		return d.names[n.escaped-1] == name
	}
	return int(n.name.end-n.name.start) == len(name)+2 && d.source[n.name.start+1:n.name.end-1] == name
}

// unquote returns the text of a JSON string: a part of the body, unless it has
// escapes.
func unquote(quoted string) string {
	if len(quoted) < 2 {
		return ""
	}
	if strings.IndexByte(quoted, '\\') < 0 {
		return quoted[1 : len(quoted)-1]
	}
	text, _ := jsontext.AppendUnquote(nil, quoted) // an error is about UTF-8, which it has mended
	return string(text)
}

// string is the text of a string; "" for every other value.
func (v value) string() string {
	if !v.isString() {
		return ""
	}
	return unquote(v.raw())
}

// texts are a string, or the strings of an array that has nothing else.
func (v value) texts() []string {
	if v.isString() {
		return []string{v.string()}
	}
	var list []string
	for element := range v.elements() {
		if !element.isString() {
			return nil
		}
		list = append(list, element.string())
	}
	return list
}

// is reports whether v is the string text.
func (v value) is(text string) bool { return v.isString() && unquote(v.raw()) == text }

// text is a scalar as text: a string, a number as it was written, a boolean. ok
// is false for objects, arrays, null and what is not there.
func (v value) text() (text string, ok bool) {
	switch v.node().kind {
	case '"':
		return unquote(v.raw()), true
	case '0', 't', 'f':
		return v.raw(), true
	default:
		return "", false
	}
}

// integer is a whole number, or a string that is one.
func (v value) integer() (n int64, ok bool) {
	if !v.isNumber() && !v.isString() {
		return 0, false
	}
	text, _ := v.text()
	n, err := strconv.ParseInt(text, 10, 64)
	return n, err == nil
}
