package interop_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path"
	"testing"
	"time"

	firebase "firebase.google.com/go/v4"
	fbauth "firebase.google.com/go/v4/auth"
	"firebase.google.com/go/v4/errorutils"
	fcm "firebase.google.com/go/v4/messaging"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/api/option"

	"github.com/errwire/errwire/httpbridge"
	"github.com/errwire/errwire/status"
	"github.com/errwire/errwire/status/firebase/auth"
	"github.com/errwire/errwire/status/firebase/messaging"
)

// firebaseError is what a service says with a code of a catalog. The delay is
// longer than the SDKs care to wait: they do not retry.
func firebaseError(code status.ServiceCode) *status.Error {
	definition, _ := status.Lookup(code)
	return status.New(definition.Code, "It is "+code.Reason+".").WithServiceCode(code).WithRetryDelay(10 * time.Minute)
}

// firebaseServer answers with the errors of the codes, by the last part of the
// path or, to the Node SDK, by the one that the request's body names.
func firebaseServer(t *testing.T, failing func(r *http.Request) status.ServiceCode) string {
	t.Helper()
	server := httptest.NewServer(httpbridge.Handler(func(_ http.ResponseWriter, r *http.Request) error {
		return firebaseError(failing(r))
	}, httpbridge.WithFormats(httpbridge.Firebase), httpbridge.WithLogger(slog.New(slog.DiscardHandler))))
	t.Cleanup(server.Close)
	return server.URL
}

// firebaseApp is an app of the Go SDK whose every request meets the code.
func firebaseApp(t *testing.T, code status.ServiceCode) *firebase.App {
	t.Helper()
	target, err := url.Parse(firebaseServer(t, func(*http.Request) status.ServiceCode { return code }))
	require.NoError(t, err)
	app, err := firebase.NewApp(t.Context(), &firebase.Config{ProjectID: "library"},
		option.WithHTTPClient(&http.Client{Transport: redirect{target}}))
	require.NoError(t, err)
	return app
}

// predicate is one of the SDKs', or of errwire's catalogs.
type predicate = func(error) bool

// The server codes of Identity Toolkit that the Go SDK knows; all others it takes
// by their HTTP status.
func TestFirebaseGoUnderstandsAuthCodes(t *testing.T) {
	t.Parallel()
	tests := map[status.ServiceCode]struct {
		service  predicate // of the SDK's auth package
		platform predicate // of its errorutils
		ours     predicate
	}{
		auth.ConfigurationNotFound:      {fbauth.IsConfigurationNotFound, errorutils.IsNotFound, auth.IsConfigurationNotFound},
		auth.EmailAlreadyExists:         {fbauth.IsEmailAlreadyExists, errorutils.IsAlreadyExists, auth.IsEmailAlreadyExists},
		auth.EmailNotFound:              {fbauth.IsEmailNotFound, errorutils.IsNotFound, auth.IsEmailNotFound},
		auth.InvalidDynamicLinkDomain:   {fbauth.IsInvalidDynamicLinkDomain, errorutils.IsInvalidArgument, auth.IsInvalidDynamicLinkDomain},
		auth.InvalidHostingLinkDomain:   {fbauth.IsInvalidHostingLinkDomain, errorutils.IsInvalidArgument, auth.IsInvalidHostingLinkDomain},
		auth.PhoneNumberAlreadyExists:   {fbauth.IsPhoneNumberAlreadyExists, errorutils.IsAlreadyExists, auth.IsPhoneNumberAlreadyExists},
		auth.TenantNotFound:             {fbauth.IsTenantNotFound, errorutils.IsNotFound, auth.IsTenantNotFound},
		auth.UIDAlreadyExists:           {fbauth.IsUIDAlreadyExists, errorutils.IsAlreadyExists, auth.IsUIDAlreadyExists},
		auth.UnauthorizedContinueURL:    {fbauth.IsUnauthorizedContinueURI, errorutils.IsInvalidArgument, auth.IsUnauthorizedContinueURL},
		auth.UserNotFound:               {fbauth.IsUserNotFound, errorutils.IsNotFound, auth.IsUserNotFound},
		auth.InsufficientPermission:     {nil, errorutils.IsPermissionDenied, auth.IsInsufficientPermission},
		auth.TooManyRequests:            {nil, errorutils.IsResourceExhausted, auth.IsTooManyRequests},
		auth.InvalidEmail:               {nil, errorutils.IsInvalidArgument, auth.IsInvalidEmail},
		auth.UnsupportedTenantOperation: {nil, errorutils.IsInvalidArgument, auth.IsUnsupportedTenantOperation}, // 400 is all it sees
	}
	for code, test := range tests {
		t.Run(code.Reason, func(t *testing.T) {
			t.Parallel()
			client, err := firebaseApp(t, code).Auth(t.Context())
			require.NoError(t, err)
			_, err = client.GetUser(t.Context(), "42")
			require.Error(t, err)
			if test.service != nil {
				assert.True(t, test.service(err), "the SDK's own predicate: %v", err)
				assert.Contains(t, err.Error(), "It is "+code.Reason+".")
			}
			assert.True(t, test.platform(err), "errorutils: %v", err)
			for other, wrong := range tests {
				if other != code && wrong.service != nil {
					assert.False(t, wrong.service(err), "%v", other)
				}
			}
			assertReadsBack(t, code, test.ours, err)
		})
	}
}

