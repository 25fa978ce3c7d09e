package status

import (
	"sync"

	spb "google.golang.org/genproto/googleapis/rpc/status"
	grpcstatus "google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/anypb"
)

// A draft is what grpc-go makes a Status of. It takes nothing over: it makes a
// deep copy, and the draft is of use again.
type draft struct {
	status spb.Status
	info   anypb.Any
	list   details
}

var drafts = sync.Pool{New: func() any { return new(draft) }}

// build makes the gRPC status of e.
func (e *Error) build() *grpcstatus.Status {
	code, message := e.Code(), e.Message()
	if e.made == nil && code != Conflict {
		return grpcstatus.New(code.GRPC(), message)
	}
	d, _ := drafts.Get().(*draft)
	d.status.Code, d.status.Message = int32(code.GRPC()), message //nolint:gosec // 1 to 16
	if code == Conflict {
		d.status.Details = e.load().withPlatformCode()
	} else {
		d.status.Details = d.details(e)
	}
	st := grpcstatus.FromProto(&d.status)
	d.status.Message, d.status.Details = "", nil
	clear(d.list)
	drafts.Put(d)
	return st
}

// details is e.load(), and allocates nothing that is there already.
func (d *draft) details(e *Error) details {
	i := e.info()
	if i == nil {
		return e.list()
	}
	d.info.TypeUrl, d.info.Value = errorInfoURL, i.appendTo(d.info.GetValue()[:0])
	d.list = e.list().appendWith(d.list[:0], errorInfoName, &d.info)
	return d.list
}
