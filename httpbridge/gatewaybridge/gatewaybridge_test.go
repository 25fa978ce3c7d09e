package gatewaybridge_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"

	"github.com/errwire/errwire/httpbridge"
	"github.com/errwire/errwire/httpbridge/gatewaybridge"
	"github.com/errwire/errwire/status"
)

var (
	unregistered = &anypb.Any{TypeUrl: "type.googleapis.com/acme.v1.Secretary", Value: []byte{10, 1, 'x'}}
	broken       = &anypb.Any{TypeUrl: "type.googleapis.com/google.rpc.Help", Value: []byte{0xff}}

	busy = status.New(status.Unavailable, "Come back later.").
		WithServiceCode(status.ServiceCode{Domain: "library.example.com", Reason: "CLOSED"}).
		WithDetails(unregistered).
		WithRetryDelay(1500 * time.Millisecond)
)

// backend is a gRPC server that fails: Check with fails, Watch after a message.
type backend struct {
	healthpb.UnimplementedHealthServer
	fails error
}

func (b *backend) Check(ctx context.Context, _ *healthpb.HealthCheckRequest) (*healthpb.HealthCheckResponse, error) {
	_ = grpc.SetHeader(ctx, metadata.Pairs("shelf", "42"))
	_ = grpc.SetTrailer(ctx, metadata.Pairs("cost", "7"))
	return nil, b.fails
}

func (b *backend) Watch(_ *healthpb.HealthCheckRequest, stream grpc.ServerStreamingServer[healthpb.HealthCheckResponse]) error {
	_ = stream.Send(&healthpb.HealthCheckResponse{Status: healthpb.HealthCheckResponse_SERVING})
	return b.fails
}

// newGateway runs a gRPC server and a gateway in front of it, and returns the
// gateway's address. The routes do what generated ones do.
func newGateway(t *testing.T, fails error, opts ...runtime.ServeMuxOption) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	server := grpc.NewServer()
	b := &backend{fails: fails}
	healthpb.RegisterHealthServer(server, b)
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(server.Stop)
	conn, err := grpc.NewClient(listener.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	client := healthpb.NewHealthClient(conn)

	mux := runtime.NewServeMux(opts...)
	route(t, mux, "/check", func(ctx context.Context, out runtime.Marshaler, w http.ResponseWriter, r *http.Request) {
		var md runtime.ServerMetadata
		_, err := client.Check(ctx, &healthpb.HealthCheckRequest{}, grpc.Header(&md.HeaderMD), grpc.Trailer(&md.TrailerMD))
		runtime.HTTPError(runtime.NewServerMetadataContext(ctx, md), mux, out, w, r, err)
	})
	route(t, mux, "/local", func(ctx context.Context, out runtime.Marshaler, w http.ResponseWriter, r *http.Request) {
		_, err := b.Check(ctx, nil)
		runtime.HTTPError(ctx, mux, out, w, r, err)
	})
	route(t, mux, "/watch", func(ctx context.Context, out runtime.Marshaler, w http.ResponseWriter, r *http.Request) {
		stream, err := client.Watch(ctx, &healthpb.HealthCheckRequest{})
		if err != nil {
			runtime.HTTPError(ctx, mux, out, w, r, err)
			return
		}
		ctx = runtime.NewServerMetadataContext(ctx, runtime.ServerMetadata{})
		runtime.ForwardResponseStream(ctx, mux, out, w, r, func() (proto.Message, error) { return stream.Recv() })
	})
	front := httptest.NewServer(mux)
	t.Cleanup(front.Close)
	return front.URL
}

func route(
	t *testing.T, mux *runtime.ServeMux, path string,
	serve func(context.Context, runtime.Marshaler, http.ResponseWriter, *http.Request),
) {
	t.Helper()
	require.NoError(t, mux.HandlePath(http.MethodGet, path, func(w http.ResponseWriter, r *http.Request, _ map[string]string) {
		_, out := runtime.MarshalerForRequest(mux, r)
		serve(r.Context(), out, w, r)
	}))
}

