package interop_test

import (
	"encoding/base64"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"

	"github.com/errwire/errwire/httpbridge"
	"github.com/errwire/errwire/status"
	"github.com/errwire/errwire/status/firebase/messaging"
)

var nodeReaders = []peer{
	{
		name: "@grpc/grpc-js", module: "@grpc/grpc-js", through: "gRPC", losses: []loss{asAborted},
		see: byNode("grpcjs"),
	},
	{
		name: "@connectrpc/connect-node", module: "@connectrpc/connect-node", through: "gRPC", losses: []loss{asAborted},
		see: byNode("connectGRPC"),
	},
	{
		name: "@connectrpc/connect-node", module: "@connectrpc/connect-node", through: "Connect", losses: []loss{asAborted},
		see: byNode("connect"),
	},
	{
		name: "@connectrpc/connect-node", module: "@connectrpc/connect-node", through: "Connect, binary", losses: []loss{asAborted},
		see: byNode("connectBinary"),
	},
	{
		name: "firebase-admin", module: "firebase-admin", through: "Firebase", sc: messaging.Unregistered, losses: []loss{reasonAndMessage},
		see: byNode("firebase"),
	},
}

var reasonAndMessage = loss{"It tells the message and its own service's code; the platform code where there is no other.", func(v *view) {
	if *v = (view{Code: v.Code, Message: v.Message, Reason: v.Reason, Domain: v.Domain}); v.Reason != "" {
		v.Code = ""
	}
}}

// A nodeSighting is what a client in node/matrix.cjs saw.
type nodeSighting struct {
	Code            codes.Code
	Message, Reason string
	Status          string // google.rpc.Status in base64
	Details         []struct{ Type, Value string }
}

// byNode sees with one of the clients of node/matrix.cjs.
func byNode(client string) func(t *testing.T, sent []*status.Error) []view {
	return func(t *testing.T, sent []*status.Error) []view {
		order := map[string]any{
			"client": client, "procedure": kinds[0].method, "count": len(sent),
			"grpc":     "http://" + sampleServer(t, sent),
			"connect":  restServer(t, sent, httpbridge.Connect),
			"firebase": restServer(t, sent, httpbridge.Firebase),
		}
		var seen []nodeSighting
		runNode(t, "matrix.cjs", order, &seen)
		views := make([]view, len(seen))
		for i, s := range seen {
			views[i] = s.view(t)
		}
		return views
	}
}

func (s nodeSighting) view(t *testing.T) view {
	v := view{Code: status.FromGRPC(s.Code).String(), Message: s.Message}
	switch s.Reason {
	case "":
	case "messaging/invalid-argument":
		v.Code = status.InvalidArgument.String()
	case "messaging/registration-token-not-registered":
		v.Code, v.Reason, v.Domain = "", messaging.Unregistered.Reason, messaging.Unregistered.Domain
	default:
		v.Code = s.Reason
	}
	if s.Status != "" {
		bytes, err := base64.StdEncoding.DecodeString(s.Status)
		require.NoError(t, err)
		pb := &spb.Status{}
		require.NoError(t, proto.Unmarshal(bytes, pb))
		assert.EqualValues(t, s.Code, pb.GetCode())
		assert.Equal(t, s.Message, pb.GetMessage())
		return seenInStatus(pb)
	}
	for _, detail := range s.Details {
		value, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(detail.Value, "="))
		require.NoError(t, err)
		v.add(packed(detail.Type, value))
	}
	return v
}
