package httpbridge

import (
	"bytes"
	"encoding/xml"
	"iter"
	"slices"
	"strings"
)

// Bounds of what is read as XML. encoding/xml knows no entities but the five of
// XML itself, so nothing in a body can grow.
const (
	maxElementDepth = 16
	maxElements     = 4096
)

// An element is one of an XML body. A nil one is one that is not there.
type element struct {
	name     string
	text     string // its own, without that of its children; trimmed
	children []*element
}

// roots are the root elements of the XML error bodies that are read. Whatever
// else begins with "<" is a page.
var roots = []string{"Error", "ErrorResponse", "Response", "problem", "error"}

// decodeXML decodes a body that is one of roots; nil for all else.
func decodeXML(body []byte) *element {
	decoder := xml.NewDecoder(bytes.NewReader(body))
	var open []*element
	var texts [maxElementDepth]bytes.Buffer // of the open elements
	count := 0
	for {
		token, err := decoder.Token()
		if err != nil {
			return nil
		}
		switch token := token.(type) {
		case xml.StartElement:
			count++
			if len(open) == 0 && !slices.Contains(roots, token.Name.Local) || len(open) == maxElementDepth || count > maxElements {
				return nil
			}
			texts[len(open)].Reset()
			open = append(open, &element{name: token.Name.Local})
		case xml.CharData:
			if len(open) > 0 {
				texts[len(open)-1].Write(token)
			}
		case xml.EndElement:
			last := open[len(open)-1]
			open = open[:len(open)-1]
			if last.text = strings.TrimSpace(texts[len(open)].String()); len(open) == 0 {
				return last
			}
			parent := open[len(open)-1]
			parent.children = append(parent.children, last)
		}
	}
}

// get returns the first child of that name.
func (e *element) get(name string) *element {
	if e == nil {
		return nil
	}
	for _, child := range e.children {
		if child.name == name {
			return child
		}
	}
	return nil
}

// string is the text of the first child of that name.
func (e *element) string(name string) string {
	if child := e.get(name); child != nil {
		return child.text
	}
	return ""
}

// leaves are the children that have text and no children.
func (e *element) leaves() iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		if e == nil {
			return
		}
		for _, child := range e.children {
			if len(child.children) == 0 && child.text != "" && !yield(child.name, child.text) {
				return
			}
		}
	}
}
