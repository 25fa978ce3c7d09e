package locale

import (
	"errors"
	"fmt"
	"strings"
)

// A message is a text with places for values: literal text, then the key of a
// value, then literal text, and so on.
type message struct {
	texts []string // one more than keys
	keys  []string
}

// parseMessage takes a message apart: {key} stands for a value, {{ and }} for
// braces.
func parseMessage(text string) (message, error) {
	var m message
	var literal strings.Builder
	for text != "" {
		i := strings.IndexAny(text, "{}")
		if i < 0 {
			break
		}
		brace := text[i]
		literal.WriteString(text[:i])
		text = text[i+1:]
		if text != "" && text[0] == brace {
			literal.WriteByte(brace)
			text = text[1:]
			continue
		}
		key, rest, closed := strings.Cut(text, "}")
		if brace == '}' || !closed {
			return message{}, errors.New("a brace without its pair; {{ and }} stand for braces")
		}
		if key == "" || strings.ContainsAny(key, "{ \t\n") {
			return message{}, fmt.Errorf("{%s} names no metadata key", key)
		}
		m.texts, m.keys = append(m.texts, literal.String()), append(m.keys, key)
		literal.Reset()
		text = rest
	}
	m.texts = append(m.texts, literal.String()+text)
	return m, nil
}

// say puts the values in their places; ok is false when one is missing, and when
// nothing is left to say because all of them are empty.
func (m message) say(values map[string]string, rightToLeft bool) (text string, ok bool) {
	var said strings.Builder
	for i, key := range m.keys {
		value, ok := values[key]
		if !ok {
			return "", false
		}
		said.WriteString(m.texts[i])
		if rightToLeft || hasDirection(value) {
			value = isolate(value)
		}
		said.WriteString(value)
	}
	said.WriteString(m.texts[len(m.keys)])
	return said.String(), said.Len() > 0
}
