package httpbridge

import "github.com/errwire/errwire/status"

// Dapr: {"errorCode": "ERR_STATE_STORE_NOT_FOUND", "message": …, "details": […]},
// the details as AIP-193 has them.
// https://docs.dapr.io/reference/errors

func readDapr(a *Answer, d *draft) bool {
	root := a.root()
	if !root.get("errorCode").isString() || !root.get("message").isString() {
		return false
	}
	d.message = root.get("message").string()
	d.readDetails(root.get("details"))
	if code := root.get("errorCode").string(); d.hasInfo() {
		d.meta("errorCode", code)
	} else {
		d.service.Reason = code
	}
	return true
}

// Dapr reads the errors of Dapr's HTTP API.
func Dapr(a *Answer) *status.Error { return a.as(readDapr) }
