package interop_test

import (
	"context"
	"net"
	"testing"
	"time"

	orcadata "github.com/cncf/xds/go/xds/data/orca/v3"
	orcaservice "github.com/cncf/xds/go/xds/service/orca/v3"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/interop"
	pb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/orca"

	"github.com/errwire/errwire/interceptors"
)

// caseServer is gRPC's own interop server behind errwire's interceptors. It knows
// its name and, by account, who calls; both are asked for by some cases.
func caseServer(t *testing.T, creds credentials.TransportCredentials, account func(authorization string) (name, scope string)) (address string) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	metrics := orca.NewServerMetricsRecorder()
	options := append(interceptors.ServerOptions(quiet), grpc.Creds(creds), orca.CallMetricsServerOption(nil))
	server := grpc.NewServer(options...)
	pb.RegisterTestServiceServer(server, &namedServer{
		interop.NewTestServer(interop.NewTestServerOptions{MetricsRecorder: metrics}), listener.Addr().String(), account,
	})
	orcaservice.RegisterOpenRcaServiceServer(server, &loadReports{metrics: metrics})
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(server.Stop)
	return listener.Addr().String()
}

type namedServer struct {
	pb.TestServiceServer
	name    string
	account func(authorization string) (name, scope string)
}

func (s *namedServer) UnaryCall(ctx context.Context, req *pb.SimpleRequest) (*pb.SimpleResponse, error) {
	resp, err := s.TestServiceServer.UnaryCall(ctx, req)
	if err != nil {
		return nil, err
	}
	if req.GetFillServerId() {
		resp.ServerId = s.name
	}
	if authorization := metadata.ValueFromIncomingContext(ctx, "authorization"); len(authorization) == 1 && s.account != nil {
		resp.Username, resp.OauthScope = s.account(authorization[0])
	}
	return resp, nil
}

// loadReports is gRPC's out-of-band load reporting (ORCA, gRFC A51). That of
// package orca sends every 30 s at most, which is as long as the case waits.
type loadReports struct {
	orcaservice.UnimplementedOpenRcaServiceServer
	metrics orca.ServerMetricsProvider
}

func (r *loadReports) StreamCoreMetrics(_ *orcaservice.OrcaLoadReportRequest, stream orcaservice.OpenRcaService_StreamCoreMetricsServer) error {
	for tick := time.NewTicker(10 * time.Millisecond); ; {
		now := r.metrics.ServerMetrics()
		report := &orcadata.OrcaLoadReport{CpuUtilization: now.CPUUtilization, MemUtilization: now.MemUtilization, Utilization: now.Utilization}
		if err := stream.Send(report); err != nil {
			return err
		}
		select {
		case <-stream.Context().Done():
			return nil
		case <-tick.C:
		}
	}
}
