package interceptors

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/grpc-ecosystem/go-grpc-middleware/v2/interceptors/recovery"
	"google.golang.org/grpc"

	"github.com/errwire/errwire/status"
)

// A server is the configuration that the unary and the stream interceptor of a
// server share. Nothing in it changes once it is made, but what strict has seen.
type server struct {
	domain        string
	serviceDomain func(service string) string
	mappers       []func(error) *status.Error
	logger        *slog.Logger // nil: the default one of the moment
	maxStatusSize int
	hooks         []func(context.Context, *status.Error, error)
	requestID     func(context.Context) string
	localizer     Localizer
	strict        *strict
	debugInfo     bool
	err           error // a bad option: every call is refused
}

// The panics of handlers are caught by go-grpc-middleware: it returns them as a
// *recovery.PanicError, which never leaves as it is.
var (
	recoverUnary  = recovery.UnaryServerInterceptor()
	recoverStream = recovery.StreamServerInterceptor()
)

func newServer(opts []ServerOption) *server {
	s := &server{maxStatusSize: defaultStatusSize}
	var bad error
	for _, opt := range opts {
		if opt == nil {
			bad = errors.Join(bad, errors.New("interceptors: nil ServerOption"))
		} else if err := opt(s); err != nil {
			bad = errors.Join(bad, fmt.Errorf("interceptors: %w", err))
		}
	}
	if bad != nil {
		s.err = &serverMisuse{bad}
		s.logAttrs(context.Background(), slog.LevelError, "bad server option: every call will be refused", slog.String("error", bad.Error()))
	}
	return s
}

// ServerOptions returns what a server needs so that its handlers may return any
// Go error, and panic, and a complete status that says nothing it should not is
// what leaves:
//
//	server := grpc.NewServer(interceptors.ServerOptions(
//		interceptors.WithDomain("library.example.com"))...)
//
// They are the two server interceptors, chained: those of other options given
// before run outside of them, those given after inside. Put what observes calls
// (OpenTelemetry, logging, metrics) before, so that it sees the status that
// leaves; put what may refuse a call (authentication, rate limits, validation)
// after, so that its errors are completed too. An interceptor of
// [grpc.UnaryInterceptor] or [grpc.StreamInterceptor] is always the outermost.
//
// A bad option is a programming error: with one, the log says so at once, every
// call is refused before its handler runs, and the caller sees INTERNAL. Called
// directly, the interceptor returns the plain error that says what is wrong.
func ServerOptions(opts ...ServerOption) []grpc.ServerOption {
	s := newServer(opts)
	return []grpc.ServerOption{
		grpc.ChainUnaryInterceptor(s.unary),
		grpc.ChainStreamInterceptor(s.stream),
	}
}

// UnaryServerInterceptor returns the interceptor of [ServerOptions] for unary
// calls, for servers that build their chain by hand; go-grpc-middleware's
// selector gives some methods other options than the rest.
func UnaryServerInterceptor(opts ...ServerOption) grpc.UnaryServerInterceptor {
	return newServer(opts).unary
}

// StreamServerInterceptor returns the interceptor of [ServerOptions] for the
// three kinds of streams. It does not wrap the stream: what a handler sends and
// receives costs nothing more.
func StreamServerInterceptor(opts ...ServerOption) grpc.StreamServerInterceptor {
	return newServer(opts).stream
}

func (s *server) unary(
	ctx context.Context, req any, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler,
) (any, error) {
	if ctx == nil || handler == nil {
		return nil, errNilServerArgument
	}
	if s.err != nil {
		return nil, s.refuse(ctx)
	}
	reply, err := recoverUnary(ctx, req, info, handler)
	if err == nil {
		return reply, nil
	}
	method := ""
	if info != nil {
		method = info.FullMethod
	}
	return nil, s.answer(ctx, method, err)
}

func (s *server) stream(
	srv any, stream grpc.ServerStream, info *grpc.StreamServerInfo, handler grpc.StreamHandler,
) error {
	if stream == nil || stream.Context() == nil || handler == nil {
		return errNilServerArgument
	}
	if s.err != nil {
		return s.refuse(stream.Context())
	}
	err := recoverStream(srv, stream, info, handler)
	if err == nil {
		return nil
	}
	method := ""
	if info != nil {
		method = info.FullMethod
	}
	return s.answer(stream.Context(), method, err)
}
