package status

import grpcstatus "google.golang.org/grpc/status"

// fromGRPC takes over a gRPC status. Only ABORTED has its details looked at,
// for it may be a CONFLICT in disguise. A status whose code or text no error may
// have is not kept: it would come out again, and bytes that are not UTF-8 cost a
// server all details of the status.
func fromGRPC(st *grpcstatus.Status) *Error {
	code := FromGRPC(st.Code()).failure()
	var unmarked details
	var conflict bool
	if code == Aborted {
		code, unmarked, conflict = readGRPC(st)
	}
	e := New(code, st.Message())
	e.origin = originOfItsText
	switch {
	case conflict:
		e.made = &made{list: unmarked}
	case code.GRPC() != st.Code() || st.Message() != "" && st.Message() != e.message:
		e.made = &made{list: peek(st).GetDetails()}
	default:
		e.received = st
	}
	return e
}

// codeOfGRPC is fromGRPC(st).Code().
func codeOfGRPC(st *grpcstatus.Status) Code {
	if code := FromGRPC(st.Code()).failure(); code != Aborted {
		return code
	}
	code, _, _ := readGRPC(st)
	return code
}

// GRPCStatus returns e as a gRPC status, so that a gRPC handler may return e and
// grpc's own status.FromError and status.Code understand it. It holds the code,
// the message and the details, never the cause or the HTTP response. A status
// that came from the wire is given back as it came. It is nil, which is OK, for
// a nil *Error.
func (e *Error) GRPCStatus() *grpcstatus.Status {
	if e == nil {
		return nil
	}
	if e.received != nil {
		return e.received
	}
	if st := e.status.Load(); st != nil {
		return st
	}
	st := e.build()
	if !e.status.CompareAndSwap(nil, st) {
		return e.status.Load() // everyone gets the same one
	}
	return st
}
