package httpbridge

import "github.com/errwire/errwire/status"

// JSON-RPC 2.0: {"jsonrpc": "2.0", "error": {"code": -32601, "message": …,
// "data": …}, "id": 1}, usually with HTTP 200.
// https://www.jsonrpc.org/specification

// jsonRPCCodes are the codes of the specification; the others are the service's
// own.
var jsonRPCCodes = map[int64]status.Code{
	-32700: status.InvalidArgument,
	-32600: status.InvalidArgument,
	-32601: status.Unimplemented,
	-32602: status.InvalidArgument,
	-32603: status.Internal,
}

func readJSONRPC(a *Answer, d *draft) bool {
	root := a.root()
	object := root.get("error")
	code, ok := object.get("code").integer()
	if !root.get("jsonrpc").isString() || !ok {
		return false
	}
	d.message = object.get("message").string()
	d.metaOf(object, "code")
	d.readDetails(object.get("data"))
	if d.code, ok = jsonRPCCodes[code]; !ok {
		d.code = status.Unknown
	}
	return true
}

// JSONRPC reads the errors of JSON-RPC 2.0. The number is metadata.
func JSONRPC(a *Answer) *status.Error { return a.as(readJSONRPC) }