func get(t *testing.T, url string, header ...string) (resp *http.Response, body []byte) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	require.NoError(t, err)
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err = http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer func() { _ = resp.Body.Close() }()
	body, err = io.ReadAll(resp.Body)
	require.NoError(t, err)
	return resp, body
}

func quiet() httpbridge.ServerOption { return httpbridge.WithLogger(slog.New(slog.DiscardHandler)) }

// What grpc-gateway does by itself, so that these tests are worth their while.
func TestWithoutTheBridge(t *testing.T) {
	t.Parallel()
	resp, body := get(t, newGateway(t, busy)+"/check")
	assert.Equal(t, 500, resp.StatusCode)
	assert.Contains(t, string(body), "failed to marshal")
}

func TestUnary(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		accept string
		opts   []httpbridge.ServerOption
		media  string
		member string
	}{
		{"its own format", "application/json", nil, "application/json", "code"},
		{"problems", "application/problem+json", nil, "application/problem+json", "title"},
		{"another format", "", []httpbridge.ServerOption{httpbridge.WithFormats(httpbridge.AIP193)}, "application/json; charset=UTF-8", "error"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			url := newGateway(t, busy, gatewaybridge.ServeMuxOptions(test.opts...)...)
			resp, body := get(t, url+"/check", "Accept", test.accept, "TE", "trailers")
			assert.Equal(t, 503, resp.StatusCode)
			assert.Equal(t, test.media, resp.Header.Get("Content-Type"))
			assert.Equal(t, "2", resp.Header.Get("Retry-After"))
			var members map[string]any
			require.NoError(t, json.Unmarshal(body, &members))
			assert.Contains(t, members, test.member)
			got := httpbridge.Parse(resp.StatusCode, resp.Header, body)
			assert.True(t, status.Equal(busy, got), "%+v", got)
			assert.Equal(t, "42", resp.Header.Get("Grpc-Metadata-Shelf"))
			assert.Equal(t, "7", resp.Trailer.Get("Grpc-Trailer-Cost"))
			assert.Empty(t, resp.Trailer.Get("Grpc-Trailer-Grpc-Status-Details-Bin"))
		})
	}
}

func TestUnaryInAnotherFormThanJSON(t *testing.T) {
	t.Parallel()
	opts := append(gatewaybridge.ServeMuxOptions(), runtime.WithMarshalerOption("application/octet-stream", &runtime.ProtoMarshaller{}))
	denied := status.New(status.Unauthenticated, "Who are you?").WithDetails(unregistered)
	resp, body := get(t, newGateway(t, denied, opts...)+"/check", "Accept", "application/octet-stream")
	assert.Equal(t, 401, resp.StatusCode)
	assert.Empty(t, resp.Header.Get("WWW-Authenticate"), "a message is no challenge")
	st := status.FromError(denied).GRPCStatus().Proto()
	st.Details = nil
	require.NoError(t, proto.Unmarshal(body, st))
	assert.Equal(t, "Who are you?", st.GetMessage())
	require.Len(t, st.GetDetails(), 1)
}

func TestUnauthenticated(t *testing.T) {
	t.Parallel()
	denied := status.New(status.Unauthenticated, "Who are\r\nyou?").
		WithServiceCode(status.ServiceCode{Reason: "invalid_token"})
	resp, _ := get(t, newGateway(t, denied, gatewaybridge.ServeMuxOptions()...)+"/check")
	assert.Equal(t, 401, resp.StatusCode)
	assert.Equal(t, `Bearer error="invalid_token"`, resp.Header.Get("WWW-Authenticate"))
}

