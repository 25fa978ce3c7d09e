package httpbridge

import (
	"net/http"
	"strings"

	"github.com/errwire/errwire/status"
)

// Bearer and DPoP challenges: WWW-Authenticate: Bearer realm="users",
// error="invalid_token", error_description="…", scope="…". RFC 6750 §3, RFC 9449 §7.1.

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
