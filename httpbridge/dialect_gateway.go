package httpbridge

import (
	"github.com/errwire/errwire/status"
)

// grpc-gateway, and Envoy's JSON transcoder: a google.rpc.Status as JSON,
// {"code": 5, "message": …, "details": […]}. Its code is gRPC's number, and that
// is how it differs from Kratos and go-micro, which have HTTP's.
// https://github.com/grpc-ecosystem/grpc-gateway, runtime/errors.go

func readGateway(a *Answer, d *draft) bool {
	root := a.root()
	code, ok := root.get("code").integer()
	if !ok || !root.get("code").isNumber() || code < 1 || code > int64(status.Unauthenticated) {
		return false
	}
	// Marshalers that leave out what is empty are about.
	if !root.get("message").isString() && !hasOnly(root, "code", "details") {
		return false
	}
	d.gatewayStatus(root)
	return true
}

func (d *draft) gatewayStatus(object value) {
	d.message = object.first("message", "error").string()
	d.readDetails(object.get("details"))
	code, _ := object.first("code", "grpc_code").integer()
	d.code = grpcCode(code)
}

// readGatewayStream takes a line of a stream: {"error": {"code": 14, …}} where
// others are {"result": …}. Version 1 of the gateway calls the number grpc_code.
func readGatewayStream(a *Answer, d *draft) bool {
	object := a.root().get("error")
	code, ok := object.first("code", "grpc_code").integer()
	if !ok || code < 1 || code > int64(status.Unauthenticated) {
		return false
	}
	d.gatewayStatus(object)
	return true
}

// GatewayStream reads the error that ends a stream of grpc-gateway: the last of
// its JSON lines or server-sent events.
func GatewayStream(a *Answer) *status.Error { return a.as(readGatewayStream) }

// writeGateway writes the gRPC status, in which a Conflict is marked ABORTED.
func writeGateway(o *output, e *status.Error) {
	o.httpStatus = e.Code().HTTPStatus()
	o.open('{')
	o.name("code")
	o.number(int(e.Code().GRPC()))
	o.member("message", e.Message())
	o.name("details")
	o.details(grpcDetails(e))
	o.end('}')
}
