package httpbridge

import "strings"

// A challenge is one of WWW-Authenticate (RFC 9110 §11.6.1). Parameter names are
// in lower case; of a name given twice the first counts.
type challenge struct {
	scheme string
	params map[string]string
}

// parseChallenges reads all challenges of a header; one field may hold several,
// and a comma may stand between two of them or between two parameters of one.
// What cannot be read is passed over.
func parseChallenges(fields []string) []challenge {
	const maxChallenges = 16
	var list []challenge
	for _, field := range fields {
		for s := skipSeparators(field); s != "" && len(list) < maxChallenges; s = skipSeparators(s) {
			word, rest := cutToken(s)
			if word == "" {
				s = afterComma(s)
				continue
			}
			if value, after, ok := cutValue(rest); ok {
				if len(list) > 0 {
					list[len(list)-1].set(word, value)
				}
				s = after
				continue
			}
			list = append(list, challenge{scheme: word})
			s = skipToken68(rest)
		}
	}
	return list
}

func (c *challenge) set(name, value string) {
	name = strings.ToLower(name)
	if _, twice := c.params[name]; twice {
		return
	}
	if c.params == nil {
		c.params = make(map[string]string, 4)
	}
	c.params[name] = strings.ToValidUTF8(value, "\uFFFD")
}

func skipSeparators(s string) string { return strings.TrimLeft(s, ", \t") }

func afterComma(s string) string {
	_, after, _ := strings.Cut(s, ",")
	return after
}

// cutToken cuts a token (RFC 9110 §5.6.2) off the start.
func cutToken(s string) (token, rest string) {
	end := 0
	for end < len(s) && isTokenByte(s[end]) {
		end++
	}
	return s[:end], s[end:]
}

func isTokenByte(b byte) bool {
	return '0' <= b && b <= '9' || 'a' <= b && b <= 'z' || 'A' <= b && b <= 'Z' ||
		strings.IndexByte("!#$%&'*+-.^_`|~", b) >= 0
}

// cutValue cuts "= token" or "= quoted-string" off the start.
func cutValue(s string) (value, rest string, ok bool) {
	s, ok = strings.CutPrefix(strings.TrimLeft(s, " \t"), "=")
	if !ok {
		return "", s, false
	}
	s = strings.TrimLeft(s, " \t")
	if !strings.HasPrefix(s, `"`) {
		value, rest = cutToken(s)
		return value, rest, value != ""
	}
	var text strings.Builder
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == '"':
			return text.String(), s[i+1:], true
		case s[i] == '\\' && i+1 < len(s):
			i++
			text.WriteByte(s[i])
		default:
			text.WriteByte(s[i])
		}
	}
	return text.String(), "", true // never closed
}

// skipToken68 passes over what Basic's and Negotiate's challenges have instead
// of parameters. A token68 is alone: a comma or the end comes after it.
func skipToken68(s string) string {
	trimmed := strings.TrimLeft(s, " \t")
	if len(trimmed) == len(s) {
		return s
	}
	end := 0
	for end < len(trimmed) && (isTokenByte(trimmed[end]) || trimmed[end] == '/') {
		end++
	}
	padded := strings.TrimLeft(trimmed[end:], "=")
	if after := strings.TrimLeft(padded, " \t"); end > 0 && (after == "" || after[0] == ',') {
		return after
	}
	return s
}
