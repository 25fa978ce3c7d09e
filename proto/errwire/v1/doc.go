// Package errwirev1 is the Go form of proto/errwire/v1: the options that make a
// proto enum a catalog of service codes.
//
// Programs hardly use it. It is here for protoc-gen-go-errwire, which turns a
// catalog into a Go package (its documentation shows how to write one), for the
// *.pb.go of files with a catalog, which import it, and for tools that read
// catalogs from descriptors.
//
// [E_Catalog] is the option on the enum, [E_Error] the one on its values. Their
// numbers are given out for good, and so are the numbers of all fields.
package errwirev1

//go:generate ../../../tools/buf generate
