package httpbridge

import (
	"cmp"
	"net/http"
	"strings"

	"google.golang.org/genproto/googleapis/rpc/errdetails"

	"github.com/errwire/errwire/status"
)

// OAuth 2's token endpoint: {"error": "invalid_grant", "error_description": …,
// "error_uri": …}. RFC 6749 §5.2, RFC 8628 §3.5.

// oauthErrors are the registered errors. A refused grant or client means that
// the credentials are no good: UNAUTHENTICATED, whatever the HTTP status.
var oauthErrors = map[string]status.Code{
	"invalid_request":           status.InvalidArgument,
	"invalid_client":            status.Unauthenticated,
	"invalid_grant":             status.Unauthenticated,
	"unauthorized_client":       status.PermissionDenied,
	"access_denied":             status.PermissionDenied,
	"unsupported_grant_type":    status.InvalidArgument,
	"unsupported_response_type": status.InvalidArgument,
	"invalid_scope":             status.InvalidArgument,
	"server_error":              status.Internal,
	"temporarily_unavailable":   status.Unavailable,
	"slow_down":                 status.Unavailable,
	"authorization_pending":     status.FailedPrecondition,
	"expired_token":             status.FailedPrecondition,
	"invalid_token":             status.Unauthenticated,
	"insufficient_scope":        status.PermissionDenied,
}

func readOAuth(a *Answer, d *draft) bool {
	root := a.root()
	name := root.get("error").string()
	code, known := oauthErrors[name]
	if name == "" || !known && !root.get("error_description").isString() {
		return false
	}
	d.code = code
	d.service.Reason = name
	d.message = cmp.Or(root.get("error_description").string(), root.get("message").string())
	if link := root.get("error_uri").string(); link != "" {
		d.addHelp("Error "+name, link)
	}
	return true
}

// oauthNames are the errors that platform codes become when the reason is none
// of OAuth's. Those that are not here are invalid_request where the client is at
// fault, and server_error where it is not.
var oauthNames = map[status.Code]string{
	status.Unauthenticated:   "invalid_grant",
	status.PermissionDenied:  "unauthorized_client",
	status.Unavailable:       "temporarily_unavailable",
	status.DeadlineExceeded:  "temporarily_unavailable",
	status.ResourceExhausted: "temporarily_unavailable",
	status.Cancelled:         "temporarily_unavailable",
	status.Unimplemented:     "unsupported_grant_type",
	status.Internal:          "server_error",
	status.Unknown:           "server_error",
	status.DataLoss:          "server_error",
}

// writeOAuth answers 400 for all that is the client's fault, as RFC 6749 §5.2
// has it, and 401 with a challenge for a client that is not known: Basic is the
// scheme that every token endpoint must take (§2.3.1).
func writeOAuth(o *output, e *status.Error) {
	name := e.Reason()
	if _, known := oauthErrors[name]; !known {
		name = cmp.Or(oauthNames[e.Code()], "invalid_request")
	}
	o.httpStatus = http.StatusBadRequest
	switch name {
	case "invalid_client":
		o.httpStatus, o.challenge = http.StatusUnauthorized, `Basic realm="token"`
	case "server_error":
		o.httpStatus = http.StatusInternalServerError
	case "temporarily_unavailable":
		o.httpStatus = http.StatusServiceUnavailable
	}
	o.open('{')
	o.member("error", name)
	o.memberIf("error_description", oauthText(e.Message()))
	if help, ok := status.Detail[*errdetails.Help](e); ok && len(help.GetLinks()) > 0 {
		o.memberIf("error_uri", oauthURI(help.GetLinks()[0].GetUrl()))
	}
	o.end('}')
}

// oauthText keeps what error_description may have: printable ASCII but the quote
// and the backslash.
func oauthText(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '"':
			return '\''
		case r == '\\':
			return '/'
		case r == '\n' || r == '\r' || r == '\t':
			return ' '
		case r < ' ' || r > '~':
			return '?'
		default:
			return r
		}
	}, text)
}

// oauthURI is a link as error_uri may have it, or "".
func oauthURI(link string) string {
	for i := range len(link) {
		if c := link[i]; c <= ' ' || c > '~' || c == '"' || c == '\\' {
			return ""
		}
	}
	return link
}
