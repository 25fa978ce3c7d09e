package httpbridge

import (
	"net/http"

	"github.com/errwire/errwire/status"
)

// go-micro: {"id": "users", "code": 404, "detail": …, "status": "Not Found"}. The
// id is the service's name.
// https://github.com/micro/go-micro, errors/errors.go

func readGoMicro(a *Answer, d *draft) bool {
	root := a.root()
	code, ok := root.get("code").integer()
	if !ok || code < http.StatusContinue || !root.get("id").isString() || !root.get("detail").isString() {
		return false
	}
	d.message = root.get("detail").string()
	d.claim(root.get("code"))
	d.service.Domain = root.get("id").string()
	return true
}

// GoMicro reads the errors of go-micro services.
func GoMicro(a *Answer) *status.Error { return a.as(readGoMicro) }
