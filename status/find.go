package status

import (
	grpcstatus "google.golang.org/grpc/status"
)

// maxVisited bounds the walk through an error's tree. Real chains have a few
// links; the bound is for those that run in a circle.
const maxVisited = 1 << 16

// A finding is what one walk through an error's tree recognised. At most one of
// its members is set: the nearest error that says what it is or, if there is
// none, the nearest sign of a failure on this side.
type finding struct {
	err     *Error
	code    Code
	bare    bool // code was itself in the chain, as a sentinel
	service ServiceCode
	grpc    *grpcstatus.Status
	local   Code // of a context's end, a timeout or a broken connection; else OK
	context Code // of the very errors of package context; else OK
	endless bool // the walk met its bound: errors.Is would never return
}

// said reports whether the finding is an error that says what it is.
func (f *finding) said() bool {
	return f.err != nil || f.bare || f.grpc != nil || f.service != (ServiceCode{})
}

// recognised reports whether the finding is anything at all.
func (f *finding) recognised() bool { return f.said() || f.local != OK }

// find walks the tree of err once, from the outside in, the branches of a
// joined error from the first to the last.
func (f *finding) find(err error) {
	if !f.look(err) {
		_, f.endless = eachLinkBelow(err, f.look)
	}
}

// eachLink shows visit every link of the tree of err until it answers true, and
// reports whether it did. It gives up after maxVisited links; then the tree is
// endless, as far as anybody can tell. It does not recurse: a join that joins
// itself would cost a stack of many megabytes.
func eachLink(err error, visit func(error) bool) (found, endless bool) {
	if err != nil && visit(err) {
		return true, false
	}
	return eachLinkBelow(err, visit)
}

// eachLinkBelow is eachLink without err itself, which nearly always has the
// answer.
func eachLinkBelow(err error, visit func(error) bool) (found, endless bool) {
	var few [4][]error
	pending := few[:0] // branches that come later
	for range maxVisited {
		switch e := err.(type) { //nolint:errorlint // one link at a time
		case interface{ Unwrap() error }:
			err = guard(e.Unwrap)
		case interface{ Unwrap() []error }:
			err, pending = nil, append(pending, guard(e.Unwrap))
		default:
			err = nil
		}
		for err == nil {
			if len(pending) == 0 {
				return false, false
			}
			last := &pending[len(pending)-1]
			if len(*last) == 0 {
				pending = pending[:len(pending)-1]
				continue
			}
			err, *last = (*last)[0], (*last)[1:]
		}
		if visit(err) {
			return true, false
		}
	}
	return false, true
}

// look examines one link of the chain and reports whether it said what it is.
func (f *finding) look(err error) bool {
	switch e := err.(type) { //nolint:errorlint // one link at a time
	case *Error:
		f.err = e
	case Code:
		f.code, f.bare = e.failure(), true
	case ServiceCode:
		f.service = e
	case interface{ GRPCStatus() *grpcstatus.Status }:
		f.grpc = guard(e.GRPCStatus)
	default:
		if f.local == OK {
			f.local = localCode(err)
		}
		if f.context == OK {
			f.context = contextCode(err)
		}
		return false
	}
	return f.said()
}

// guard calls a method of somebody else's error. One that panics, as methods on
// nil receivers do, answers nothing.
func guard[T any](method func() T) (answer T) {
	defer func() { _ = recover() }()
	return method()
}

// codeOf is the code of what was found, without building an Error.
func (f *finding) codeOf() Code {
	switch {
	case f.err != nil:
		return f.err.Code()
	case f.bare:
		return f.code
	case f.grpc != nil:
		return codeOfGRPC(f.grpc)
	case f.service != (ServiceCode{}):
		return f.service.code()
	case f.local != OK:
		return f.local
	default:
		return Unknown
	}
}
