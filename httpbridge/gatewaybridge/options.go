package gatewaybridge

import (
	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"

	"github.com/errwire/errwire/httpbridge"
)

// ServeMuxOptions returns the options of a mux that answers all errors by package
// httpbridge: of unary calls, of streams, and of routing. The options are
// httpbridge's; a bad one is a programming error, which the log says at once and
// because of which every error is INTERNAL.
func ServeMuxOptions(opts ...httpbridge.ServerOption) []runtime.ServeMuxOption {
	ew := newErrorWriter(opts)
	return []runtime.ServeMuxOption{
		runtime.WithErrorHandler(errorHandler(ew)),
		runtime.WithStreamErrorHandler(streamErrorHandler(ew)),
		runtime.WithRoutingErrorHandler(RoutingErrorHandler),
	}
}

// newErrorWriter is one that writes grpc-gateway's format, unless the options say
// otherwise.
func newErrorWriter(opts []httpbridge.ServerOption) *httpbridge.ErrorWriter {
	formats := httpbridge.WithFormats(httpbridge.Gateway, httpbridge.Problem)
	return httpbridge.NewErrorWriter(append([]httpbridge.ServerOption{formats}, opts...)...)
}
