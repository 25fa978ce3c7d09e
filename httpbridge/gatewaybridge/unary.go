package gatewaybridge

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	grpcstatus "google.golang.org/grpc/status"

	"github.com/errwire/errwire/httpbridge"
)

// ErrorHandler returns the handler of [ServeMuxOptions] for the errors of unary
// calls and of streams that have not begun, for runtime.WithErrorHandler. Clients
// that asked for a form that is not JSON, such as protobuf's, get the status in
// that form.
func ErrorHandler(opts ...httpbridge.ServerOption) runtime.ErrorHandlerFunc {
	return errorHandler(newErrorWriter(opts))
}

func errorHandler(ew *httpbridge.ErrorWriter) runtime.ErrorHandlerFunc {
	return func(
		ctx context.Context, mux *runtime.ServeMux, marshaler runtime.Marshaler,
		w http.ResponseWriter, r *http.Request, err error,
	) {
		var custom *runtime.HTTPStatusError
		if errors.As(err, &custom) && custom != nil && custom.Err != nil {
			err = custom.Err
			w = &statusWriter{w, custom.HTTPStatus}
		}
		ctx = withoutBinary(ctx)
		if marshaler != nil && !isJSON(marshaler.ContentType(nil)) {
			public := encodable(ew.Publish(r, err))
			runtime.DefaultHTTPErrorHandler(ctx, mux, marshaler, &noChallenge{ResponseWriter: w}, r, public.Err())
			return
		}
		// grpc-gateway's own handler forwards the metadata, by functions that it
		// does not export; of what it would write nothing remains but the moment.
		writer := &bodyWriter{ResponseWriter: w, write: func() { ew.Write(w, r, err) }}
		runtime.DefaultHTTPErrorHandler(ctx, mux, anything{}, writer, r, grpcstatus.Error(codes.Unknown, ""))
	}
}

func isJSON(contentType string) bool { return strings.Contains(strings.ToLower(contentType), "json") }

// A statusWriter answers with the HTTP status of a runtime.HTTPStatusError.
type statusWriter struct {
	http.ResponseWriter
	httpStatus int
}

func (w *statusWriter) WriteHeader(int) { w.ResponseWriter.WriteHeader(w.httpStatus) }

func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// A bodyWriter writes something else in the place of a body.
type bodyWriter struct {
	http.ResponseWriter
	write func()
}

func (w *bodyWriter) WriteHeader(int) {}

func (w *bodyWriter) Write(p []byte) (int, error) {
	w.write()
	return len(p), nil
}

// anything is a marshaler for what is not written.
type anything struct{ runtime.Marshaler }

func (anything) ContentType(any) string      { return "application/json" }
func (anything) Marshal(any) ([]byte, error) { return []byte("{}"), nil }

// noChallenge takes out the message that grpc-gateway writes as WWW-Authenticate,
// where a challenge belongs (RFC 9110 §11.6.1).
type noChallenge struct{ http.ResponseWriter }

func (w *noChallenge) WriteHeader(httpStatus int) {
	w.Header().Del("WWW-Authenticate")
	w.ResponseWriter.WriteHeader(httpStatus)
}

func (w *noChallenge) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// withoutBinary takes out of the forwarded metadata what no HTTP field may hold.
// Foremost is grpc-status-details-bin, which grpc-gateway sends as a trailer, raw:
// HTTP clients refuse the answer for it, and it says what may not leave.
func withoutBinary(ctx context.Context) context.Context {
	md, ok := runtime.ServerMetadataFromContext(ctx)
	if !ok {
		return ctx
	}
	md.HeaderMD, md.TrailerMD = textual(md.HeaderMD), textual(md.TrailerMD)
	return runtime.NewServerMetadataContext(ctx, md)
}

func textual(md metadata.MD) metadata.MD {
	kept := md.Copy()
	for key := range kept {
		if strings.HasSuffix(key, "-bin") {
			delete(kept, key)
		}
	}
	return kept
}
