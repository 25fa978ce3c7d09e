package httpbridge

import "github.com/errwire/errwire/status"

// Encore: {"code": "not_found", "message": …, "details": …}. As Connect's, but
// the details are whatever the service has there.
// encore.dev/beta/errs

func readEncore(a *Answer, d *draft) bool {
	root := a.root()
	code, ok := parseCode(root.get("code").string())
	if !ok || !root.get("message").isString() {
		return false
	}
	d.code = code
	d.message = root.get("message").string()
	d.readDetails(root.get("details"))
	return true
}

// Encore reads the errors of Encore services.
func Encore(a *Answer) *status.Error { return a.as(readEncore) }
