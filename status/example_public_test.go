package status_test

import (
	"context"
	"errors"
	"fmt"
	"net"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/test/bufconn"

	"github.com/errwire/errwire/status"
)

var errNoRows = errors.New("sql: no rows in result set")

// library is the service under test.
type library struct {
	healthpb.UnimplementedHealthServer
}

func (library) Check(_ context.Context, req *healthpb.HealthCheckRequest) (*healthpb.HealthCheckResponse, error) {
	if req.GetService() == "" {
		return nil, status.New(status.InvalidArgument, "Which service?").WithCause(errors.New("caller 10.0.0.7"))
	}
	return nil, fmt.Errorf("select * from services where name = %q: %w", req.GetService(), errNoRows)
}

// noRows is a mapper of the service: what it does not know is nil.
func noRows(err error) *status.Error {
	if errors.Is(err, errNoRows) {
		return status.New(status.NotFound, "There is no such service.")
	}
	return nil
}

// Public is the rule of what may leave the process. A test of a handler asks it
// what the caller will see, and compares with Equal.
func ExamplePublic() {
	_, err := library{}.Check(context.Background(), &healthpb.HealthCheckRequest{Service: "loans"})
	fmt.Println("in the log:", err)

	got, want := status.Public(err, noRows), status.New(status.NotFound, "There is no such service.")
	fmt.Println("the caller:", got.Code(), got, status.Equal(want, got))

	unmapped := status.Public(err)
	fmt.Println("unmapped:  ", unmapped.Code(), unmapped)
	// Output:
	// in the log: select * from services where name = "loans": sql: no rows in result set
	// the caller: NOT_FOUND There is no such service. true
	// unmapped:   INTERNAL An internal error occurred.
}

// The same over a connection in memory. An interceptor of three lines stands for
// those of package interceptors.
func ExampleEqual() {
	public := func(ctx context.Context, req any, _ *grpc.UnaryServerInfo, handle grpc.UnaryHandler) (any, error) {
		resp, err := handle(ctx, req)
		if err != nil {
			return nil, status.Public(err, noRows)
		}
		return resp, nil
	}
	listener := bufconn.Listen(1 << 16)
	server := grpc.NewServer(grpc.UnaryInterceptor(public))
	healthpb.RegisterHealthServer(server, library{})
	go func() { _ = server.Serve(listener) }()
	defer server.Stop()

	conn, err := grpc.NewClient("passthrough:///library",
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return listener.DialContext(ctx) }))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = conn.Close() }()

	client := healthpb.NewHealthClient(conn)
	_, err = client.Check(context.Background(), &healthpb.HealthCheckRequest{Service: "loans"})
	fmt.Println(status.Equal(err, status.New(status.NotFound, "There is no such service.")))
	_, err = client.Check(context.Background(), &healthpb.HealthCheckRequest{})
	fmt.Println(status.Equal(err, status.New(status.InvalidArgument, "Which service?")))
	// Output:
	// true
	// true
}
