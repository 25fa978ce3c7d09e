package status

import (
	"unicode/utf8"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/protobuf/encoding/protowire"
)

// decodeErrorInfo decodes an ErrorInfo at a third of the cost of proto.Unmarshal,
// which fills maps by reflection: nearly every error has one. ok is false where
// there is anything in it but its three fields; proto.Unmarshal decides about
// that, and a fuzz test holds the rest to it.
func decodeErrorInfo(b []byte) (info *errdetails.ErrorInfo, ok bool) {
	info = &errdetails.ErrorInfo{}
	text := string(b) // one allocation for all that is kept of it
	for at := 0; at < len(b); {
		field, start, end := fieldAt(b, at)
		value := text[start:end]
		switch {
		case field == reasonField && utf8.ValidString(value):
			info.Reason = value
		case field == domainField && utf8.ValidString(value):
			info.Domain = value
		case field == metadataField:
			key, text, ok := decodeEntry(b[start:end], value)
			if !ok {
				return nil, false
			}
			if info.Metadata == nil {
				info.Metadata = make(map[string]string)
			}
			info.Metadata[key] = text
		default:
			return nil, false
		}
		at = end
	}
	return info, true
}

// decodeEntry decodes an entry of the metadata, given twice: as bytes and as text.
func decodeEntry(b []byte, text string) (key, value string, ok bool) {
	for at := 0; at < len(b); {
		field, start, end := fieldAt(b, at)
		switch {
		case field == keyField && utf8.Valid(b[start:end]):
			key = text[start:end]
		case field == valueField && utf8.Valid(b[start:end]):
			value = text[start:end]
		default:
			return "", "", false
		}
		at = end
	}
	return key, value, true
}

// fieldAt returns the number of the field at that place, and where its value
// is; 0 for one that is no text or bytes.
func fieldAt(b []byte, at int) (field protowire.Number, start, end int) {
	field, wireType, n := protowire.ConsumeTag(b[at:])
	if n < 0 || wireType != protowire.BytesType {
		return 0, 0, 0
	}
	value, m := protowire.ConsumeBytes(b[at+n:])
	if m < 0 {
		return 0, 0, 0
	}
	end = at + n + m
	return field, end - len(value), end
}
