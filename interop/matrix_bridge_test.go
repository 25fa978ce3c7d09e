package interop_test

import (
	"log/slog"
	"strconv"
	"testing"

	"connectrpc.com/connect"
	pb "google.golang.org/grpc/interop/grpc_testing"

	"github.com/errwire/errwire/httpbridge"
	"github.com/errwire/errwire/httpbridge/connectbridge"
	"github.com/errwire/errwire/httpbridge/gatewaybridge"
	"github.com/errwire/errwire/status"
)

// The bridges put errwire into others' programs: on one side is the bridge, on
// the other the same library without it.

const connectModule = "connectrpc.com/connect"

// protocols are those of connect-go.
var protocols = []struct {
	name    string
	options []connect.ClientOption
}{
	{"gRPC", []connect.ClientOption{connect.WithGRPC()}},
	{"gRPC-Web", []connect.ClientOption{connect.WithGRPCWeb()}},
	{"Connect", nil},
}

var bridgeReaders, bridgeWriters = bridges()

func bridges() (readers, writers []peer) {
	for _, protocol := range protocols {
		readers = append(readers, peer{
			name: "connect-go, of a handler with connectbridge,", module: connectModule, through: protocol.name, losses: []loss{asAborted},
			see: func(t *testing.T, sent []*status.Error) []view {
				interceptor := connectbridge.NewServerInterceptor(httpbridge.WithLogger(slog.New(slog.DiscardHandler)))
				server := serveConnect(t, func(i int) error { return sent[i] }, connect.WithInterceptors(interceptor))
				client := connect.NewClient[pb.Empty, pb.Empty](h2c(t), server+kinds[0].method, protocol.options...)
				return each(sent, func(i int) view { return seenByConnect(t, client, i) })
			},
		})
		writers = append(writers, peer{
			name: "connect-go, to a client with connectbridge,", module: connectModule, through: protocol.name,
			see: func(t *testing.T, sent []*status.Error) []view {
				options := append([]connect.ClientOption{connect.WithInterceptors(connectbridge.NewClientInterceptor())}, protocol.options...)
				client := connect.NewClient[pb.Empty, pb.Empty](h2c(t), connectServer(t, sent)+kinds[0].method, options...)
				return each(sent, func(i int) view {
					req := connect.NewRequest(&pb.Empty{})
					req.Header().Set("outcome", strconv.Itoa(i))
					_, err := client.CallUnary(t.Context(), req)
					return seenByErrwire(err)
				})
			},
		})
	}
	writers = append(writers, peer{
		name: "an errwire server behind grpc-gateway with gatewaybridge,", module: "github.com/grpc-ecosystem/grpc-gateway/v2", through: "REST",
		see: func(t *testing.T, sent []*status.Error) []view {
			return seenThroughGateway(t, sent, gatewaybridge.ServeMuxOptions(httpbridge.WithLogger(slog.New(slog.DiscardHandler)))...)
		},
	})
	return readers, writers
}
