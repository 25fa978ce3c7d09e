package faults_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	pb "google.golang.org/grpc/interop/grpc_testing"

	"github.com/errwire/errwire/interceptors"
	"github.com/errwire/errwire/status"
)

// A server that is killed while a call runs, and another that comes up at its
// address: a call that may run twice does not notice, one that may not does.
func TestKilledAndRestartedInMidCall(t *testing.T) { //nolint:paralleltest // one crowd at a time
	for _, kind := range kinds {
		for _, idempotent := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, idempotent %v", kind.name, idempotent), func(t *testing.T) {
				t.Parallel()
				arrived := make(chan struct{})
				var once sync.Once
				first := &service{hold: func(ctx context.Context) {
					once.Do(func() { close(arrived) })
					<-ctx.Done()
				}}
				server, address := serve(t, "127.0.0.1:0", first)
				var options []interceptors.ClientOption
				if idempotent {
					options = append(options, interceptors.WithIdempotent())
				}
				conn := dial(t, address, options)
				defer func() { _ = conn.Close() }()
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()

				var received []string
				var err error
				returned := make(chan struct{})
				go func() {
					defer close(returned)
					received, err = kind.call(ctx, pb.NewTestServiceClient(conn), "call")
				}()
				<-arrived
				server.Stop()
				second := &service{}
				again, _ := serve(t, address, second)
				defer again.Stop()
				<-returned
				survived.Add(1)
				assert.Equal(t, 1, first.count("call"))
				if idempotent {
					assert.NoError(t, err)
					assert.Equal(t, kind.want("call"), received)
					assert.Equal(t, 1, second.count("call"))
				} else {
					assert.True(t, status.IsUnavailable(err), "%v", err)
					assert.Empty(t, received)
					assert.Zero(t, second.count("call"))
				}
				received, err = kind.call(ctx, pb.NewTestServiceClient(conn), "next")
				assert.NoError(t, err, "the channel works again")
				assert.Equal(t, kind.want("next"), received)
			})
		}
	}
}

// pages are gRPC's own mapping of the HTTP status of what is not gRPC.
var pages = map[int]status.Code{
	400: status.Internal, 401: status.Unauthenticated, 403: status.PermissionDenied, 404: status.Unimplemented,
	429: status.Unavailable, 500: status.Unknown, 502: status.Unavailable, 503: status.Unavailable, 504: status.Unavailable,
}

// A proxy that speaks HTTP/2 and answers a gRPC call with a page.
func TestPages(t *testing.T) { //nolint:paralleltest // one crowd at a time
	for httpStatus, code := range pages {
		t.Run(http.StatusText(httpStatus), func(t *testing.T) {
			t.Parallel()
			server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "text/html")
				w.WriteHeader(httpStatus)
				_, _ = fmt.Fprintf(w, "<html>%s</html>", secret)
			}))
			server.Config.Protocols = new(http.Protocols)
			server.Config.Protocols.SetUnencryptedHTTP2(true)
			server.Start()
			defer server.Close()
			conn := dial(t, server.Listener.Addr().String(), nil)
			defer func() { _ = conn.Close() }()
			for _, kind := range kinds {
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				received, err := kind.call(ctx, pb.NewTestServiceClient(conn), "call")
				cancel()
				survived.Add(1)
				assert.Empty(t, received)
				e := status.FromError(err)
				assert.Equal(t, code, e.Code(), "%s: %v", kind.name, err)
				assert.Equal(t, status.OriginIntermediary, e.Origin(), "%s: %v", kind.name, err)
			}
		})
	}
}
