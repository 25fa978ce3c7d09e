package gatewaybridge_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"

	"github.com/errwire/errwire/httpbridge/gatewaybridge"
)

func Example() {
	mux := runtime.NewServeMux(gatewaybridge.ServeMuxOptions()...)
	// libraryv1.RegisterLibraryHandler(ctx, mux, conn) …

	rec := httptest.NewRecorder()
	mux.ServeHTTP(rec, httptest.NewRequest(http.MethodGet, "/v1/nowhere", nil))
	fmt.Println(rec.Code, rec.Body)
	// Output:
	// 404 {"code":5,"message":"Not Found","details":[]}
}
