// protoc-gen-go-errwire makes a Go package of the service codes that an enum
// declares, so that callers branch on them by name:
//
//	case library.IsShelfFull(err):
//
// # Declare
//
// Annotate an enum with the options of errwire/v1/catalog.proto, in any proto
// file of the service:
//
//	import "errwire/v1/catalog.proto";
//
//	option go_package = "example.com/library/v1;library";
//
//	enum LibraryError {
//	  option (errwire.v1.catalog) = {domain: "library.example.com"};
//
//	  LIBRARY_ERROR_UNSPECIFIED = 0;
//
//	  // No more books fit.
//	  LIBRARY_ERROR_SHELF_FULL = 1 [(errwire.v1.error) = {
//	    code: FAILED_PRECONDITION
//	    message: "Shelf {shelf} is full."
//	    parameters: {key: "shelf"}
//	  }];
//	}
//
// # Generate
//
// The plugin is best a tool of the service's own module, so that what is
// generated and package status are of one version:
//
//	go get -tool github.com/errwire/errwire/cmd/protoc-gen-go-errwire
//
// With buf, copy proto/errwire/v1/*.proto of this module to
// third_party/errwire/v1 and list third_party among the modules of buf.yaml. No
// Go is made of them: theirs is in this module already, and must be in a program
// once only. In buf.gen.yaml, beside protoc-gen-go:
//
//	version: v2
//	inputs:
//	  - directory: .
//	    exclude_paths: [third_party/errwire]
//	plugins:
//	  - local: protoc-gen-go
//	    out: .
//	    opt: paths=source_relative
//	  - local: ["go", "tool", "protoc-gen-go-errwire"]
//	    out: .
//	    opt: paths=source_relative
//
// With protoc, which looks for plugins on the PATH, "go install" it in the place
// of "go get -tool"; nothing has to be copied:
//
//	protoc -I proto -I "$(go list -m -f '{{.Dir}}' github.com/errwire/errwire)/proto" \
//		--go_out=. --go_opt=paths=source_relative \
//		--go-errwire_out=. --go-errwire_opt=paths=source_relative \
//		library/v1/library.proto
//
// The parameters are those of protoc-gen-go: paths, module and M.
//
// protoc-gen-go and this plugin may write into one package: where their names
// would clash, this plugin refuses and says so. The enum itself is for no Go
// program to use, so a proto file that holds nothing else needs no
// protoc-gen-go.
//
// # What there is then
//
// For the value above:
//
//	library.ShelfFull                // a status.ServiceCode, and an error: errors.Is(err, library.ShelfFull)
//	library.IsShelfFull(err)         // a predicate: for any error, nil too
//	library.NewShelfFull("poetry")   // an *status.Error: platform code, message, metadata
//
// And once per Go package, whose catalogs all have one domain:
//
//	switch library.CodeOf(err) { case library.CodeShelfFull: … }
//	library.All()
//
// The package registers its codes when the program starts (status.Register),
// so a handler may return library.ShelfFull, and httpbridge recognises the names
// of REST bodies. A second file, _errwire_test.go, is a test that holds the
// package to its catalog.
//
// # What is refused
//
// What AIP-193 forbids, and what would not compile: a reason that is not
// [A-Z][A-Z0-9_]+[A-Z0-9] or is longer than 63 characters, two codes of one
// domain with one reason or one REST alias, a missing domain, a missing platform
// code or OK, a metadata key that is not [a-z][a-zA-Z0-9-_]+, a {key} in a
// message without its parameter, an umbrella that is not declared, two things
// with one Go name. Every mistake is reported, with file and line. Give the
// plugin all files of a domain at once (in buf.gen.yaml: strategy: all); what it
// cannot see together is refused when the program starts.
package main
