package httpbridge

import (
	"net/http"
	"strings"

	"github.com/errwire/errwire/status"
)

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

// bearerErrors are the codes of RFC 6750 §3.1.
var bearerErrors = map[string]status.Code{
	"invalid_request":    status.InvalidArgument,
	"invalid_token":      status.Unauthenticated,
	"insufficient_scope": status.PermissionDenied,
}

// bearerMetadata are the parameters of a Bearer challenge that are metadata of
// the error: RFC 6750's, and the token service that an OCI registry names.
var bearerMetadata = [...]string{"realm", "scope", "service"}

// bearerChallenge is the first challenge that asks for a token.
func bearerChallenge(header http.Header) (challenge, bool) {
	for _, c := range parseChallenges(header["Www-Authenticate"]) {
		if strings.EqualFold(c.scheme, "Bearer") || strings.EqualFold(c.scheme, "DPoP") {
			return c, true
		}
	}
	return challenge{}, false
}

// challenge adds what a Bearer challenge says and the body does not. A reason
// with its domain is the service's own full word; nothing is added to it.
func (d *draft) challenge(a *Answer) {
	if len(a.Header["Www-Authenticate"]) == 0 || d.service.Domain != "" {
		return
	}
	c, ok := bearerChallenge(a.Header)
	if !ok {
		return
	}
	if reason := c.params["error"]; reason != "" {
		if d.service.Reason == "" {
			d.service.Reason = reason
		}
		if code, ok := bearerErrors[reason]; ok && d.code == status.OK {
			d.code = code
		}
		if d.message == "" {
			d.message = c.params["error_description"]
		}
	}
	for _, name := range bearerMetadata {
		d.meta(name, c.params[name])
	}
}

// readBearerChallenge reads an answer that says all in its WWW-Authenticate, as
// RFC 6750 §3 has it. A page that comes with it may be a proxy's; the error in
// the challenge is not.
func readBearerChallenge(a *Answer, d *draft) bool {
	c, ok := bearerChallenge(a.Header)
	if !ok || c.params["error"] == "" {
		return false
	}
	if c.params["error_description"] == "" {
		d.message = plainText(a)
	}
	return true
}

// Bearer reads the error of a Bearer or DPoP challenge (RFC 6750, RFC 9449) in
// WWW-Authenticate: reason invalid_token, insufficient_scope and so on, with
// realm and scope as metadata.
func Bearer(a *Answer) *status.Error { return a.as(readBearerChallenge) }

// bearerField is the challenge for an error, "" if none is known: its reason is
// one of RFC 6750's. Realm and scope come from its metadata. The message is not
// part of it; it belongs into the body, and may hold anything.
func bearerField(e *status.Error) string {
	if _, ok := bearerErrors[e.Reason()]; !ok {
		return ""
	}
	metadata := e.Metadata()
	var field strings.Builder
	field.WriteString("Bearer ")
	for _, name := range bearerMetadata {
		if value := metadata[name]; value != "" && isQuotable(value) {
			field.WriteString(name + "=" + quote(value) + ", ")
		}
	}
	field.WriteString("error=" + quote(e.Reason()))
	return field.String()
}

// isQuotable reports whether a value can stand in a header: visible ASCII and
// spaces.
func isQuotable(value string) bool {
	for i := range len(value) {
		if value[i] < ' ' || value[i] > '~' {
			return false
		}
	}
	return len(value) <= 1024
}

func quote(value string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(value) + `"`
}
