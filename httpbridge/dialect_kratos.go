package httpbridge

import (
	"net/http"

	"github.com/errwire/errwire/status"
)

// Kratos: {"code": 404, "reason": "USER_NOT_FOUND", "message": …, "metadata":
// {…}}. The code is HTTP's; the reason has no domain.
// https://go-kratos.dev, errors/errors.proto

func readKratos(a *Answer, d *draft) bool {
	root := a.root()
	code, ok := root.get("code").integer()
	if !ok || code < http.StatusContinue || !root.get("reason").isString() || !root.get("message").isString() {
		return false
	}
	d.message = root.get("message").string()
	d.claim(root.get("code"))
	d.service.Reason = root.get("reason").string()
	d.metaRest(root.get("metadata"))
	return true
}

// Kratos reads the errors of Kratos services; see [DefaultDomain].
func Kratos(a *Answer) *status.Error { return a.as(readKratos) }
