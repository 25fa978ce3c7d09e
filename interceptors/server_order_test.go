package interceptors_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	middleware "github.com/grpc-ecosystem/go-grpc-middleware/v2/interceptors"
	"github.com/grpc-ecosystem/go-grpc-middleware/v2/interceptors/auth"
	"github.com/grpc-ecosystem/go-grpc-middleware/v2/interceptors/logging"
	"github.com/grpc-ecosystem/go-grpc-middleware/v2/interceptors/recovery"
	"github.com/grpc-ecosystem/go-grpc-middleware/v2/interceptors/selector"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	pb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/metadata"

	"github.com/errwire/errwire/interceptors"
	"github.com/errwire/errwire/status"
)

// A logBook is what go-grpc-middleware's logging interceptor said at the end of
// calls.
type logBook struct {
	mu    sync.Mutex
	lines []string
}

func (b *logBook) Log(_ context.Context, _ logging.Level, message string, fields ...any) {
	line := message
	for i := 0; i+1 < len(fields); i += 2 {
		if key := fields[i]; key == "grpc.code" || key == "grpc.error" {
			line += fmt.Sprintf(" %v=%v", key, fields[i+1])
		}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.lines = append(b.lines, line)
}

func (b *logBook) options() []grpc.ServerOption {
	finished := logging.WithLogOnEvents(logging.FinishCall)
	return []grpc.ServerOption{
		grpc.ChainUnaryInterceptor(logging.UnaryServerInterceptor(b, finished)),
		grpc.ChainStreamInterceptor(logging.StreamServerInterceptor(b, finished)),
	}
}

// The documented order: what observes, then errwire, then what may refuse.
func TestInterceptorsOfOthersSeeTheStatusThatLeaves(t *testing.T) {
	t.Parallel()
	noToken := func(ctx context.Context) (context.Context, error) {
		if _, err := auth.AuthFromMD(ctx, "bearer"); err != nil {
			return nil, fmt.Errorf("token %s: %w", secret, err)
		}
		return ctx, nil
	}
	notPublic := selector.MatchFunc(func(_ context.Context, call middleware.CallMeta) bool { return call.Service != "public" })
	innerRecovery := recovery.WithRecoveryHandler(func(p any) error { return fmt.Errorf("recovered %v", p) })
	tests := []struct {
		name   string
		inside []grpc.ServerOption
		handle handler
		want   status.Code
		text   string
	}{
		{"handler's error", nil, fails(errFull), status.Internal, ""},
		{"panic", nil, func(context.Context) error { panic(secret) }, status.Internal, ""},
		{"auth refuses", []grpc.ServerOption{
			grpc.ChainUnaryInterceptor(auth.UnaryServerInterceptor(noToken)),
			grpc.ChainStreamInterceptor(auth.StreamServerInterceptor(noToken)),
		}, fails(nil), status.Unauthenticated, "Request unauthenticated with bearer"},
		{"auth by a selector", []grpc.ServerOption{
			grpc.ChainUnaryInterceptor(selector.UnaryServerInterceptor(auth.UnaryServerInterceptor(noToken), notPublic)),
			grpc.ChainStreamInterceptor(selector.StreamServerInterceptor(auth.StreamServerInterceptor(noToken), notPublic)),
		}, fails(nil), status.Unauthenticated, "Request unauthenticated with bearer"},
		{"recovery inside", []grpc.ServerOption{
			grpc.ChainUnaryInterceptor(recovery.UnaryServerInterceptor(innerRecovery)),
			grpc.ChainStreamInterceptor(recovery.StreamServerInterceptor(innerRecovery)),
		}, func(context.Context) error { panic(secret) }, status.Internal, ""},
		{"default recovery inside", []grpc.ServerOption{
			grpc.ChainUnaryInterceptor(recovery.UnaryServerInterceptor()),
			grpc.ChainStreamInterceptor(recovery.StreamServerInterceptor()),
		}, func(context.Context) error { panic(secret) }, status.Internal, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if tt.text == "" {
				tt.text = tt.want.DefaultMessage()
			}
			var book logBook
			opts := append(book.options(), interceptors.ServerOptions(interceptors.WithDomain(domain), interceptors.WithLogger(discard))...)
			client := pb.NewTestServiceClient(dial(t, serve(t, tt.handle, append(opts, tt.inside...)...)))
			for _, kind := range kinds {
				book.lines = nil
				header, trailer, err := kind.call(t.Context(), client)
				assert.Equal(t, tt.want, status.CodeOf(err), kind.name)
				assert.Equal(t, status.ServiceCode{Domain: domain, Reason: tt.want.String()}, status.ServiceCodeOf(err), "completed too")
				assert.NotContains(t, everything(header, trailer, err), secret)
				book.mu.Lock()
				require.Len(t, book.lines, 1)
				assert.Equal(t, fmt.Sprintf("finished call grpc.code=%v grpc.error=%v", tt.want.GRPC(), tt.text), book.lines[0])
				book.mu.Unlock()
			}
		})
	}
}

// go-grpc-middleware's selector is how some methods get other options.
func TestASelectorGivesSomeMethodsOtherOptions(t *testing.T) {
	t.Parallel()
	inPayments := selector.MatchFunc(func(ctx context.Context, call middleware.CallMeta) bool {
		return call.Method == "UnaryCall" && len(metadata.ValueFromIncomingContext(ctx, "payments")) > 0
	})
	client := pb.NewTestServiceClient(dial(t, serve(t, fails(status.NotFound),
		grpc.ChainUnaryInterceptor(
			interceptors.UnaryServerInterceptor(interceptors.WithDomain(domain)),
			selector.UnaryServerInterceptor(interceptors.UnaryServerInterceptor(interceptors.WithDomain("payments.example.com")), inPayments),
		))))
	_, _, err := kinds[0].call(t.Context(), client)
	assert.Equal(t, domain, status.FromError(err).Domain())
	_, _, err = kinds[0].call(metadata.AppendToOutgoingContext(t.Context(), "payments", "1"), client)
	assert.Equal(t, "payments.example.com", status.FromError(err).Domain())
}
