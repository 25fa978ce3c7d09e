package gatewaybridge

import (
	"context"
	"net/http"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"

	"github.com/errwire/errwire/status"
)

// RoutingErrorHandler answers requests that no route is found for, by the mux's
// error handler: the code is that of the HTTP status, which stays as it is. It is
// for runtime.WithRoutingErrorHandler.
func RoutingErrorHandler(
	ctx context.Context, mux *runtime.ServeMux, marshaler runtime.Marshaler,
	w http.ResponseWriter, r *http.Request, httpStatus int,
) {
	err := status.New(status.FromHTTPStatus(httpStatus), http.StatusText(httpStatus))
	runtime.HTTPError(ctx, mux, marshaler, w, r, &runtime.HTTPStatusError{HTTPStatus: httpStatus, Err: err})
}
