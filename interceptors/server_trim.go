package interceptors

import (
	"slices"
	"sort"
	"sync/atomic"

	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/types/known/anypb"
)

var trimmed atomic.Uint64

// TrimmedStatuses returns how many statuses this process has had to trim to
// their size limit (see [WithMaxStatusSize]), for a metric.
func TrimmedStatuses() uint64 { return trimmed.Load() }

// A loss is one step by which a status gets smaller. It reports whether it
// changed anything.
type loss struct {
	name string // as the log tells it
	take func(pb *spb.Status, limit int) bool
}

// losses are in the order in which a status can do without them. The code, the
// reason, the domain and the delay outlive them all.
var losses = []loss{
	{"debug_info", dropDetail(debugInfoName)},
	{"help", dropDetail(helpName)},
	{"unknown_details", dropUnknown},
	{"localized_message", dropDetail(localizedName)},
	{"bad_request_tail", cutList(badRequestName)},
	{"precondition_failure_tail", cutList(preconditionName)},
	{"quota_failure_tail", cutList(quotaName)},
	{"resource_info", dropDetail(resourceInfoName)},
	{"serving_data", dropServingData},
	{"metadata_values", cutMetadataValues},
	{"metadata_keys", cutMetadataKeys},
	{"message_tail", cutMessage},
	{"all_but_the_code", keepEssence},
}

// trim makes pb cost at most limit and names what it took.
func trim(pb *spb.Status, limit int) (lost []string) {
	trimmed.Add(1)
	for _, step := range losses {
		if wireCost(pb) <= limit {
			break
		}
		if step.take(pb, limit) {
			lost = append(lost, step.name)
		}
	}
	return lost
}

// largest returns the most of n units that may stay; keep makes pb as if that
// many were left, and is last called with the answer.
func largest(pb *spb.Status, limit, n int, keep func(units int)) int {
	gone := sort.Search(n, func(gone int) bool {
		keep(n - gone)
		return wireCost(pb) <= limit
	})
	keep(n - gone)
	return n - gone
}

func dropDetail(name string) func(*spb.Status, int) bool {
	return func(pb *spb.Status, _ int) bool {
		return dropDetails(pb, func(a *anypb.Any, _ int) bool { return detailName(a) == name })
	}
}

// standardDetails are those of which a client can make something; each has a
// step of its own.
var standardDetails = append([]string{
	errorInfoName, retryInfoName, requestInfoName, resourceInfoName, localizedName,
}, detailLists...)

// dropUnknown takes out details of all other types, and seconds of a type,
// which only a backend's status can have.
func dropUnknown(pb *spb.Status, _ int) bool {
	first := make(map[string]int, len(standardDetails))
	for _, name := range standardDetails {
		first[name] = firstDetail(pb, name)
	}
	return dropDetails(pb, func(a *anypb.Any, i int) bool {
		place, known := first[detailName(a)]
		return !known || place != i
	})
}

func dropDetails(pb *spb.Status, drop func(a *anypb.Any, i int) bool) bool {
	var kept []*anypb.Any
	for i, a := range pb.GetDetails() {
		if !drop(a, i) {
			kept = append(kept, a)
		}
	}
	dropped := len(kept) < len(pb.GetDetails())
	pb.Details = kept
	return dropped
}

// cutList cuts the tail of a detail that is one list: an encoded list is its
// elements, one after another.
func cutList(name string) func(*spb.Status, int) bool {
	return func(pb *spb.Status, limit int) bool {
		i := firstDetail(pb, name)
		if i < 0 {
			return false
		}
		all, details := pb.GetDetails()[i], pb.GetDetails()
		ends, readable := elementEnds(all.GetValue())
		kept := largest(pb, limit, len(ends), func(units int) {
			if units == 0 {
				pb.Details = slices.Delete(slices.Clone(details), i, i+1)
				return
			}
			pb.Details = slices.Clone(details)
			pb.Details[i] = &anypb.Any{TypeUrl: all.GetTypeUrl(), Value: all.GetValue()[:ends[units-1]]}
		})
		return kept < len(ends) || readable < len(all.GetValue())
	}
}

// elementEnds are the places in an encoded list where an element ends, as far as
// it is readable.
func elementEnds(b []byte) (ends []int, readable int) {
	for readable < len(b) {
		_, _, n := protowire.ConsumeField(b[readable:])
		if n < 0 {
			break
		}
		readable += n
		ends = append(ends, readable)
	}
	return ends, readable
}
