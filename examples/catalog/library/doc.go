// Package library is what is generated from proto/library/v1/library.proto: the
// messages and the service (library.pb.go, library_grpc.pb.go), and the
// service codes (library.errwire.go) with a test of their own. Nothing but this
// comment is written by hand.
//
// A server returns [NewShelfFull] or, bare, [BookReserved]. A client asks
// [IsShelfFull], or [IsBookUnavailable] for several of them, or switches over
// [CodeOf].
package library
