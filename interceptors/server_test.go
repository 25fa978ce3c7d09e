package interceptors_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	pb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/metadata"
	grpcstatus "google.golang.org/grpc/status"

	"github.com/errwire/errwire/interceptors"
	"github.com/errwire/errwire/status"
)

const (
	domain = "library.example.com"
	secret = "hunter2"
)

var errFull = errors.New("shelf " + secret + " is full")

// A quotaError is an error type of the service.
type quotaError struct{ left int }

func (quotaError) Error() string { return "quota " + secret }

// evil panics whatever is asked of it.
type evil struct{}

func (evil) Error() string                  { panic(secret) }
func (evil) Unwrap() error                  { panic(secret) }
func (evil) Is(error) bool                  { panic(secret) }
func (evil) GRPCStatus() *grpcstatus.Status { panic(secret) }

// offRange has a gRPC status as no error may have it.
type offRange codes.Code

func (o offRange) Error() string { return secret }
func (o offRange) GRPCStatus() *grpcstatus.Status {
	return grpcstatus.New(codes.Code(o), "as sent")
}

var shelfFull = status.ServiceCode{Domain: domain, Reason: "SHELF_FULL"}

// outcomes are what handlers do, and what callers see of it.
var outcomes = []struct {
	name    string
	handle  handler
	code    status.Code
	message string // "": the code's fixed one
	reason  string // "": the code's name
}{
	{name: "own error", code: status.FailedPrecondition, message: "The shelf is full.", reason: "SHELF_FULL",
		handle: fails(status.New(status.FailedPrecondition, "The shelf is full.").WithServiceCode(shelfFull))},
	{name: "own error wrapped", code: status.NotFound, message: "No shelf.",
		handle: fails(fmt.Errorf("%s: %w", secret, status.New(status.NotFound, "No shelf.")))},
	{name: "own error with a cause", code: status.Internal, message: "Try later.",
		handle: fails(status.New(status.Internal, "Try later.").WithCause(errFull))},
	{name: "bare code", code: status.PermissionDenied, handle: fails(status.PermissionDenied)},
	{name: "bare service code", code: status.Unknown, reason: "SHELF_FULL", handle: fails(shelfFull)},
	{name: "conflict", code: status.Conflict, message: "Changed meanwhile.",
		handle: fails(status.New(status.Conflict, "Changed meanwhile."))},
	{name: "gRPC status", code: status.AlreadyExists, message: "There is one.",
		handle: fails(grpcstatus.Error(codes.AlreadyExists, "There is one."))},
	{name: "gRPC status wrapped", code: status.AlreadyExists, message: "There is one.",
		handle: fails(fmt.Errorf("dsn=%s: %w", secret, grpcstatus.Error(codes.AlreadyExists, "There is one.")))},
	{name: "relayed", code: status.NotFound, message: "No such user.",
		handle: fails(status.New(status.NotFound, "No such user.").WithOrigin(status.OriginService))},
	{name: "backend out of reach", code: status.Unavailable,
		handle: fails(status.New(status.Unavailable, "dial tcp "+secret).WithOrigin(status.OriginLocal))},
	{name: "proxy before the backend", code: status.Unavailable,
		handle: fails(status.New(status.Unavailable, "<html>"+secret).WithOrigin(status.OriginIntermediary))},
	{name: "end of the context", code: status.Cancelled, handle: fails(fmt.Errorf("%s: %w", secret, context.Canceled))},
	{name: "deadline", code: status.DeadlineExceeded, handle: fails(context.DeadlineExceeded)},
	{name: "slow disk", code: status.Internal, handle: fails(os.ErrDeadlineExceeded)},
	{name: "mapped sentinel", code: status.ResourceExhausted, handle: fails(fmt.Errorf("x: %w", errFull))},
	{name: "mapped type", code: status.OutOfRange, message: "3 left.", handle: fails(quotaError{3})},
	{name: "mapped file", code: status.NotFound,
		handle: fails(&fs.PathError{Op: "open", Path: secret, Err: fs.ErrNotExist})},
	{name: "anything else", code: status.Internal, handle: fails(errors.New(secret))},
	{name: "panic", code: status.Internal, handle: func(context.Context) error { panic(secret) }},
	{name: "panic with an error", code: status.Internal,
		handle: func(context.Context) error { panic(status.New(status.NotFound, secret)) }},
	{name: "panic with a mapped error", code: status.Internal, handle: func(context.Context) error { panic(errFull) }},
	{name: "OK in an error", code: status.Unknown, message: "as sent", handle: fails(offRange(codes.OK))},
	{name: "code out of range", code: status.Unknown, message: "as sent", handle: fails(offRange(99))},
	{name: "typed nil", code: status.Internal, handle: fails((*status.Error)(nil))},
	{name: "evil", code: status.Internal, handle: fails(evil{})},
	{name: "joined", code: status.NotFound, handle: fails(errors.Join(errors.New(secret), status.NotFound))},
}

