package httpbridge

import (
	"encoding/base64"
	"strings"

	"google.golang.org/protobuf/types/known/anypb"

	"github.com/errwire/errwire/status"
)

// Connect: {"code": "not_found", "message": …, "details": [{"type":
// "google.rpc.ErrorInfo", "value": base64, "debug": …}]}, application/json
// whatever the request was. https://connectrpc.com/docs/protocol

// readConnect takes an object whose code is a platform code, in Connect's lower
// case or not, or whose details are Connect's. Details of any other form are
// Encore's. An empty message is left out by Connect's servers.
func readConnect(a *Answer, d *draft) bool {
	root := a.root()
	if !root.get("code").isString() {
		return false
	}
	_, known := parseCode(root.get("code").string())
	connects, others := countDetails(root.get("details"))
	if others || !known && !connects {
		return false
	}
	if !connects && !root.get("message").isString() && !hasOnly(root, "code", "details") {
		return false
	}
	d.connectError(a, root)
	return true
}

// countDetails tells whether there are details of Connect's form, and whether
// there is anything else in their place.
func countDetails(details value) (connects, others bool) {
	if details.exists() && !details.isArray() && details.node().kind != 'n' {
		return false, true
	}
	for detail := range details.elements() {
		if detail.get("type").isString() && detail.get("value").isString() {
			connects = true
		} else {
			others = true
		}
	}
	return connects, others && !connects
}

// connectError reads an error object of Connect. The value of a detail is its
// message; "debug" is for people.
func (d *draft) connectError(a *Answer, object value) {
	d.message = object.get("message").string()
	for detail := range object.get("details").elements() {
		name := detail.get("type").string()
		encoded, ok := decodeBase64(detail.get("value").string())
		if name == "" || !ok {
			d.addRaw(detail)
			continue
		}
		if !strings.Contains(name, "/") {
			name = typePrefix + name
		}
		d.addAny(&anypb.Any{TypeUrl: name, Value: encoded})
	}
	if d.setCode(object.get("code").string(), "code"); d.code == status.OK {
		d.code = connectStatus(a.HTTPStatus)
	}
}

// connectStatus is Connect's own meaning of an HTTP status, for a body that
// names no code: that of a gRPC call which something other than gRPC answered
// (the gRPC project's http-grpc-status-mapping.md).
func connectStatus(httpStatus int) status.Code {
	switch httpStatus {
	case 400:
		return status.Internal
	case 401:
		return status.Unauthenticated
	case 403:
		return status.PermissionDenied
	case 404:
		return status.Unimplemented
	case 429, 502, 503, 504:
		return status.Unavailable
	default:
		return status.Unknown
	}
}

// writeConnect writes the gRPC status, in which a Conflict is marked ABORTED.
// Connect's HTTP statuses are google.rpc.Code's.
func writeConnect(o *output, e *status.Error) {
	o.httpStatus = e.Code().HTTPStatus()
	o.open('{')
	o.member("code", connectName(grpcCode(int64(e.Code().GRPC()))))
	o.member("message", e.Message())
	if details := e.GRPCStatus().Proto().GetDetails(); len(details) > 0 {
		o.name("details")
		o.open('[')
		for _, detail := range details {
			o.connectDetail(detail)
		}
		o.end(']')
	}
	o.end('}')
}

func (w *jsonWriter) connectDetail(detail *anypb.Any) {
	name := typeName(detail.GetTypeUrl())
	if name == "" {
		name = detail.GetTypeUrl() // no name at all, but a detail is not lost for that
	}
	w.open('{')
	w.member("type", name)
	w.member("value", base64.RawStdEncoding.EncodeToString(detail.GetValue()))
	w.end('}')
}

// connectName is the name of a code in Connect: American, and in lower case.
func connectName(code status.Code) string {
	if code == status.Cancelled {
		return "canceled"
	}
	return strings.ToLower(code.String())
}
