// Package interop holds errwire against the clients and servers of others: real
// programs over real sockets. It has tests only, in a module of its own, so that
// what they need does not become a requirement of errwire.
//
//   - grpcjs_test.go: gRPC for Node.js, run by Node. The packages come from npm at
//     the versions in node/package-lock.json, once, into the user's cache.
//   - otel_test.go: gRPC's own OpenTelemetry.
package interop
