package status

import (
	"bytes"
	"slices"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"
)

// Equal reports whether a and b say the same to a caller: code, message,
// service code, metadata, retry delay and details, in order. Causes, attempts,
// origin and HTTP response do not count. Both are taken through [FromError];
// nil equals nil only.
func Equal(a, b error) bool {
	x, y := FromError(a), FromError(b)
	if x == nil || y == nil {
		return x == y
	}
	if x == y {
		return true
	}
	return x.code == y.code && x.message == y.message &&
		slices.EqualFunc(x.load().list, y.load().list, equalDetail)
}

// equalDetail compares what the bytes mean: maps marshal in any order.
func equalDetail(a, b *anypb.Any) bool {
	if typeName(a) != typeName(b) {
		return false
	}
	return bytes.Equal(a.GetValue(), b.GetValue()) || proto.Equal(decode(a), decode(b))
}
