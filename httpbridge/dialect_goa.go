package httpbridge

import (
	"net/http"

	"github.com/errwire/errwire/status"
)

// Goa: {"name": "not_found", "id": …, "message": …, "temporary": false,
// "timeout": false, "fault": false}, with the name in the header too.
// https://goa.design, http/error.go

func readGoa(a *Answer, d *draft) bool {
	root := a.root()
	if !root.get("name").isString() || !root.get("message").isString() ||
		!root.get("fault").exists() && field(a.Header, "Goa-Error") == "" {
		return false
	}
	d.message = root.get("message").string()
	d.service.Reason = root.get("name").string()
	d.metaOf(root, "id")
	if a.HTTPStatus < http.StatusBadRequest {
		d.code = goaCode(root)
	}
	return true
}

// goaCode is what the flags mean, where no HTTP status tells.
func goaCode(root value) status.Code {
	switch {
	case root.get("timeout").isTrue():
		return status.DeadlineExceeded
	case root.get("temporary").isTrue():
		return status.Unavailable
	case root.get("fault").isTrue():
		return status.Internal
	default:
		return status.InvalidArgument
	}
}

// Goa reads the errors of Goa services.
func Goa(a *Answer) *status.Error { return a.as(readGoa) }
