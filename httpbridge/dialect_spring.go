package httpbridge

import "github.com/errwire/errwire/status"

// Spring Boot: {"timestamp": …, "status": 404, "error": "Not Found", "message":
// …, "path": …, "errors": […]}.

func readSpring(a *Answer, d *draft) bool {
	root := a.root()
	code, ok := root.get("status").integer()
	if !ok || !root.get("timestamp").exists() || !root.get("error").isString() {
		return false
	}
	if d.message = root.get("message").string(); d.message == "" {
		d.message = root.get("error").string()
	}
	d.httpStatus = int(max(0, min(code, 999)))
	d.metaOf(root, "path")
	d.addViolations(fieldViolations(root.get("errors")))
	return true
}

// Spring reads the errors of Spring Boot services.
func Spring(a *Answer) *status.Error { return a.as(readSpring) }
