package interceptors_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"google.golang.org/grpc"
	pb "google.golang.org/grpc/interop/grpc_testing"

	"github.com/errwire/errwire/interceptors"
	"github.com/errwire/errwire/status"
)

func TestUnknownMethodsCanBeCompleteToo(t *testing.T) {
	t.Parallel()
	opts := interceptors.ServerOptions(interceptors.WithDomain(domain))
	bare := dial(t, serve(t, fails(nil), opts...))
	complete := dial(t, serve(t, fails(nil), append(opts, grpc.UnknownServiceHandler(interceptors.UnknownMethodHandler))...))
	for _, method := range []string{"/library.v1.Shelves/Get", "/grpc.testing.TestService/Get"} {
		err := bare.Invoke(t.Context(), method, &pb.Empty{}, &pb.Empty{})
		assert.True(t, status.IsUnimplemented(err))
		assert.Zero(t, status.ServiceCodeOf(err), "no interceptor sees it")

		err = complete.Invoke(t.Context(), method, &pb.Empty{}, &pb.Empty{})
		assert.True(t, status.IsUnimplemented(err))
		e := status.FromError(err)
		assert.Equal(t, status.ServiceCode{Domain: domain, Reason: "UNIMPLEMENTED"}, e.ServiceCode())
		assert.Equal(t, "There is no method "+method+".", e.Message())
		assert.Equal(t, map[string]string{"method": method}, e.Metadata())
	}
}
