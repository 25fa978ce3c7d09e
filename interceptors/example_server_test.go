package interceptors_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	middleware "github.com/grpc-ecosystem/go-grpc-middleware/v2/interceptors"
	"github.com/grpc-ecosystem/go-grpc-middleware/v2/interceptors/selector"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"

	"github.com/errwire/errwire/interceptors"
	"github.com/errwire/errwire/status"
)

// Handlers return Go errors. What they know how to say leaves, and nothing else
// does; every status has a reason and a domain.
func ExampleServerOptions() {
	options := interceptors.ServerOptions(
		interceptors.WithDomain("library.example.com"),
		interceptors.WithMapper(interceptors.MapSQL),
		interceptors.WithLogger(discard), // by default slog gets what does not leave
	)
	for _, err := range []error{
		status.New(status.FailedPrecondition, "The shelf is full."),
		fmt.Errorf("user admin@10.0.0.7: %w", sql.ErrNoRows),
		errors.New("user admin@10.0.0.7: access denied"),
	} {
		seen := seenByClient(options, err)
		fmt.Printf("%v %v: %s\n", seen.Code(), seen.ServiceCode(), seen.Message())
	}
	// Output:
	// FAILED_PRECONDITION library.example.com/FAILED_PRECONDITION: The shelf is full.
	// NOT_FOUND library.example.com/NOT_FOUND: The requested resource was not found.
	// INTERNAL library.example.com/INTERNAL: An internal error occurred.
}

// A server that sheds load says when to come back. Clients of every language
// obey, and do not all come back at once.
func ExampleServerOptions_overload() {
	overloaded := status.New(status.Unavailable, "").WithRetryDelay(2 * time.Second)

	seen := seenByClient(interceptors.ServerOptions(), overloaded)
	delay, _ := seen.RetryDelay()
	fmt.Println(seen.Code(), delay)
	// Output: UNAVAILABLE 2s
}

// The service's own sentinels and error types become service codes.
func ExampleWithMapper() {
	errFull := errors.New("no room")
	shelfFull := status.ServiceCode{Domain: "library.example.com", Reason: "SHELF_FULL"}
	full := status.New(status.FailedPrecondition, "The shelf is full.").WithServiceCode(shelfFull)

	options := interceptors.ServerOptions(
		interceptors.WithMapper(interceptors.MapIs(errFull, full)),
		interceptors.WithMapper(interceptors.MapAs(func(err *net.AddrError) *status.Error {
			return status.New(status.InvalidArgument, "This is no address.")
		})),
	)
	fmt.Println(seenByClient(options, fmt.Errorf("put: %w", errFull)))
	fmt.Println(seenByClient(options, &net.AddrError{Err: "missing port", Addr: "10.0.0.7"}))
	// Output:
	// The shelf is full.
	// This is no address.
}

// In tests and in staging, errors that break AIP-193 are reported; in a test,
// with t.Error.
func ExampleWithStrict() {
	options := interceptors.ServerOptions(interceptors.WithStrict(func(v interceptors.Violation) {
		fmt.Println(v)
	}))
	_ = seenByClient(options, status.New(status.NotFound, "There is no shelf 42.").
		WithServiceCode(status.ServiceCode{Domain: "library.example.com", Reason: "no_shelf"}))
	// Output:
	// /grpc.health.v1.Health/Check: reason: reason "no_shelf" does not match ^[A-Z][A-Z0-9_]{1,61}[A-Z0-9]$
	// /grpc.health.v1.Health/Check: metadata: "42" of the message "There is no shelf 42." is not in the metadata
}

// Callers that send accept-language get a message in their language as well.
// Package locale has a localizer with ready-made messages.
func ExampleWithLocalizer() {
	italian := func(acceptLanguage string, e *status.Error) (locale, message string) {
		if !strings.HasPrefix(acceptLanguage, "it") || e.Code() != status.NotFound {
			return "", ""
		}
		return "it", "Lo scaffale non esiste."
	}
	options := interceptors.ServerOptions(interceptors.WithLocalizer(italian))
	localized, _ := status.Detail[*errdetails.LocalizedMessage](seenByClient(options, status.NotFound, "accept-language", "it-IT"))
	fmt.Println(localized.GetLocale(), localized.GetMessage())
	// Output: it Lo scaffale non esiste.
}

// go-grpc-middleware's selector gives some methods options of their own.
func ExampleUnaryServerInterceptor_selector() {
	isHealth := func(_ context.Context, call middleware.CallMeta) bool {
		return call.Service == "grpc.health.v1.Health"
	}
	isOther := func(ctx context.Context, call middleware.CallMeta) bool { return !isHealth(ctx, call) }

	options := []grpc.ServerOption{grpc.ChainUnaryInterceptor(
		selector.UnaryServerInterceptor(
			interceptors.UnaryServerInterceptor(interceptors.WithDomain("health.example.com")),
			selector.MatchFunc(isHealth)),
		selector.UnaryServerInterceptor(
			interceptors.UnaryServerInterceptor(interceptors.WithDomain("library.example.com")),
			selector.MatchFunc(isOther)),
	)}
	fmt.Println(seenByClient(options, status.NotFound).ServiceCode())
	// Output: health.example.com/NOT_FOUND
}

// Without the handler, grpc answers a call of an unknown method by itself.
func ExampleUnknownMethodHandler() {
	options := append(
		interceptors.ServerOptions(interceptors.WithDomain("library.example.com")),
		grpc.UnknownServiceHandler(interceptors.UnknownMethodHandler),
	)
	var seen *status.Error
	withServer(options, nil, func(conn *grpc.ClientConn) {
		seen = status.FromError(conn.Invoke(context.Background(), "/library.v1.Shelves/Get",
			&healthpb.HealthCheckRequest{}, &healthpb.HealthCheckResponse{}))
	})
	fmt.Printf("%v %v: %s\n", seen.Code(), seen.ServiceCode(), seen.Message())
	// Output:
	// UNIMPLEMENTED library.example.com/UNIMPLEMENTED: There is no method /library.v1.Shelves/Get.
}

// seenByClient is what a plain gRPC client sees of an error that a handler
// returns, over a real connection.
func seenByClient(options []grpc.ServerOption, handlerReturns error, metadataPairs ...string) (seen *status.Error) {
	withServer(options, handlerReturns, func(conn *grpc.ClientConn) {
		ctx := metadata.AppendToOutgoingContext(context.Background(), metadataPairs...)
		_, err := healthpb.NewHealthClient(conn).Check(ctx, &healthpb.HealthCheckRequest{})
		seen = status.FromError(err)
	})
	return seen
}

func withServer(options []grpc.ServerOption, handlerReturns error, use func(*grpc.ClientConn)) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	server := grpc.NewServer(options...)
	healthpb.RegisterHealthServer(server, &failingHealth{err: handlerReturns})
	go func() { _ = server.Serve(listener) }()
	defer server.Stop()
	conn, err := grpc.NewClient(listener.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = conn.Close() }()
	use(conn)
}

// failingHealth is a service whose calls fail.
type failingHealth struct {
	healthpb.UnimplementedHealthServer
	err error
}

func (f *failingHealth) Check(context.Context, *healthpb.HealthCheckRequest) (*healthpb.HealthCheckResponse, error) {
	return nil, f.err
}
