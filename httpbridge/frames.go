package httpbridge

import (
	"encoding/base64"
	"encoding/binary"
	"iter"
)

// frames are those of Connect's and gRPC-Web's streams: a byte of flags, the
// length in four bytes, the content. It ends where the body is cut.
func frames(body []byte) iter.Seq2[byte, []byte] {
	const prefix = 5
	return func(yield func(byte, []byte) bool) {
		for len(body) >= prefix {
			length := int64(binary.BigEndian.Uint32(body[1:prefix]))
			if length > int64(len(body)-prefix) {
				return
			}
			end := prefix + length
			if !yield(body[0], body[prefix:end]) {
				return
			}
			body = body[end:]
		}
	}
}

// decodeBase64Frames decodes gRPC-Web's text form: pieces of base64, each with
// its own padding, one after the other.
func decodeBase64Frames(text []byte) []byte {
	const group = 4
	decoded := make([]byte, 0, base64.StdEncoding.DecodedLen(len(text)))
	for ; len(text) >= group; text = text[group:] {
		var piece [3]byte
		n, err := base64.StdEncoding.Decode(piece[:], text[:group])
		if err != nil {
			break
		}
		decoded = append(decoded, piece[:n]...)
	}
	return decoded
}
