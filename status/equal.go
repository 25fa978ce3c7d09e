package status

import (
	"bytes"
	"slices"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"
)

// Equal reports whether a and b say the same to a caller: code, message,
// service code, metadata, retry delay, and the other details in order. Causes,
// attempts, origin and HTTP response do not count. Both are taken through
// [FromError]; nil equals nil only.
func Equal(a, b error) bool {
	x, y := FromError(a), FromError(b)
	if x == nil || y == nil || x == y {
		return x == y
	}
	if x.Code() != y.Code() || x.Message() != y.Message() {
		return false
	}
	p, q := x.load(), y.load()
	return equalDetail(p.find(errorInfoName), q.find(errorInfoName)) &&
		equalDetail(p.find(retryInfoName), q.find(retryInfoName)) &&
		slices.EqualFunc(p.others(), q.others(), equalDetail)
}

// others returns the details but the first ErrorInfo and RetryInfo, whose place
// among the others means nothing.
func (d details) others() details {
	info, retry := d.index(errorInfoName), d.index(retryInfoName)
	others := make(details, 0, len(d))
	for i, a := range d {
		if i != info && i != retry {
			others = append(others, a)
		}
	}
	return others
}

// equalDetail compares what the bytes mean: maps marshal in any order.
func equalDetail(a, b *anypb.Any) bool {
	if a == nil || b == nil { // an empty one says as little as none
		return len(a.GetValue()) == 0 && len(b.GetValue()) == 0
	}
	if typeName(a) != typeName(b) {
		return false
	}
	return bytes.Equal(a.GetValue(), b.GetValue()) || proto.Equal(decode(a), decode(b))
}