func fails(err error) handler { return func(context.Context) error { return err } }

// serviceMappers are the mappers of the test service.
func serviceMappers() []interceptors.ServerOption {
	return []interceptors.ServerOption{
		interceptors.WithMapper(interceptors.MapIs(errFull, status.ResourceExhausted)),
		interceptors.WithMapper(interceptors.MapAs(func(q quotaError) *status.Error {
			return status.Newf(status.OutOfRange, "%d left.", q.left)
		})),
		interceptors.WithMapper(interceptors.MapFS),
		interceptors.WithMapper(func(error) *status.Error { panic(secret) }),
	}
}

// logTo is a logger that writes JSON to buffer.
func logTo(buffer *bytes.Buffer) *slog.Logger { return slog.New(slog.NewJSONHandler(buffer, nil)) }

func TestWhatHandlersReturnIsWhatMayLeave(t *testing.T) {
	t.Parallel()
	for _, outcome := range outcomes {
		t.Run(outcome.name, func(t *testing.T) {
			t.Parallel()
			opts := append(serviceMappers(), interceptors.WithDomain(domain), interceptors.WithLogger(discard))
			addr := serve(t, outcome.handle, interceptors.ServerOptions(opts...)...)
			clients := map[string]pb.TestServiceClient{
				"bare":    pb.NewTestServiceClient(dial(t, addr)),
				"errwire": pb.NewTestServiceClient(dial(t, addr, interceptors.DialOptions(interceptors.WithoutRetry())...)),
			}
			for name, client := range clients {
				for _, kind := range kinds {
					ctx := metadata.AppendToOutgoingContext(t.Context(), "x-request-id", "r-1")
					header, trailer, err := kind.call(ctx, client)
					require.Error(t, err, "%s %s", name, kind.name)
					e := status.FromError(err)
					message, reason := outcome.message, outcome.reason
					if message == "" {
						message = outcome.code.DefaultMessage()
					}
					if reason == "" {
						reason = outcome.code.String()
					}
					assert.Equal(t, outcome.code.GRPC(), grpcstatus.Code(err))
					assert.Equal(t, outcome.code, e.Code(), "%s %s", name, kind.name)
					assert.Equal(t, message, e.Message(), "%s %s", name, kind.name)
					assert.Equal(t, status.ServiceCode{Domain: domain, Reason: reason}, e.ServiceCode(), "%s %s", name, kind.name)
					info, _ := status.Detail[*errdetails.RequestInfo](e)
					assert.Equal(t, "r-1", info.GetRequestId(), "%s %s", name, kind.name)
					assert.NotContains(t, everything(header, trailer, err), secret, "%s %s", name, kind.name)
				}
			}
		})
	}
}

// Not even a mapper that publishes all it is asked about.
func TestNoMapperPublishesAPanic(t *testing.T) {
	t.Parallel()
	for _, extra := range [][]interceptors.ServerOption{nil, {interceptors.WithDebugInfo()}} {
		e := called(t, func(context.Context) error { panic(secret) }, append(extra,
			interceptors.WithMapper(func(err error) *status.Error { return status.New(status.NotFound, err.Error()) })))
		assert.True(t, status.Equal(status.New(status.Internal, ""), e), "%v", e)
	}
}

// A handler that calls a backend by a bare channel relays grpc-go's own words.
func TestTheAddressOfADeadBackendDoesNotLeave(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	address := listener.Addr().String()
	require.NoError(t, listener.Close())
	for name, opts := range map[string][]grpc.DialOption{
		"bare":    nil,
		"errwire": interceptors.DialOptions(interceptors.WithoutRetry()),
	} {
		backend := pb.NewTestServiceClient(dial(t, address, opts...))
		handle := func(ctx context.Context) error {
			_, err := backend.UnaryCall(ctx, &pb.SimpleRequest{})
			assert.ErrorContains(t, err, address)
			return err
		}
		e := called(t, handle, nil)
		assert.Equal(t, status.Unavailable, e.Code(), name)
		assert.Equal(t, status.Unavailable.DefaultMessage(), e.Message(), name)
	}
}

// everything is all that a client got, as text.
func everything(header, trailer metadata.MD, err error) string {
	st, _ := grpcstatus.FromError(err)
	return strings.Join([]string{fmt.Sprint(header), fmt.Sprint(trailer), err.Error(), st.Proto().String()}, "\n")
}

var discard = slog.New(slog.DiscardHandler)
