package httpbridge

// readCodeAndMessage takes {"code": …, "message": …} of vendors that have no form of
// their own: a code that names no platform code is the reason.
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
