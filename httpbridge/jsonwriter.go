package httpbridge

import (
	"encoding/json"
	"slices"
	"strconv"
)

// A jsonWriter writes JSON as encoding/json does, byte for byte: compact, the
// keys of a map in order, and what HTML and JavaScript give a meaning escaped. A
// body is a handful of members in a fixed order; encoding/json goes to them by
// reflection, and that took twice as long as all else that [Write] does.
type jsonWriter struct{ text []byte }

// begin puts a comma before a value, where it needs one.
func (w *jsonWriter) begin() {
	if len(w.text) == 0 {
		return
	}
	switch w.text[len(w.text)-1] {
	case '{', '[', ':':
	default:
		w.text = append(w.text, ',')
	}
}

// open begins an object or an array, by its bracket.
func (w *jsonWriter) open(bracket byte) {
	w.begin()
	w.text = append(w.text, bracket)
}

// end ends what open began, by the bracket that closes it.
func (w *jsonWriter) end(bracket byte) { w.text = append(w.text, bracket) }

// name begins a member; its value is written next.
func (w *jsonWriter) name(name string) {
	w.string(name)
	w.text = append(w.text, ':')
}

func (w *jsonWriter) number(n int) {
	w.begin()
	w.text = strconv.AppendInt(w.text, int64(n), 10)
}

func (w *jsonWriter) string(text string) {
	w.begin()
	for i := range len(text) {
		if !isPlain[text[i]] {
			quoted, _ := json.Marshal(text) // a text cannot fail
			w.text = append(w.text, quoted...)
			return
		}
	}
	w.text = append(append(append(w.text, '"'), text...), '"')
}

// isPlain are the bytes that need no second look within a string.
var isPlain = func() (plain [256]bool) {
	for c := ' '; c <= '~'; c++ {
		plain[c] = true
	}
	for _, c := range `"\<>&` {
		plain[c] = false
	}
	return plain
}()

// raw writes a value that is JSON already.
func (w *jsonWriter) raw(text []byte) {
	w.begin()
	w.text = append(w.text, text...)
}

// member writes a member that is a string.
func (w *jsonWriter) member(name, text string) {
	w.name(name)
	w.string(text)
}

// memberIf is member, but for an empty text.
func (w *jsonWriter) memberIf(name, text string) {
	if text != "" {
		w.member(name, text)
	}
}

// membersIf writes a member that is an object of strings, unless it is empty.
func (w *jsonWriter) membersIf(name string, texts map[string]string) {
	if len(texts) == 0 {
		return
	}
	w.name(name)
	w.open('{')
	var few [8]string
	keys := few[:0]
	for key := range texts {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	for _, key := range keys {
		w.member(key, texts[key])
	}
	w.end('}')
}
