package status

import "google.golang.org/protobuf/types/known/anypb"

// FromWire returns an error as it came over a wire other than gRPC: these
// details and no others, in this order, still encoded. It takes over the list
// and what is in it, unlike [Error.WithDetails] keeps a second detail of one
// type, and leaves out a nil detail and one without a type. As with a gRPC
// status, ABORTED whose ErrorInfo says CONFLICT is a [Conflict]. Code and
// message are treated as by [New]. Transports call it.
func FromWire(code Code, message string, origin Origin, list []*anypb.Any) *Error {
	code = code.failure()
	if origin < OriginUnspecified || origin > OriginLocal {
		origin = OriginUnspecified
	}
	d := complete(list)
	if code == Aborted {
		if unmarked, conflict := d.withoutPlatformCode(); conflict {
			code, d = Conflict, unmarked
		}
	}
	w := &whole{made: made{list: d}}
	w.err.set(code, message)
	w.err.origin = origin
	if len(d) > 0 {
		w.err.made = &w.made
	}
	return &w.err
}

// complete returns the details that have a type, the same list where all have.
func complete(list []*anypb.Any) details {
	kept := list[:0]
	for _, a := range list {
		if a.GetTypeUrl() != "" && valid(a.GetTypeUrl()) == a.GetTypeUrl() {
			kept = append(kept, a)
		}
	}
	return kept
}
