// Package conformance puts errwire under the conformance tests of Connect, gRPC
// and gRPC-Web (connectrpc.com/conformance). It has tests only.
//
// TestConformance starts the suite's runner, and the runner starts this test's
// own binary again as the client or the server under test: a role. What it wants
// of a role comes through stdin, and the results go back through stdout, in
// messages of the schema that the runner's module has; schema_test.go compiles it.
package conformance
