package httpbridge

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/errwire/errwire/status"
)

// gRPC's own status in the header or the trailer, whatever the body is: gRPC
// (PROTOCOL-HTTP2.md), gRPC-Web's trailers-only answers, and Envoy's JSON
// transcoder when it leaves the body empty.

func readGRPC(a *Answer, d *draft) bool {
	return d.grpcStatus(a.Header) || d.grpcStatus(a.Trailer)
}

// GRPC reads the grpc-status, grpc-message and grpc-status-details-bin of a
// header or trailer.
func GRPC(a *Answer) *status.Error { return a.as(readGRPC) }

// grpcStatus reports whether the header has a grpc-status that is an error's.
// Details that come with another code than grpc-status are not of this error
// and are left out, as grpc-go does, which also gives up the code.
func (d *draft) grpcStatus(header http.Header) bool {
	text := field(header, "Grpc-Status")
	if text == "" || text == "0" {
		return false
	}
	number, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		number = int64(status.Unknown)
	}
	d.code = grpcCode(number)
	if d.code == status.OK {
		return false
	}
	d.message = percentDecode(field(header, "Grpc-Message"))
	d.exact.raise(parseUnits(field(header, "Grpc-Retry-Pushback-Ms"), time.Millisecond))
	if bin := header["Grpc-Status-Details-Bin"]; len(bin) == 1 {
		d.statusProto(bin[0], number)
	}
	return true
}

func (d *draft) statusProto(bin string, number int64) {
	encoded, ok := decodeBase64(bin)
	st := &spb.Status{}
	if !ok || proto.Unmarshal(encoded, st) != nil || int64(st.GetCode()) != number {
		return
	}
	for _, detail := range st.GetDetails() {
		d.addAny(detail)
	}
}

// percentDecode undoes gRPC's percent-encoding; what is not of its form stays.
func percentDecode(text string) string {
	if strings.IndexByte(text, '%') < 0 {
		return text
	}
	var decoded strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] == '%' && i+2 < len(text) {
			if b, err := strconv.ParseUint(text[i+1:i+3], 16, 8); err == nil {
				decoded.WriteByte(byte(b))
				i += 2
				continue
			}
		}
		decoded.WriteByte(text[i])
	}
	return decoded.String()
}
