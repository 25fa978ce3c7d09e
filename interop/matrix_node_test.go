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

var nodeWriters = []peer{
	{
		name: "@grpc/grpc-js", module: "@grpc/grpc-js", through: "gRPC",
		see: func(t *testing.T, sent []*status.Error) []view {
			return seenOverGRPC(t, len(sent), nodeServers(t, sent).GRPCJS)
		},
	},
	{
		name: "@connectrpc/connect-node", module: "@connectrpc/connect-node", through: "gRPC",
		see: func(t *testing.T, sent []*status.Error) []view {
			return seenOverGRPC(t, len(sent), nodeServers(t, sent).ConnectHTTP2)
		},
	},
	{
		name: "@connectrpc/connect-node", module: "@connectrpc/connect-node", through: "Connect",
		see: func(t *testing.T, sent []*status.Error) []view {
			return seenOverConnect(t, sent, "http://"+nodeServers(t, sent).ConnectHTTP1)
		},
	},
	{
		name: "@connectrpc/connect-node", module: "@connectrpc/connect-node", through: "gRPC-Web",
		see: func(t *testing.T, sent []*status.Error) []view {
			return seenOverGRPCWeb(t, sent, "http://"+nodeServers(t, sent).ConnectHTTP1)
		},
	},
}

// addresses are where the servers of node/servers.cjs are.
type addresses struct{ GRPCJS, ConnectHTTP1, ConnectHTTP2 string }

// nodeServers starts the servers of node/servers.cjs.
func nodeServers(t *testing.T, sent []*status.Error) (at addresses) {
	type detail struct {
		Type  string `json:"type"`
		Value []byte `json:"value"`
	}
	type failure struct {
		Code    int32    `json:"code"`
		Message string   `json:"message"`
		Status  []byte   `json:"status"`
		Details []detail `json:"details"`
	}
	failures := make([]failure, len(sent))
	for i, e := range sent {
		s := e.GRPCStatus().Proto()
		bytes, err := proto.Marshal(s)
		require.NoError(t, err)
		failures[i] = failure{s.GetCode(), s.GetMessage(), bytes, []detail{}}
		for _, packed := range s.GetDetails() {
			failures[i].Details = append(failures[i].Details, detail{string(packed.MessageName()), packed.GetValue()})
		}
	}
	startNode(t, "servers.cjs", map[string]any{"procedure": kinds[0].method, "errors": failures}, &at)
	return at
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
