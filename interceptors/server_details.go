package interceptors

import (
	"slices"
	"strings"
	"unicode/utf8"

	spb "google.golang.org/genproto/googleapis/rpc/status"
	grpcstatus "google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/anypb"

	"github.com/errwire/errwire/status"
)

// The standard details of AIP-193.
const (
	errorInfoName    = "google.rpc.ErrorInfo"
	retryInfoName    = "google.rpc.RetryInfo"
	requestInfoName  = "google.rpc.RequestInfo"
	resourceInfoName = "google.rpc.ResourceInfo"
	localizedName    = "google.rpc.LocalizedMessage"
	helpName         = "google.rpc.Help"
	debugInfoName    = "google.rpc.DebugInfo"
	badRequestName   = "google.rpc.BadRequest"
	quotaName        = "google.rpc.QuotaFailure"
	preconditionName = "google.rpc.PreconditionFailure"
)

// detailLists are the details that are nothing but one list. Their encoded
// forms can be joined and cut without being decoded.
var detailLists = []string{badRequestName, preconditionName, quotaName}

// fit makes e what can be sent: no detail that would cost the others, each type
// once (AIP-193) unless a backend's service sent it so, and a wire cost within
// the limit. It names what it had to drop for the limit.
func fit(e *status.Error, limit int) (fitting *status.Error, lost []string) {
	pb := e.GRPCStatus().Proto()
	changed := pb.GetMessage() != e.Message()
	pb.Message = e.Message()
	changed = dropUnsendable(pb) || changed
	if e.Origin() != status.OriginService {
		changed = joinDuplicates(pb) || changed
	}
	if wireCost(pb) > limit {
		changed, lost = true, trim(pb, limit)
	}
	if !changed {
		return e, nil
	}
	return status.FromError(grpcstatus.ErrorProto(pb)).WithCause(nil).WithOrigin(e.Origin()), lost
}

// dropUnsendable takes out details for which protobuf would refuse the whole
// status, and those of no type, which no client can read.
func dropUnsendable(pb *spb.Status) (dropped bool) {
	return dropDetails(pb, func(a *anypb.Any, _ int) bool {
		return a.GetTypeUrl() == "" || !utf8.ValidString(a.GetTypeUrl())
	})
}

// joinDuplicates leaves one detail of each type: lists are joined, of all else
// the first stays. A backend may have sent a hundred thousand.
func joinDuplicates(pb *spb.Status) (joined bool) {
	if len(pb.GetDetails()) < 2 {
		return false
	}
	first := make(map[string]*anypb.Any, len(pb.GetDetails()))
	return dropDetails(pb, func(a *anypb.Any, _ int) bool {
		name := detailName(a)
		kept, double := first[name]
		switch {
		case !double:
			first[name] = a
		case name == helpName || slices.Contains(detailLists, name):
			kept.Value = append(kept.GetValue(), a.GetValue()...)
		}
		return double
	})
}

// detailName is the message name in the type URL of a.
func detailName(a *anypb.Any) string {
	url := a.GetTypeUrl()
	return url[strings.LastIndexByte(url, '/')+1:]
}

// firstDetail is the place of the first detail of that type, or -1.
func firstDetail(pb *spb.Status, name string) int {
	return slices.IndexFunc(pb.GetDetails(), func(a *anypb.Any) bool { return detailName(a) == name })
}
