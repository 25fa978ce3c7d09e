package httpbridge

import "strings"

// Objects of no form that has a name: what went wrong is under one of a few
// names, and so is a code of the vendor's own.
var (
	vendorMessages = [...]string{
		"message", "msg", "Message", "detail", "title", "description",
		"errorMessage", "error_message", "error_msg", "errmsg", "error",
	}
	vendorCodes = [...]string{"code", "Code", "errorCode", "error_code", "errcode"}
)

// readVendor takes an object that says something, and nothing that another
// dialect knows.
func readVendor(a *Answer, d *draft) bool {
	root := a.root()
	if a.succeeded() {
		return false
	}
	list := fieldViolations(root.get("errors"))
	if list == nil {
		list = fieldViolations(root.get("detail"))
	}
	for _, name := range vendorMessages {
		if d.message == "" {
			d.message = strings.Join(root.get(name).texts(), "; ")
		}
	}
	d.ownCode(root, vendorCodes[:]...)
	if d.message == "" && len(list) > 0 && list[0].GetField() == "" { // no error of a field
		d.message = list[0].GetDescription()
		d.ownCode(root.get("errors").element(0), vendorCodes[:]...)
	}
	d.errorWord(a, root.get("error").string())
	d.readDetails(root.get("details"))
	d.addViolations(list)
	return d.message != "" || list != nil
}

// ownCode takes the first of the named members that is a code of the vendor's
// own: a name for the reason, a number into the metadata.
func (d *draft) ownCode(object value, names ...string) {
	for _, name := range names {
		switch code := object.get(name); {
		case code.isNumber():
			d.meta("code", code.raw())
			return
		case code.string() != "":
			d.vendorCode(code.string())
			return
		}
	}
}

// errorWord takes an "error" that is one word beside the message, as in {"error":
// "user_missing", "message": …}, for a code, unless it is the HTTP status again.
func (d *draft) errorWord(a *Answer, word string) {
	if word != "" && word != d.message && d.service.Reason == "" && !strings.Contains(word, " ") && word != statusText(a.HTTPStatus) {
		d.vendorCode(word)
	}
}
