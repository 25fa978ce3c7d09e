package connectbridge

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"

	"connectrpc.com/connect"

	"github.com/errwire/errwire/status"
)

// NewClientInterceptor returns the interceptor for a client: its calls fail with
// *status.Error, as [FromConnect] reads them. An answer that is not the service's,
// such as a proxy's page, has the origin status.OriginIntermediary. When the
// context of the call has ended, errors.Is finds its error. The end of a stream,
// io.EOF, and connect.IsNotModifiedError pass.
func NewClientInterceptor() connect.Interceptor { return client{} }

type client struct{}

// WrapUnary wraps a client's calls; a handler's pass.
func (client) WrapUnary(next connect.UnaryFunc) connect.UnaryFunc {
	return func(ctx context.Context, req connect.AnyRequest) (connect.AnyResponse, error) {
		resp, err := next(ctx, req)
		if !req.Spec().IsClient {
			return resp, err
		}
		return resp, translate(ctx, err)
	}
}

// WrapStreamingClient wraps a client's stream.
func (client) WrapStreamingClient(next connect.StreamingClientFunc) connect.StreamingClientFunc {
	return func(ctx context.Context, spec connect.Spec) connect.StreamingClientConn {
		return &clientStream{next(ctx, spec), ctx}
	}
}

// WrapStreamingHandler wraps nothing.
func (client) WrapStreamingHandler(next connect.StreamingHandlerFunc) connect.StreamingHandlerFunc {
	return next
}

type clientStream struct {
	connect.StreamingClientConn
	ctx context.Context //nolint:containedctx // the stream's own
}

func (s *clientStream) Send(m any) error { return translate(s.ctx, s.StreamingClientConn.Send(m)) }
func (s *clientStream) Receive(m any) error {
	return translate(s.ctx, s.StreamingClientConn.Receive(m))
}
func (s *clientStream) CloseRequest() error {
	return translate(s.ctx, s.StreamingClientConn.CloseRequest())
}
func (s *clientStream) CloseResponse() error {
	return translate(s.ctx, s.StreamingClientConn.CloseResponse())
}

// translate is the error of a call as its caller should see it. A plain error of
// an inner interceptor's own, which nothing recognises, stays as it is.
func translate(ctx context.Context, err error) error {
	if err == nil || errors.Is(err, io.EOF) || connect.IsNotModifiedError(err) {
		return err
	}
	e, ofConnect := fromConnect(err)
	if !ofConnect {
		if _, recognised := status.Recognize(err); !recognised {
			return err
		}
		return e.WithContextError(ctx)
	}
	if e.Origin() == status.OriginUnspecified {
		e = e.WithOrigin(inferred(e))
	}
	return e.WithContextError(ctx)
}

// proxyWords begin the messages, words of connect-go's that a test holds to the
// version in use, of errors that it made of an answer which is none of its
// protocols'.
var proxyWords = []string{"HTTP status ", "invalid content-type: "}

// inferred is the origin of an error that connect-go made on this side. Connect's
// unary calls have the HTTP status alone for the message, "503 Service
// Unavailable".
func inferred(e *status.Error) status.Origin {
	for _, words := range proxyWords {
		if strings.HasPrefix(e.Message(), words) {
			return status.OriginIntermediary
		}
	}
	code, text, _ := strings.Cut(e.Message(), " ")
	if number, err := strconv.Atoi(code); err == nil && text != "" && http.StatusText(number) == text {
		return status.OriginIntermediary
	}
	return status.OriginLocal
}
