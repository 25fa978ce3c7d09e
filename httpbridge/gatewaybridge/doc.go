// Package gatewaybridge makes grpc-gateway answer errors as package httpbridge
// writes them:
//
//	mux := runtime.NewServeMux(gatewaybridge.ServeMuxOptions()...)
//
// The body stays grpc-gateway's own, google.rpc.Status as JSON, so that clients
// go on reading it; a request that accepts application/problem+json gets Problem
// Details, and httpbridge.WithFormats chooses otherwise. What changes:
//
//   - a detail of a type that is not registered leaves as {"@type": …, "value":
//     base64}; grpc-gateway answers 500, "failed to marshal error message";
//   - what may leave is said by status.Public: with handlers in the same process
//     (RegisterXHandlerServer) their plain errors, which grpc-gateway writes
//     into the body, are INTERNAL with a fixed message, and go to the log;
//   - RetryInfo is Retry-After too, errors are not cached, and WWW-Authenticate is
//     a challenge or not there, not the message;
//   - metadata in binary, and so the raw status that grpc-gateway sends as a
//     trailer, stays behind;
//   - a path that is known by another method only is 405, not 501.
//
// Other metadata of the call is forwarded as grpc-gateway does. A response rewriter
// (runtime.WithForwardResponseRewriter) does not see errors.
//
// To turn panics of in-process handlers into errors put [httpbridge.Recover]
// around the mux.
//
// [httpbridge.Recover]: https://pkg.go.dev/github.com/errwire/errwire/httpbridge#Recover
package gatewaybridge
