package main

import (
	"context"
	"net"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"

	"github.com/errwire/errwire/interceptors"
	"github.com/errwire/errwire/status"
)

// A health server answers, or fails with the failure of the fixture.
type health struct {
	healthpb.UnimplementedHealthServer
	err error
}

func (h health) Check(context.Context, *healthpb.HealthCheckRequest) (*healthpb.HealthCheckResponse, error) {
	return &healthpb.HealthCheckResponse{Status: healthpb.HealthCheckResponse_SERVING}, h.err
}

// calling is a contender that makes calls over loopback TCP.
func calling(name string, failure error, server []grpc.ServerOption, client []grpc.DialOption) contender {
	return contender{name, func() (func() any, func()) {
		listener, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
		if err != nil {
			return func() any { return err }, no
		}
		s := grpc.NewServer(server...)
		healthpb.RegisterHealthServer(s, health{err: failure})
		go func() { _ = s.Serve(listener) }()
		conn, err := grpc.NewClient(listener.Addr().String(), append(client, grpc.WithTransportCredentials(insecure.NewCredentials()))...)
		if err != nil {
			return func() any { return err }, s.Stop
		}
		c := healthpb.NewHealthClient(conn)
		ctx, req := context.Background(), &healthpb.HealthCheckRequest{}
		return func() any {
				_, err := c.Check(ctx, req)
				return status.CodeOf(err).String()
			}, func() {
				_ = conn.Close()
				s.Stop()
			}
	}}
}

var (
	chainServer = interceptors.ServerOptions(interceptors.WithDomain(domain))
	chainClient = interceptors.DialOptions()

	loopbackSuccess = []contender{
		calling("errwire, client and server", nil, chainServer, chainClient),
		calling("bare grpc-go", nil, nil, nil),
	}
	loopbackFailure = []contender{
		calling("errwire, client and server", ourError, chainServer, chainClient),
		calling("bare grpc-go", wireStatus.Err(), nil, nil),
	}
)
