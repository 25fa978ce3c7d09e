package connectbridge

import (
	"context"
	"net/http"
	"net/url"

	"connectrpc.com/connect"

	"github.com/errwire/errwire/httpbridge"
)

// NewServerInterceptor returns the interceptor for a server's handlers: their
// errors leave as [ToConnect] writes them, mappers and domain of the options
// applied, and a panic is INTERNAL, its value and stack for the log only. What
// does not leave is logged. The formats of the options do not matter. A bad option
// is a programming error: the log says so at once, and every call is refused with
// INTERNAL.
//
// http.ErrAbortHandler passes, and so does connect.NewNotModifiedError.
func NewServerInterceptor(opts ...httpbridge.ServerOption) connect.Interceptor {
	return &server{errors: httpbridge.NewErrorWriter(opts...)}
}

type server struct{ errors *httpbridge.ErrorWriter }

// WrapUnary wraps a handler; a client's calls pass.
func (s *server) WrapUnary(next connect.UnaryFunc) connect.UnaryFunc {
	return func(ctx context.Context, req connect.AnyRequest) (resp connect.AnyResponse, err error) {
		if req.Spec().IsClient {
			return next(ctx, req)
		}
		err = s.call(ctx, req.Spec(), req.Header(), func() error {
			resp, err = next(ctx, req)
			return err
		})
		if err != nil {
			return nil, err
		}
		return resp, nil
	}
}

// WrapStreamingClient wraps nothing.
func (*server) WrapStreamingClient(next connect.StreamingClientFunc) connect.StreamingClientFunc {
	return next
}

// WrapStreamingHandler wraps a handler.
func (s *server) WrapStreamingHandler(next connect.StreamingHandlerFunc) connect.StreamingHandlerFunc {
	return func(ctx context.Context, conn connect.StreamingHandlerConn) error {
		return s.call(ctx, conn.Spec(), conn.RequestHeader(), func() error { return next(ctx, conn) })
	}
}

func (s *server) call(ctx context.Context, spec connect.Spec, header http.Header, handle func() error) error {
	err := s.errors.Err()
	if err == nil {
		err = httpbridge.CatchPanic(handle)
	}
	if err == nil || connect.IsNotModifiedError(err) {
		return err
	}
	// For the log only.
	req := (&http.Request{
		Method: http.MethodPost, URL: &url.URL{Path: spec.Procedure}, Header: header,
	}).WithContext(ctx)
	return write(s.errors.Publish(req, known(err)), err)
}