func TestHandlersInTheSameProcess(t *testing.T) {
	t.Parallel()
	errFull := errors.New("disk full on db-7")
	tests := []struct {
		name    string
		fails   error
		code    status.Code
		message string
	}{
		{"a plain error", errors.New("dsn=postgres://root:hunter2@db-7"), status.Internal, status.Internal.DefaultMessage()},
		{"a mapped one", errFull, status.ResourceExhausted, "No room."},
		{"a status", busy, status.Unavailable, "Come back later."},
	}
	mapper := httpbridge.WithMapper(func(err error) *status.Error {
		if errors.Is(err, errFull) {
			return status.New(status.ResourceExhausted, "No room.")
		}
		return nil
	})
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			url := newGateway(t, test.fails, gatewaybridge.ServeMuxOptions(mapper, quiet())...)
			resp, body := get(t, url+"/local")
			got := httpbridge.Parse(resp.StatusCode, resp.Header, body)
			assert.Equal(t, test.code, got.Code())
			assert.Equal(t, test.message, got.Message())
			assert.NotContains(t, string(body), "db-7")
		})
	}
}

func TestStreams(t *testing.T) {
	t.Parallel()
	t.Run("without the bridge", func(t *testing.T) {
		t.Parallel()
		_, body := get(t, newGateway(t, busy)+"/watch")
		assert.NotContains(t, string(body), "error", "the error is lost")
	})
	for _, fails := range []*status.Error{busy, busy.WithDetails(broken)} {
		resp, err := http.Get(newGateway(t, fails, gatewaybridge.ServeMuxOptions(quiet())...) + "/watch") //nolint:noctx // ends by itself
		require.NoError(t, err)
		defer func() { _ = resp.Body.Close() }()
		lines := bufio.NewScanner(resp.Body)
		require.True(t, lines.Scan())
		assert.Contains(t, lines.Text(), "SERVING")
		require.True(t, lines.Scan())
		got := httpbridge.Parse(resp.StatusCode, resp.Header, lines.Bytes())
		assert.Equal(t, status.Unavailable, got.Code())
		assert.Equal(t, "CLOSED", got.Reason())
		delay, _ := got.RetryDelay()
		assert.Equal(t, 1500*time.Millisecond, delay)
		assert.Contains(t, lines.Text(), "acme.v1.Secretary")
	}
}

func TestRoutingErrors(t *testing.T) {
	t.Parallel()
	url := newGateway(t, busy, gatewaybridge.ServeMuxOptions()...)
	tests := []struct {
		method, path string
		httpStatus   int
		code         status.Code
	}{
		{http.MethodGet, "/nowhere", 404, status.NotFound},
		{http.MethodDelete, "/check", 405, status.Unimplemented},
	}
	for _, test := range tests {
		req, err := http.NewRequestWithContext(t.Context(), test.method, url+test.path, nil)
		require.NoError(t, err)
		resp, err := http.DefaultClient.Do(req)
		require.NoError(t, err)
		failure := status.FromError(httpbridge.CheckResponse(resp))
		assert.NoError(t, resp.Body.Close())
		assert.Equal(t, test.httpStatus, resp.StatusCode)
		assert.Equal(t, test.code, failure.Code())
		assert.Equal(t, http.StatusText(test.httpStatus), failure.Message())
		assert.Equal(t, "nosniff", resp.Header.Get("X-Content-Type-Options"))
	}
}

func TestNothingPanics(t *testing.T) {
	t.Parallel()
	mux := runtime.NewServeMux()
	req := httptest.NewRequest(http.MethodGet, "/", nil)
	for _, err := range []error{nil, (*status.Error)(nil), &runtime.HTTPStatusError{HTTPStatus: 418}, (*runtime.HTTPStatusError)(nil)} {
		require.NotPanics(t, func() {
			gatewaybridge.ErrorHandler(quiet())(t.Context(), mux, nil, httptest.NewRecorder(), req, err)
			gatewaybridge.StreamErrorHandler(quiet())(t.Context(), err)
		})
	}
}
