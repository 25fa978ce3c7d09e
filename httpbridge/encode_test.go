package httpbridge_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/structpb"

	"github.com/errwire/errwire/httpbridge"
	"github.com/errwire/errwire/status"
	"github.com/errwire/errwire/status/firebase/auth"
	"github.com/errwire/errwire/status/firebase/messaging"
)

var allFormats = []httpbridge.Format{
	httpbridge.AIP193, httpbridge.Problem, httpbridge.Gateway, httpbridge.Connect,
	httpbridge.Twirp, httpbridge.OAuth, httpbridge.Firebase,
}

// A wireAnswer is an answer as text, for a golden file.
func wireAnswer(t *testing.T, httpStatus int, header http.Header, body []byte) string {
	t.Helper()
	var b bytes.Buffer
	fmt.Fprintf(&b, "%d\n", httpStatus)
	var names []string
	for name := range header {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		for _, text := range header[name] {
			fmt.Fprintf(&b, "%s: %s\n", name, text)
		}
	}
	b.WriteByte('\n')
	require.NoError(t, json.Indent(&b, body, "", "  "))
	b.WriteByte('\n')
	return b.String()
}

func TestWritesEveryFormat(t *testing.T) {
	t.Parallel()
	unknown, err := structpb.NewStruct(map[string]any{"@type": "type.googleapis.com/acme.Unknown", "x": 1})
	require.NoError(t, err)
	errs := map[string]error{
		"rich": status.New(status.NotFound, `user "42" missing <b>`).
			WithServiceCode(status.ServiceCode{Domain: "users.example.com", Reason: "USER_NOT_FOUND"}).
			WithMetadata(map[string]string{"user": "42"}).
			WithRetryDelay(1500*time.Millisecond).
			WithDetails(&errdetails.Help{Links: []*errdetails.Help_Link{{Description: "why", Url: "https://example.com/why"}}},
				unknown, &anypb.Any{TypeUrl: "type.googleapis.com/acme.Binary", Value: []byte{8, 1}}),
		"plain":           status.Unavailable,
		"conflict":        status.New(status.Conflict, "busy"),
		"firebase_auth":   auth.EmailAlreadyExists,
		"firebase_detail": status.New(status.AlreadyExists, "taken by bob").WithServiceCode(auth.EmailAlreadyExists),
		"firebase_fcm":    messaging.ThirdPartyAuthError,
		"token": status.New(status.Unauthenticated, "expired").
			WithServiceCode(status.ServiceCode{Reason: "invalid_token"}).WithMetadata(map[string]string{"realm": `us"ers`, "scope": "a b"}),
		"client":  status.New(status.Unauthenticated, "who").WithServiceCode(status.ServiceCode{Reason: "invalid_client"}),
		"private": fmt.Errorf("dial tcp 10.0.0.7:5432: %w", os.ErrPermission),
	}
	for name, err := range errs {
		for _, format := range allFormats {
			t.Run(fmt.Sprintf("%s/%v", name, format), func(t *testing.T) {
				t.Parallel()
				httpStatus, header, body := httpbridge.Encode(err, format)
				got := wireAnswer(t, httpStatus, header, body)
				path := filepath.Join("testdata", "write", strings.ToLower(fmt.Sprintf("%s_%v.txt", name, format)))
				if *update {
					require.NoError(t, os.WriteFile(path, []byte(got), 0o600))
				}
				want, err := os.ReadFile(path)
				require.NoError(t, err, "run the test with -update to make it")
				assert.Equal(t, string(want), got)
			})
		}
	}
}

func TestEncodeOfNilIsOK(t *testing.T) {
	t.Parallel()
	for _, format := range allFormats {
		httpStatus, header, body := httpbridge.Encode(nil, format)
		assert.Equal(t, http.StatusOK, httpStatus)
		assert.Empty(t, header)
		assert.Empty(t, body)
	}
}

func TestUnknownFormatIsAIP193(t *testing.T) {
	t.Parallel()
	for _, format := range []httpbridge.Format{-1, 7, 99} {
		_, header, body := httpbridge.Encode(status.NotFound, format)
		_, wantHeader, wantBody := httpbridge.Encode(status.NotFound, httpbridge.AIP193)
		assert.Equal(t, wantHeader, header)
		assert.Equal(t, wantBody, body)
		assert.Equal(t, fmt.Sprintf("Format(%d)", int(format)), format.String())
		assert.True(t, status.IsNotFound(httpbridge.ParseAs(404, nil, body, format.Read)))
	}
}

// What must not leave does not, in any format.
func TestEncodeLeaksNothing(t *testing.T) {
	t.Parallel()
	const secret = "10.0.0.7"
	leaky := []error{
		errors.New("dial " + secret),
		fmt.Errorf("%s: %w", secret, status.NotFound),
		fmt.Errorf("%s: %w", secret, status.New(status.NotFound, "gone")),
		status.New(status.NotFound, "gone").WithCause(errors.New(secret)),
		status.New(status.Unavailable, secret).WithOrigin(status.OriginLocal),
		status.New(status.Unauthenticated, secret).WithOrigin(status.OriginIntermediary).WithMetadata(map[string]string{"realm": secret}),
		status.New(status.Internal, "broken").WithDetails(&errdetails.DebugInfo{Detail: secret}),
		fmt.Errorf("%s: %w", secret, context.DeadlineExceeded),
		httpbridge.Parse(502, http.Header{"Server": {"nginx"}}, []byte("upstream "+secret)),
		status.New(status.NotFound, "gone").WithHTTPResponse(&http.Response{StatusCode: 404, Header: http.Header{"X": {secret}, "Www-Authenticate": {secret}}}),
	}
	for _, err := range leaky {
		for _, format := range allFormats {
			_, header, body := httpbridge.Encode(err, format)
			assert.NotContains(t, string(body), secret, "%v of %v", format, err)
			assert.NotContains(t, fmt.Sprint(header), secret, "%v of %v", format, err)
		}
	}
}

