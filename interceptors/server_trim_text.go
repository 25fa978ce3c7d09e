package interceptors

import (
	"maps"
	"slices"
	"unicode/utf8"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/codes"
	grpcstatus "google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/errwire/errwire/status"
)

// platformCodeKey is the metadata key by which package status sends a CONFLICT:
// it is part of the code, and stays.
const platformCodeKey = "platformCode"

// cutMetadataValues cuts the longest metadata values to one length. The keys
// stay: clients may rely on a key that was sent once (AIP-193).
func cutMetadataValues(pb *spb.Status, limit int) bool {
	longest := 0
	return editErrorInfo(pb, func(info *errdetails.ErrorInfo, write func()) bool {
		all := maps.Clone(info.GetMetadata())
		for key, value := range all {
			if key != platformCodeKey {
				longest = max(longest, len(value))
			}
		}
		kept := largest(pb, limit, longest, func(units int) {
			for key, value := range all {
				if key != platformCodeKey {
					info.Metadata[key] = cutText(value, units)
				}
			}
			write()
		})
		return kept < longest
	})
}

// cutMetadataKeys drops keys, the last in the alphabet first.
func cutMetadataKeys(pb *spb.Status, limit int) bool {
	return editErrorInfo(pb, func(info *errdetails.ErrorInfo, write func()) bool {
		all := info.GetMetadata()
		keys := slices.DeleteFunc(slices.Sorted(maps.Keys(all)), func(key string) bool { return key == platformCodeKey })
		kept := largest(pb, limit, len(keys), func(units int) {
			info.Metadata = maps.Clone(all)
			for _, key := range keys[units:] {
				delete(info.Metadata, key)
			}
			write()
		})
		return kept < len(keys)
	})
}

// editErrorInfo lets edit change the first ErrorInfo of pb; write puts the
// change into pb.
func editErrorInfo(pb *spb.Status, edit func(info *errdetails.ErrorInfo, write func()) bool) bool {
	info := &errdetails.ErrorInfo{}
	i := firstDetail(pb, errorInfoName)
	if i < 0 || proto.Unmarshal(pb.GetDetails()[i].GetValue(), info) != nil || len(info.GetMetadata()) == 0 {
		return false
	}
	return edit(info, func() {
		if value, err := proto.Marshal(info); err == nil {
			pb.Details[i].Value = value
		}
	})
}

// dropServingData leaves nothing of a RequestInfo but an id of sane length.
func dropServingData(pb *spb.Status, _ int) bool {
	i := firstDetail(pb, requestInfoName)
	if i < 0 {
		return false
	}
	before := pb.GetDetails()[i].GetValue()
	info := &errdetails.RequestInfo{}
	if proto.Unmarshal(before, info) != nil || len(info.GetRequestId()) > maxRequestID {
		pb.Details = slices.Delete(pb.GetDetails(), i, i+1)
		return true
	}
	value, err := proto.Marshal(&errdetails.RequestInfo{RequestId: info.GetRequestId()})
	if err != nil || len(value) >= len(before) {
		return false
	}
	pb.Details[i].Value = value
	return true
}

// cutMessage cuts the tail of the message, on a rune. A message that would be
// shorter than the code's fixed one becomes that.
func cutMessage(pb *spb.Status, limit int) bool {
	message, fixed := pb.GetMessage(), fixedMessage(pb)
	kept := largest(pb, limit, len(message), func(units int) {
		if pb.Message = cutText(message, units); units < len(fixed) {
			pb.Message = fixed
		}
	})
	return kept < len(message)
}

func fixedMessage(pb *spb.Status) string {
	return status.FromGRPC(codes.Code(pb.GetCode())).DefaultMessage() //nolint:gosec // out of range is UNKNOWN
}

// keepEssence is for statuses whose reason, domain or request id are larger than
// any that is legal: code, fixed message and delay, and the service code only if
// there is room for it.
func keepEssence(pb *spb.Status, limit int) bool {
	e := status.FromError(grpcstatus.ErrorProto(pb))
	essence := status.New(e.Code(), "")
	if delay, ok := e.RetryDelay(); ok {
		essence = essence.WithRetryDelay(delay)
	}
	for _, candidate := range []*status.Error{essence.WithServiceCode(e.ServiceCode()), essence} {
		proto.Reset(pb)
		proto.Merge(pb, candidate.GRPCStatus().Proto())
		if wireCost(pb) <= limit {
			break
		}
	}
	return true
}

// cutText returns at most n bytes from the start of text, without cutting a
// rune in two.
func cutText(text string, n int) string {
	if len(text) <= n {
		return text
	}
	for n > 0 && !utf8.RuneStart(text[n]) {
		n--
	}
	return text[:n]
}
