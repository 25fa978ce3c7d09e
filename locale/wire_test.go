package locale_test

import (
	"context"
	"fmt"
	"net"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"

	"github.com/errwire/errwire/httpbridge"
	"github.com/errwire/errwire/interceptors"
	"github.com/errwire/errwire/locale"
	"github.com/errwire/errwire/status"
	"github.com/errwire/errwire/status/firebase/auth"
)

// failing is a service that fails with err.
type failing struct {
	healthpb.UnimplementedHealthServer
	err error
}

func (f *failing) Check(context.Context, *healthpb.HealthCheckRequest) (*healthpb.HealthCheckResponse, error) {
	return nil, f.err
}

// seen is what a plain gRPC client that prefers a language sees of err.
func seen(t *testing.T, err error, wish string) *status.Error {
	t.Helper()
	catalog, bad := locale.New(own)
	require.NoError(t, bad)
	listener, bad := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, bad)
	server := grpc.NewServer(interceptors.ServerOptions(interceptors.WithLocalizer(catalog.Localize))...)
	healthpb.RegisterHealthServer(server, &failing{err: err})
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(server.Stop)
	conn, bad := grpc.NewClient(listener.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	require.NoError(t, bad)
	t.Cleanup(func() { _ = conn.Close() })
	ctx := metadata.AppendToOutgoingContext(t.Context(), "accept-language", wish)
	_, err = healthpb.NewHealthClient(conn).Check(ctx, &healthpb.HealthCheckRequest{})
	require.Error(t, err)
	return status.FromError(err)
}

// onTheWire are messages in every script, with the isolates of a value.
var onTheWire = []struct {
	name, wish   string
	err          error
	locale, text string
}{
	{"Arabic", "ar-EG", auth.EmailAlreadyExists, "ar", "عنوان البريد الإلكتروني مستخدم بالفعل."},
	{"Bengali", "bn-BD", auth.EmailAlreadyExists, "bn", "ইমেল ঠিকানাটি আগে থেকেই ব্যবহৃত হচ্ছে।"},
	{"Italian", "it", auth.EmailAlreadyExists, "it", "L'indirizzo email è già in uso."},
	{"English", "en-US", auth.EmailAlreadyExists, "en", "The email address is already in use."},
	{"Arabic with a value", "ar", status.New(status.FailedPrecondition, "Shelf 42 is full.").
		WithServiceCode(shelfFull).WithMetadata(map[string]string{"shelf": "42"}), "ar", "الرف \u206842\u2069 ممتلئ."},
	{"a fixed message", "ar", assert.AnError, "ar", "حدث خطأ داخلي."},
}

func TestMessagesCrossGRPCIntact(t *testing.T) {
	t.Parallel()
	for _, tt := range onTheWire {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			e := seen(t, tt.err, tt.wish)
			got, has := status.Detail[*errdetails.LocalizedMessage](e)
			require.True(t, has)
			assert.Equal(t, tt.locale, got.GetLocale())
			assert.Equal(t, tt.text, got.GetMessage())
		})
	}
}

func TestMessagesCrossRESTIntact(t *testing.T) {
	t.Parallel()
	for _, tt := range onTheWire {
		for _, format := range []httpbridge.Format{httpbridge.AIP193, httpbridge.Gateway, httpbridge.Connect, httpbridge.Problem} {
			t.Run(fmt.Sprint(tt.name, " ", format), func(t *testing.T) {
				t.Parallel()
				httpStatus, header, body := httpbridge.Encode(seen(t, tt.err, tt.wish), format)
				got, has := status.Detail[*errdetails.LocalizedMessage](httpbridge.Parse(httpStatus, header, body))
				require.True(t, has, "%s", body)
				assert.Equal(t, tt.locale, got.GetLocale())
				assert.Equal(t, tt.text, got.GetMessage())
			})
		}
	}
}