// What Public has let leave is what Encode writes: mappers go there.
func TestEncodeOfPublicIsTheSame(t *testing.T) {
	t.Parallel()
	missing := errors.New("no row")
	mapper := func(err error) *status.Error {
		if errors.Is(err, missing) {
			return status.New(status.NotFound, "no such user").WithMetadata(map[string]string{"user": "42"})
		}
		return nil
	}
	public := status.Public(fmt.Errorf("query: %w", missing), mapper)
	for _, format := range lossless {
		assertRoundTrip(t, public, format)
	}
}

func TestDelayIsRoundedUp(t *testing.T) {
	t.Parallel()
	for delay, want := range map[time.Duration]string{
		0:                                   "0",
		1:                                   "1",
		time.Second:                         "1",
		time.Second + 1:                     "2",
		90 * time.Minute:                    "5400",
		time.Duration(1<<63 - 1):            "9223372037",
		1999*time.Millisecond + 999_999_999: "3",
	} {
		for _, format := range allFormats {
			_, header, _ := httpbridge.Encode(status.New(status.Unavailable, "x").WithRetryDelay(delay), format)
			assert.Equal(t, want, header.Get("Retry-After"), "%v in %v", delay, format)
		}
	}
	_, header, _ := httpbridge.Encode(status.Unavailable, httpbridge.AIP193)
	assert.NotContains(t, header, "Retry-After")
}

// The losses of the formats that lose something, as their comments say.
func TestWhatTheOtherFormatsKeep(t *testing.T) {
	t.Parallel()
	for _, code := range allCodes() {
		t.Run(code.String(), func(t *testing.T) {
			t.Parallel()
			e := status.New(code, "no luck").
				WithServiceCode(status.ServiceCode{Domain: "users.example.com", Reason: "NO_LUCK"}).
				WithMetadata(map[string]string{"user": "42"})

			assertRoundTrip(t, e, httpbridge.Twirp)
			httpStatus, header, body := httpbridge.Encode(e.WithDetails(&errdetails.Help{}).WithRetryDelay(time.Millisecond), httpbridge.Twirp)
			got := httpbridge.Parse(httpStatus, header, body)
			assert.True(t, status.Equal(e.WithRetryDelay(time.Second), got), "%+v", got)

			assertRoundTrip(t, e.WithRetryDelay(time.Millisecond).WithDetails(&errdetails.Help{}), httpbridge.Firebase)
			for _, service := range []status.ServiceCode{auth.EmailAlreadyExists, auth.UserNotFound} {
				definition, ok := status.Lookup(service)
				require.True(t, ok)
				got := status.New(definition.Code, "no: luck").WithServiceCode(service)
				assertRoundTrip(t, got, httpbridge.Firebase)
			}

			httpStatus, header, body = httpbridge.Encode(e, httpbridge.OAuth)
			got = httpbridge.Parse(httpStatus, header, body)
			assert.Equal(t, "no luck", got.Message())
			assert.GreaterOrEqual(t, httpStatus, 400)
		})
	}
}

// What may not stand in a header or in OAuth's fields is left out or replaced.
func TestWhatIsWrittenIsLegal(t *testing.T) {
	t.Parallel()
	e := status.New(status.Unauthenticated, "মেয়াদ \"শেষ\"\r\nSet-Cookie: a\\b").
		WithServiceCode(status.ServiceCode{Reason: "invalid_token"}).
		WithMetadata(map[string]string{"realm": "a\r\nSet-Cookie: b", "scope": "১", "service": "ok"}).
		WithDetails(&errdetails.Help{Links: []*errdetails.Help_Link{{Url: "https://example.com/a b"}}})
	for _, format := range []httpbridge.Format{httpbridge.AIP193, httpbridge.Problem, httpbridge.Gateway, httpbridge.Connect, httpbridge.Twirp} {
		_, header, _ := httpbridge.Encode(e, format)
		assert.Equal(t, `Bearer service="ok", error="invalid_token"`, header.Get("Www-Authenticate"), format)
	}
	_, _, body := httpbridge.Encode(e, httpbridge.OAuth)
	var oauth map[string]string
	require.NoError(t, json.Unmarshal(body, &oauth))
	assert.Equal(t, map[string]string{"error": "invalid_token", "error_description": "?????? '???'  Set-Cookie: a/b"}, oauth)

	scope := status.New(status.PermissionDenied, "more").WithServiceCode(status.ServiceCode{Reason: "insufficient_scope"})
	httpStatus, header, _ := httpbridge.Encode(scope, httpbridge.AIP193)
	assert.Equal(t, 403, httpStatus)
	assert.Equal(t, `Bearer error="insufficient_scope"`, header.Get("Www-Authenticate"))
	_, header, _ = httpbridge.Encode(status.Unauthenticated, httpbridge.AIP193)
	assert.NotContains(t, header, "Www-Authenticate", "no challenge is made up")
}