func TestFirebaseGoUnderstandsMessagingCodes(t *testing.T) {
	t.Parallel()
	tests := map[status.ServiceCode]struct{ service, platform, ours predicate }{
		messaging.Internal:            {fcm.IsInternal, errorutils.IsInternal, messaging.IsInternal},
		messaging.InvalidArgument:     {fcm.IsInvalidArgument, errorutils.IsInvalidArgument, messaging.IsInvalidArgument},
		messaging.QuotaExceeded:       {fcm.IsQuotaExceeded, errorutils.IsResourceExhausted, messaging.IsQuotaExceeded},
		messaging.SenderIDMismatch:    {fcm.IsSenderIDMismatch, errorutils.IsPermissionDenied, messaging.IsSenderIDMismatch},
		messaging.ThirdPartyAuthError: {fcm.IsThirdPartyAuthError, errorutils.IsUnauthenticated, messaging.IsThirdPartyAuthError},
		messaging.Unavailable:         {fcm.IsUnavailable, errorutils.IsUnavailable, messaging.IsUnavailable},
		messaging.Unregistered:        {fcm.IsUnregistered, errorutils.IsNotFound, messaging.IsUnregistered},
	}
	for code, test := range tests {
		t.Run(code.Reason, func(t *testing.T) {
			t.Parallel()
			client, err := firebaseApp(t, code).Messaging(t.Context())
			require.NoError(t, err)
			_, err = client.Send(t.Context(), &fcm.Message{Token: "42"})
			require.Error(t, err)
			for other, wrong := range tests {
				assert.Equal(t, other == code, wrong.service(err), "%v: %v", other, err)
			}
			assert.True(t, test.platform(err), "errorutils: %v", err)
			assert.Equal(t, "It is "+code.Reason+".", err.Error())
			assertReadsBack(t, code, test.ours, err)
		})
	}
}

// assertReadsBack takes the response out of an error of the SDK's, and reads it.
func assertReadsBack(t *testing.T, code status.ServiceCode, ours predicate, err error) {
	t.Helper()
	resp := errorutils.HTTPResponse(err)
	require.NotNil(t, resp)
	got := httpbridge.CheckResponse(resp)
	assert.True(t, ours(got), "%+v", got)
	want, e := firebaseError(code), status.FromError(got)
	assert.Equal(t, want.Code(), e.Code())
	assert.Equal(t, want.Message(), e.Message())
	assert.Equal(t, want.ServiceCode(), e.ServiceCode())
	delay, _ := e.RetryDelay()
	assert.Equal(t, 10*time.Minute, delay)
	assert.Equal(t, status.OriginService, e.Origin())
	assert.NotEmpty(t, path.Base(resp.Request.URL.Path))
}

// The SDK looks at the types of net/http's errors, and finds them through our
// transport.
func TestFirebaseGoUnderstandsFailuresOfOurTransport(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.NotFoundHandler())
	target, err := url.Parse(server.URL)
	require.NoError(t, err)
	server.Close()
	app, err := firebase.NewApp(t.Context(), &firebase.Config{ProjectID: "library"},
		option.WithHTTPClient(&http.Client{Transport: httpbridge.NewTransport(redirect{target}, httpbridge.WithoutRetry())}))
	require.NoError(t, err)
	client, err := app.Auth(t.Context())
	require.NoError(t, err)
	_, err = client.GetUser(t.Context(), "42")
	require.Error(t, err)
	assert.True(t, errorutils.IsUnavailable(err), "%v", err)
	assert.Contains(t, err.Error(), "connection refused")
	assert.Nil(t, errorutils.HTTPResponse(err))
}
