// Catalog is a service with error codes of its own, from the proto file to the
// caller's if: a library, which puts books on shelves and lends them.
//
//	go run ./examples/catalog
//
// Read it in this order:
//
//   - proto/library/v1/library.proto declares the service, and its error codes
//     in an enum with options: domain, platform code, message, parameters.
//   - go generate (buf, with protoc-gen-go, protoc-gen-go-grpc and
//     protoc-gen-go-errwire) makes package library of it.
//   - server.go returns the errors.
//   - client.go branches on them.
//   - main.go runs both over a loopback connection.
//
// To do the same for a service of yours, see the documentation of
// cmd/protoc-gen-go-errwire.
package main
