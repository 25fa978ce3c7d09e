package httpbridge

import (
	"bytes"
	"net/http"
	"net/textproto"
	"strings"

	"github.com/errwire/errwire/status"
)

// gRPC-Web sends the trailers as the last frame of the body, marked by a flag;
// its text form is all of it in base64. PROTOCOL-WEB.md of grpc/grpc.

const grpcWebTrailer = 0x80

func isGRPCWeb(media string) bool { return strings.HasPrefix(media, "application/grpc-web") }

func isGRPCWebText(media string) bool { return strings.HasPrefix(media, "application/grpc-web-text") }

func readGRPCWeb(a *Answer, d *draft) bool {
	if !isGRPCWeb(a.mediaType()) {
		return false
	}
	body := a.Body
	if isGRPCWebText(a.mediaType()) {
		body = decodeBase64Frames(body)
	}
	for flags, content := range frames(body) {
		if flags&grpcWebTrailer != 0 {
			return d.grpcStatus(parseTrailer(content))
		}
	}
	return false
}

// GRPCWeb reads the trailer frame of a gRPC-Web body.
func GRPCWeb(a *Answer) *status.Error { return a.as(readGRPCWeb) }

func parseTrailer(block []byte) http.Header {
	header := http.Header{}
	for line := range bytes.Lines(block) {
		name, text, ok := bytes.Cut(line, []byte(":"))
		if key := textproto.CanonicalMIMEHeaderKey(string(bytes.TrimSpace(name))); ok && strings.HasPrefix(key, "Grpc-") {
			header.Add(key, string(bytes.TrimSpace(text)))
		}
	}
	return header
}
