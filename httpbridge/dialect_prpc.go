package httpbridge

import (
	"strconv"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"

	"github.com/errwire/errwire/status"
)

// LUCI's pRPC: the message is the body, all else is in headers.
// go.chromium.org/luci/grpc/prpc

func readPRPC(a *Answer, d *draft) bool {
	text := field(a.Header, "X-Prpc-Grpc-Code")
	if text == "" {
		return false
	}
	number, err := strconv.ParseInt(text, 10, 64)
	if err != nil || number == 0 {
		return false
	}
	d.code = grpcCode(number)
	d.message = plainText(a)
	for _, text := range a.Header["X-Prpc-Status-Details-Bin"] {
		detail := &anypb.Any{}
		if encoded, ok := decodeBase64(text); ok && proto.Unmarshal(encoded, detail) == nil {
			d.addAny(detail)
		}
	}
	return true
}

// PRPC reads the errors of LUCI's pRPC.
func PRPC(a *Answer) *status.Error { return a.as(readPRPC) }
