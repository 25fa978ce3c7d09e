package status

import (
	"slices"
	"strings"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"
)

// The fields of google.rpc.ErrorInfo, and of the entries of its map.
const (
	reasonField   protowire.Number = 1
	domainField   protowire.Number = 2
	metadataField protowire.Number = 3

	keyField   protowire.Number = 1
	valueField protowire.Number = 2
)

// encode wraps i for the wire, as the function encode does an ErrorInfo, at a
// fifth of the cost: nearly every error that a service makes has one. A fuzz test
// holds it to proto.Marshal.
func (i *info) encode() *anypb.Any {
	b := make([]byte, 0, sizeOfString(i.Reason)+sizeOfString(i.Domain)+len(i.rest))
	return &anypb.Any{TypeUrl: errorInfoURL, Value: i.appendTo(b)}
}

func (i *info) appendTo(b []byte) []byte {
	if i.Reason != "" {
		b = appendString(b, reasonField, i.Reason)
	}
	if i.Domain != "" {
		b = appendString(b, domainField, i.Domain)
	}
	return append(b, i.rest...)
}

// decodeRest returns i without its service code. It cannot fail: all of it was
// encoded here, or decoded before.
func (i *info) decodeRest() *errdetails.ErrorInfo {
	m := &errdetails.ErrorInfo{}
	_ = proto.Unmarshal(i.rest, m)
	return m
}

// add adds these keys to the metadata, or changes them.
func (i *info) add(metadata map[string]string) {
	if len(i.rest) == 0 {
		if rest, ok := encodeMetadata(metadata); ok {
			i.rest = rest
			return
		}
	}
	m := i.decodeRest()
	if m.Metadata == nil {
		m.Metadata = make(map[string]string, len(metadata))
	}
	for key, value := range metadata {
		m.Metadata[valid(key)] = valid(value)
	}
	i.rest = infoOf(m).rest
}

type metadatum struct {
	key, value string
	size       int // encoded, as the entry of a map
}

// encodeMetadata returns the metadata as fields of an encoded ErrorInfo, sorted.
// ok is false, and nothing is encoded, where they are not all text.
func encodeMetadata(metadata map[string]string) (b []byte, ok bool) {
	if len(metadata) == 0 {
		return nil, true
	}
	var few [4]metadatum
	entries, size := few[:0], 0
	for key, value := range metadata { // once: to go through a map costs more than to encode it
		if !isText(key) || !isText(value) {
			return nil, false
		}
		entry := sizeOfString(key) + sizeOfString(value)
		size += protowire.SizeTag(metadataField) + protowire.SizeBytes(entry)
		entries = append(entries, metadatum{key, value, entry})
	}
	if len(entries) > 1 {
		slices.SortFunc(entries, func(a, b metadatum) int { return strings.Compare(a.key, b.key) })
	}
	b = make([]byte, 0, size)
	for _, e := range entries {
		b = append(b, tag(metadataField))
		b = protowire.AppendVarint(b, uint64(e.size)) //nolint:gosec // lengths are not negative
		b = appendString(b, keyField, e.key)
		b = appendString(b, valueField, e.value)
	}
	return b, true
}

// sizeOfString is the size of a string field with a number below 16.
func sizeOfString(s string) int { return 1 + protowire.SizeBytes(len(s)) }

func appendString(b []byte, field protowire.Number, s string) []byte {
	return protowire.AppendString(append(b, tag(field)), s)
}

// tag is that of a string or message field with a number below 16.
func tag(field protowire.Number) byte {
	return byte(field)<<3 | byte(protowire.BytesType) //nolint:gosec // below 16
}
