package httpbridge

import (
	"cmp"

	"github.com/errwire/errwire/status"
)

// AWS, query protocols and S3; Google Cloud Storage and Azure Storage took the
// form over. The error stands alone or within a wrapper:
//
//	<Error><Code>NoSuchKey</Code><Message>…</Message><Resource>…</Resource></Error>
//	<ErrorResponse><Error><Type>Sender</Type><Code>…</Code>…</Error><RequestId>…</RequestId></ErrorResponse>
//	<Response><Errors><Error>…</Error></Errors><RequestID>…</RequestID></Response>

func readAWSXML(a *Answer, d *draft) bool {
	root := a.xml()
	object := root
	switch {
	case root == nil:
		return false
	case root.name == "ErrorResponse":
		object = root.get("Error")
	case root.name == "Response":
		object = root.get("Errors").get("Error")
	}
	code := cmp.Or(object.string("Code"), object.string("code"))
	if code == "" && object.string("Message") == "" {
		return false
	}
	d.message = cmp.Or(object.string("Message"), object.string("message"))
	d.service.Reason = code
	d.code = awsCode(code)
	for _, element := range []*element{object, root} {
		for name, text := range element.leaves() {
			switch name {
			case "Code", "code", "Message", "message", "Type":
			default:
				d.meta(name, text)
			}
		}
	}
	return true
}

// AWSXML reads the XML errors of AWS's query protocols, of S3, and of Google's
// and Azure's storage.
func AWSXML(a *Answer) *status.Error { return a.as(readAWSXML) }
