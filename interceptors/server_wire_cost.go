package interceptors

import (
	"encoding/base64"
	"strconv"

	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/protobuf/proto"
)

// wireCost is what a status costs in the header list of a response, as HTTP/2
// counts it (RFC 9113 §6.5.2): for each field the name, the value and 32 bytes.
// The message is paid for twice: percent-encoded (13 bytes for one Bengali
// letter), and in the details where there are any.
func wireCost(pb *spb.Status) int {
	cost := fieldCost("grpc-status", len(strconv.Itoa(int(pb.GetCode())))) +
		fieldCost("grpc-message", percentEncodedLen(pb.GetMessage()))
	if len(pb.GetDetails()) == 0 {
		return cost
	}
	cost += fieldCost("grpc-status-details-bin", base64.RawStdEncoding.EncodedLen(proto.Size(pb)))
	if firstDetail(pb, retryInfoName) >= 0 {
		cost += fieldCost(pushbackKey, len("2147483647"))
	}
	return cost
}

func fieldCost(name string, value int) int { return len(name) + value + 32 }

// percentEncodedLen is the length of a grpc-message as it is sent: printable
// ASCII but "%" stays, every other byte becomes "%XX".
func percentEncodedLen(message string) int {
	n := len(message)
	for i := range len(message) {
		if c := message[i]; c < ' ' || c > '~' || c == '%' {
			n += 2
		}
	}
	return n
}
