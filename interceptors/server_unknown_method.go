package interceptors

import (
	"google.golang.org/grpc"

	"github.com/errwire/errwire/status"
)

// UnknownMethodHandler answers calls of methods that the server does not have.
// grpc answers those before an interceptor sees them; with this handler they
// pass the stream interceptors like any call, and leave as a complete
// UNIMPLEMENTED:
//
//	grpc.NewServer(append(interceptors.ServerOptions(),
//		grpc.UnknownServiceHandler(interceptors.UnknownMethodHandler))...)
//
// It is opt-in, for interceptors such as authentication begin to see calls of
// methods that do not exist.
func UnknownMethodHandler(_ any, stream grpc.ServerStream) error {
	e := status.New(status.Unimplemented, "")
	if stream == nil {
		return e
	}
	method, ok := grpc.MethodFromServerStream(stream)
	if !ok {
		return e
	}
	return status.Newf(status.Unimplemented, "There is no method %s.", method).
		WithMetadata(map[string]string{"method": method})
}
