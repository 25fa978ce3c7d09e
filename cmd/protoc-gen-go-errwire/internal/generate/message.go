package generate

import (
	"errors"
	"fmt"
	"strings"
)

// A piece is a part of a message: text, or the parameter of a key.
type piece struct{ text, key string }

// parseMessage takes a message apart: {key} stands for a parameter, {{ and }}
// for braces.
func parseMessage(message string) ([]piece, error) {
	var pieces []piece
	var text strings.Builder
	for message != "" {
		i := strings.IndexAny(message, "{}")
		if i < 0 {
			i = len(message)
		}
		text.WriteString(message[:i])
		message = message[i:]
		switch {
		case message == "":
		case strings.HasPrefix(message, "{{"), strings.HasPrefix(message, "}}"):
			text.WriteByte(message[0])
			message = message[2:]
		case message[0] == '}':
			return nil, errors.New("has a } without a {; write }} for a brace")
		default:
			key, rest, closed := strings.Cut(message[1:], "}")
			if !closed {
				return nil, errors.New("has a { without a }; write {{ for a brace")
			}
			if !validKey(key) {
				return nil, fmt.Errorf("has {%s}, which is no parameter; write {{ for a brace", key)
			}
			pieces = append(pieces, piece{text: text.String()}, piece{key: key})
			text.Reset()
			message = rest
		}
	}
	return append(pieces, piece{text: text.String()}), nil
}

// plain is a message without parameters as it is read; false if it has some.
func plain(pieces []piece) (string, bool) {
	if len(pieces) != 1 {
		return "", false
	}
	return pieces[0].text, true
}
