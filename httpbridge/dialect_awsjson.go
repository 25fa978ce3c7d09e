package httpbridge

import (
	"strings"

	"github.com/errwire/errwire/status"
)

// AWS, JSON protocols: {"__type": "com.amazonaws.dynamodb.v20120810#
// ResourceNotFoundException", "message": …}, with the type in X-Amzn-Errortype
// too, or only there. Most errors are HTTP 400: the name tells the code.
// https://smithy.io/2.0/aws/protocols

func readAWSJSON(a *Answer, d *draft) bool {
	root := a.root()
	name := field(a.Header, "X-Amzn-Errortype")
	if name == "" {
		name = root.get("__type").string()
	}
	if name == "" && strings.HasPrefix(a.mediaType(), "application/x-amz-json-") {
		name = root.get("code").string()
	}
	if name == "" || a.xml() != nil {
		return false
	}
	d.awsType(name)
	d.message = root.first("message", "Message", "errorMessage").string()
	d.metaRest(root, "__type", "code", "message", "Message", "errorMessage")
	d.meta("request_id", field(a.Header, "X-Amzn-Requestid"))
	if query, _, ok := strings.Cut(field(a.Header, "X-Amzn-Query-Error"), ";"); ok {
		d.meta("query_error", query)
	}
	return true
}

// awsType reads the name of an error: what stands before "#" is its namespace,
// what follows a colon is where it is documented.
func (d *draft) awsType(text string) {
	text, _, _ = strings.Cut(text, ":")
	if namespace, name, ok := strings.Cut(text, "#"); ok {
		d.service.Domain, text = namespace, name
	}
	d.service.Reason = text
	d.code = awsCode(text)
}

// AWSJSON reads the errors of AWS services that speak JSON.
func AWSJSON(a *Answer) *status.Error { return a.as(readAWSJSON) }

// awsCodes are parts of the names of AWS's errors and what they mean, the first
// that is in a name. There are thousands of names, and these habits.
var awsCodes = []struct {
	part string
	code status.Code
}{
	{"SlowDown", status.Unavailable}, // S3 says so with a 503
	{"ServiceUnavailable", status.Unavailable},
	{"Throttl", status.ResourceExhausted},
	{"TooManyRequests", status.ResourceExhausted},
	{"ThroughputExceeded", status.ResourceExhausted},
	{"LimitExceeded", status.ResourceExhausted},
	{"QuotaExceeded", status.ResourceExhausted},
	{"NotFound", status.NotFound},
	{"NoSuch", status.NotFound},
	{"AlreadyExists", status.AlreadyExists},
	{"AlreadyOwnedByYou", status.AlreadyExists},
	{"BucketNameUnavailable", status.AlreadyExists},
	{"AccessDenied", status.PermissionDenied},
	{"Forbidden", status.PermissionDenied},
	{"ExpiredToken", status.Unauthenticated},
	{"UnrecognizedClient", status.Unauthenticated},
	{"InvalidClientTokenId", status.Unauthenticated},
	{"InvalidSignature", status.Unauthenticated},
	{"SignatureDoesNotMatch", status.Unauthenticated},
	{"MissingAuthenticationToken", status.Unauthenticated},
	{"ConditionalCheckFailed", status.FailedPrecondition},
	{"PreconditionFailed", status.FailedPrecondition},
	{"Validation", status.InvalidArgument},
	{"InternalServer", status.Internal},
	{"InternalFailure", status.Internal},
	{"InternalError", status.Internal},
}

// awsCode is the code that a name has, OK if it has none.
func awsCode(name string) status.Code {
	for _, row := range awsCodes {
		if strings.Contains(name, row.part) {
			return row.code
		}
	}
	return status.OK
}
