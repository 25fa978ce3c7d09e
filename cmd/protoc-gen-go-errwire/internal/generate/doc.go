// Package generate is the inside of protoc-gen-go-errwire.
//
// [Run] turns a request into a response. What it generates from is a model
// (goPackage, value) that is read from the descriptors; everything that can be
// wrong with them is noted while reading, with its place, and refused all at
// once. The two templates are the shape of what is generated: package.go.tmpl
// for the package, test.go.tmpl for its test.
//
// The tests read testdata/protos in compiled form, which go generate makes.
// "go test -update" writes the golden files: the packages in ../golden, and the
// refusal.txt beside each proto file that is refused.
package generate

//go:generate ../../../../tools/buf build --config cmd/protoc-gen-go-errwire/internal/generate/testdata/buf.yaml --exclude-path proto/errwire/firebase --exclude-imports --as-file-descriptor-set --output cmd/protoc-gen-go-errwire/internal/generate/testdata/protos.binpb
