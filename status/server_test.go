package status_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	grpcstatus "google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"

	"github.com/errwire/errwire/status"
)

// failingServer is a real gRPC server whose every call fails with what it is
// told, as a handler without errwire's interceptors returns it.
type failingServer struct {
	healthpb.UnimplementedHealthServer
	fail atomic.Pointer[func(context.Context) error]
}

func (s *failingServer) Check(ctx context.Context, _ *healthpb.HealthCheckRequest) (*healthpb.HealthCheckResponse, error) {
	return nil, (*s.fail.Load())(ctx)
}

// call calls a server over loopback whose handler fails so. The client is bare
// grpc-go.
func call(t *testing.T, fail func(context.Context) error) error {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	handler := &failingServer{}
	handler.fail.Store(&fail)
	server := grpc.NewServer()
	healthpb.RegisterHealthServer(server, handler)
	go func() { _ = server.Serve(l) }()
	t.Cleanup(server.Stop)
	conn, err := grpc.NewClient(l.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	_, err = healthpb.NewHealthClient(conn).Check(ctx, &healthpb.HealthCheckRequest{})
	require.Error(t, err)
	return err
}

func TestWhatAHandlerReturnsIsWhatTheClientHolds(t *testing.T) {
	t.Parallel()
	unknown := &anypb.Any{TypeUrl: "types.acme.example/acme.v1.Unknown", Value: []byte{0x0a, 0x01, 0xff, 0xf8, 0x01, 0x07}}
	for _, row := range errorCodes {
		bare := status.New(row.code, "")
		full := status.New(row.code, "Ключ не найден: 鍵 🔑\n\t\"%20\"").
			WithServiceCode(status.ServiceCode{Domain: "bücherei.example.com", Reason: "SHELF_NOT_FOUND"}).
			WithMetadata(map[string]string{"shelf": "42", "größe": "größer", "": ""}).
			WithRetryDelay(1500*time.Millisecond).
			WithDetails(unknown, &errdetails.BadRequest{FieldViolations: []*errdetails.BadRequest_FieldViolation{{Field: "f"}}})
		for name, sent := range map[string]*status.Error{"bare": bare, "full": full} {
			t.Run(row.name+"/"+name, func(t *testing.T) {
				t.Parallel()
				err := call(t, func(context.Context) error {
					return sent.WithCause(errors.New(secret)).WithAttempts(3, "").WithOrigin(status.OriginService)
				})
				assert.Equal(t, row.grpc, grpcstatus.Code(err))
				assert.True(t, row.is(err))
				e := status.FromError(err)
				assert.True(t, status.Equal(sent, e), "%+v", e)
				assert.Equal(t, sent.Message(), e.Message())
				assert.Equal(t, sent.ServiceCode(), e.ServiceCode())
				assert.Equal(t, sent.Metadata(), e.Metadata())
				assert.ErrorIs(t, e, err)
				assert.NotContains(t, fmt.Sprintf("%+v", e), secret)
				if name == "full" {
					delay, ok := e.RetryDelay()
					assert.True(t, ok)
					assert.Equal(t, 1500*time.Millisecond, delay)
					kept, ok := e.Details()[2].(*anypb.Any)
					require.True(t, ok)
					assert.True(t, proto.Equal(unknown, kept), "byte for byte")
				}
			})
		}
	}
}

func TestARelayedErrorArrivesAsItWas(t *testing.T) {
	t.Parallel()
	sent := status.New(status.Conflict, "busy").WithServiceCode(status.ServiceCode{Domain: "d", Reason: "ROW_BUSY"}).
		WithDetails(&anypb.Any{TypeUrl: "acme/Unknown", Value: []byte("x")})
	first := call(t, func(context.Context) error { return sent })
	second := call(t, func(context.Context) error { return status.FromError(first) })
	third := call(t, func(context.Context) error { return second }) // a hop that does not know errwire
	for _, err := range []error{first, second, third} {
		assert.True(t, status.IsConflict(err))
		assert.True(t, status.Equal(sent, err), "%+v", status.FromError(err))
	}
}

func TestBareCodesFromAHandler(t *testing.T) {
	t.Parallel()
	domain := newDomain()
	require.NoError(t, status.Register(&status.Catalog{Domain: domain, Source: "server_test.go", Definitions: []status.Definition{
		{Reason: "SHELF_FULL", Code: status.FailedPrecondition, Message: "The shelf is full."},
	}}))
	full, undeclared := status.ServiceCode{Domain: domain, Reason: "SHELF_FULL"}, status.ServiceCode{Domain: domain, Reason: "UNDECLARED"}
	for returned, want := range map[error]*status.Error{
		status.NotFound:      status.New(status.NotFound, ""),
		status.Conflict:      status.New(status.Conflict, ""),
		status.OK:            status.New(status.Unknown, ""),
		full:                 status.New(status.FailedPrecondition, "The shelf is full.").WithServiceCode(full),
		undeclared:           status.New(status.Unknown, "").WithServiceCode(undeclared),
		status.ServiceCode{}: status.New(status.Unknown, ""),
	} {
		err := call(t, func(context.Context) error { return returned })
		assert.True(t, status.Equal(want, err), "%v: %+v", returned, status.FromError(err))
	}
}

func TestTheCallersOwnContextOverGRPC(t *testing.T) {
	t.Parallel()
	err := call(t, func(ctx context.Context) error { return status.FromError(context.DeadlineExceeded) })
	assert.True(t, status.IsDeadlineExceeded(err))
	assert.NotErrorIs(t, status.FromError(err), context.DeadlineExceeded, "that was the server's")
}

func TestALongMessageOverGRPC(t *testing.T) {
	t.Parallel()
	sent := status.New(status.Internal, strings.Repeat("ঞ", 20_000))
	err := call(t, func(context.Context) error { return sent })
	assert.True(t, status.Equal(sent, err))

	// A server that does not know errwire sends what it likes.
	err = call(t, func(context.Context) error { return grpcstatus.Error(codes.Internal, strings.Repeat("m", 1<<20)) })
	e := status.FromError(err)
	assert.Len(t, e.Message(), 16<<10)
	assert.Equal(t, e.Message(), e.GRPCStatus().Message(), "nor does it go on")
}
