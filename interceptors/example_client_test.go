package interceptors_test

import (
	"context"
	"fmt"
	"log"
	"net"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	testpb "google.golang.org/grpc/interop/grpc_testing"
	grpcstatus "google.golang.org/grpc/status"
	"google.golang.org/grpc/test/bufconn"

	"github.com/errwire/errwire/interceptors"
	"github.com/errwire/errwire/retry"
	"github.com/errwire/errwire/status"
)

// The six lines that adopt errwire: the options on the channel, and a predicate
// where an error is looked at.
func ExampleDialOptions() {
	target, stop := startExample(grpcstatus.Error(codes.NotFound, "There is no shelf 7."))
	defer stop()

	conn, err := grpc.NewClient(target, append(
		interceptors.DialOptions(),
		grpc.WithTransportCredentials(insecure.NewCredentials()))...)
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = conn.Close() }()

	_, err = testpb.NewTestServiceClient(conn).UnaryCall(context.Background(), &testpb.SimpleRequest{})
	if status.IsNotFound(err) {
		fmt.Println("not found:", err)
	}
	// Output: not found: There is no shelf 7.
}

// A call that had better fail than wait has a policy of its own, and one that may
// run twice without harm says so.
func ExampleCallPolicy() {
	target, stop := startExample(
		grpcstatus.Error(codes.Unavailable, "Not now."),
		grpcstatus.Error(codes.Unavailable, "Not yet."),
		nil)
	defer stop()
	conn, err := grpc.NewClient(target, append(
		interceptors.DialOptions(),
		grpc.WithTransportCredentials(insecure.NewCredentials()))...)
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	client := testpb.NewTestServiceClient(conn)

	hasty := retry.MustPolicy(
		retry.WithMaxAttempts(2),
		retry.WithBackoff(10*time.Millisecond, 100*time.Millisecond))
	_, err = client.UnaryCall(context.Background(), &testpb.SimpleRequest{},
		interceptors.CallPolicy(hasty), interceptors.Idempotent())
	fmt.Println(err, "Attempts:", status.FromError(err).Attempts())

	_, err = client.UnaryCall(context.Background(), &testpb.SimpleRequest{}, interceptors.NoRetry())
	fmt.Println("Error:", err)
	// Output:
	// Not yet. Attempts: 2
	// Error: <nil>
}

// The observer of a policy is told of each failed attempt: all that metrics of
// retries need. Its constants are fit for labels.
func ExampleDialOptions_metrics() {
	target, stop := startExample(
		grpcstatus.Error(codes.Unavailable, "Not now."),
		nil,
		grpcstatus.Error(codes.NotFound, "There is no shelf 7."))
	defer stop()

	var mu sync.Mutex
	failedAttempts := map[string]int{} // in the place of a counter with labels
	policy := retry.MustPolicy(
		retry.WithBackoff(10*time.Millisecond, time.Second),
		retry.WithObserver(func(_ context.Context, e retry.Event) {
			mu.Lock()
			defer mu.Unlock()
			failedAttempts[fmt.Sprintf("method=%s code=%s decision=%s", e.Method, status.CodeOf(e.Err), e.Decision)]++
		}))

	conn, err := grpc.NewClient(target, append(
		interceptors.DialOptions(interceptors.WithRetryPolicy(policy)),
		grpc.WithTransportCredentials(insecure.NewCredentials()))...)
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	client := testpb.NewTestServiceClient(conn)
	for range 2 {
		_, _ = client.UnaryCall(context.Background(), &testpb.SimpleRequest{})
	}

	mu.Lock()
	defer mu.Unlock()
	for labels, count := range failedAttempts {
		fmt.Println(labels, count)
	}
	// Unordered output:
	// method=/grpc.testing.TestService/UnaryCall code=UNAVAILABLE decision=retry 1
	// method=/grpc.testing.TestService/UnaryCall code=NOT_FOUND decision=not_retriable 1
}

// Code that calls a service is tested against a server in the same process, over
// bufconn: the errors are those of the wire. A policy without a wait keeps the
// test quick.
func Example_testing() {
	listener := bufconn.Listen(1 << 16)
	server := grpc.NewServer(interceptors.ServerOptions()...)
	testpb.RegisterTestServiceServer(server, &exampleService{answers: []error{
		status.New(status.Unavailable, "Not now."),
		status.New(status.NotFound, "There is no shelf 7.").
			WithServiceCode(status.ServiceCode{Domain: "library.example.com", Reason: "NO_SHELF"}),
	}})
	go func() { _ = server.Serve(listener) }()
	defer server.Stop()

	conn, err := grpc.NewClient("passthrough:///bufconn", append(
		interceptors.DialOptions(interceptors.WithRetryPolicy(retry.MustPolicy(retry.WithBackoff(0, 0)))),
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return listener.DialContext(ctx) }),
		grpc.WithTransportCredentials(insecure.NewCredentials()))...)
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = conn.Close() }()

	_, err = testpb.NewTestServiceClient(conn).UnaryCall(context.Background(), &testpb.SimpleRequest{})
	e := status.FromError(err)
	fmt.Println(e.Code(), e.ServiceCode(), e.Attempts())
	// Output: NOT_FOUND library.example.com/NO_SHELF 2
}
