package httpbridge

import (
	"cmp"

	"github.com/errwire/errwire/status"
)

// Spring Boot: {"timestamp": …, "status": 404, "error": "Not Found", "message":
// …, "path": …, "errors": […]}.

func readSpring(a *Answer, d *draft) bool {
	root := a.root()
	if _, ok := root.get("status").integer(); !ok || !root.get("timestamp").exists() || !root.get("error").isString() {
		return false
	}
	d.message = cmp.Or(root.get("message").string(), root.get("error").string())
	d.claim(root.get("status"))
	d.metaOf(root, "path")
	d.addViolations(fieldViolations(root.get("errors")))
	return true
}

// Spring reads the errors of Spring Boot services.
func Spring(a *Answer) *status.Error { return a.as(readSpring) }
