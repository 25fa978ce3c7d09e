package httpbridge

import "github.com/errwire/errwire/status"

// The least that an error in JSON can say: Docker's {"message": …}, with a code
// of the vendor's own beside it or not, and the Realtime Database's {"error": …}.
// The code is that of the HTTP status.

// readCodeAndMessage takes a code that is nobody's in particular for the reason.
func readCodeAndMessage(a *Answer, d *draft) bool {
	root := a.root()
	code := root.first("code", "errorCode", "error_code")
	if d.message = root.first("message", "msg", "Message").string(); d.message == "" || a.succeeded() {
		return false
	}
	text, ok := code.text()
	if !ok || text == "" {
		return false
	}
	if code.isString() {
		d.vendorCode(text)
	} else {
		d.meta("code", text)
	}
	d.readDetails(root.get("details"))
	return true
}

func readDocker(a *Answer, d *draft) bool {
	d.message = a.root().first("message", "Message").string()
	return d.message != "" && !a.succeeded()
}

// Docker reads a bare message, as the Docker Engine sends it.
func Docker(a *Answer) *status.Error { return a.as(readDocker) }

func readRealtimeDatabase(a *Answer, d *draft) bool {
	d.message = a.root().get("error").string()
	return d.message != "" && !a.succeeded()
}

// RealtimeDatabase reads a bare error, as Firebase's Realtime Database sends it.
func RealtimeDatabase(a *Answer) *status.Error { return a.as(readRealtimeDatabase) }
