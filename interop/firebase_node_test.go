package interop_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/errwire/errwire/status"
	"github.com/errwire/errwire/status/firebase/auth"
	"github.com/errwire/errwire/status/firebase/messaging"
)

// reasons are the reasons of service codes.
func reasons(codes []status.ServiceCode) []string {
	list := make([]string, len(codes))
	for i, code := range codes {
		list[i] = code.Reason
	}
	return list
}

// namedCode is the code that a request of node/firebase_codes.cjs names.
func namedCode(r *http.Request) status.ServiceCode {
	var body struct {
		LocalID []string `json:"localId"`
		Message struct{ Token string }
	}
	if json.NewDecoder(r.Body).Decode(&body) != nil {
		return status.ServiceCode{}
	}
	if len(body.LocalID) > 0 {
		return status.ServiceCode{Domain: auth.UserNotFound.Domain, Reason: body.LocalID[0]}
	}
	return status.ServiceCode{Domain: messaging.Unregistered.Domain, Reason: body.Message.Token}
}

// nodeNames are the names that the SDK has for codes where they are not the
// reason in lower case. A code that only an SDK makes, of a token that it has
// looked at itself, has no server code: in an answer it is none that the SDK knows.
var nodeNames = map[status.ServiceCode]string{
	auth.ExpiredIDToken:            "auth/id-token-expired",
	auth.MissingAndroidPackageName: "auth/missing-android-pkg-name",
	auth.RecaptchaNotEnabled:       "auth/racaptcha-not-enabled", // its spelling
	auth.UnauthorizedContinueURL:   "auth/unauthorized-continue-uri",

	auth.CertificateFetchFailed: "auth/internal-error",
	auth.ExpiredSessionCookie:   "auth/internal-error",
	auth.InvalidSessionCookie:   "auth/internal-error",
	auth.RevokedIDToken:         "auth/internal-error",
	auth.RevokedSessionCookie:   "auth/internal-error",
	auth.TooManyRequests:        "auth/internal-error", // of which it knows neither server code

	auth.InvalidCredential: "", // INVALID_SERVICE_ACCOUNT makes the SDK throw a TypeError

	messaging.Internal:         "messaging/internal-error",
	messaging.QuotaExceeded:    "messaging/message-rate-exceeded",
	messaging.SenderIDMismatch: "messaging/mismatched-credential",
	messaging.Unavailable:      "messaging/server-unavailable",
	messaging.Unregistered:     "messaging/registration-token-not-registered",
}

func nodeName(service string, code status.ServiceCode) string {
	if name, ok := nodeNames[code]; ok {
		return name
	}
	return service + "/" + strings.ReplaceAll(strings.ToLower(code.Reason), "_", "-")
}

// Every code of both catalogs, through the SDK for Node.js.
func TestFirebaseNodeUnderstandsEveryCode(t *testing.T) {
	t.Parallel()
	catalogs := map[string][]status.ServiceCode{"auth": auth.All(), "messaging": messaging.All()}
	order := map[string]any{"server": firebaseServer(t, namedCode)}
	for service, codes := range catalogs {
		order[service] = reasons(codes)
	}
	seen := map[string]map[string]struct{ Code, Message string }{}
	runNode(t, "firebase_codes.cjs", order, &seen)
	for service, codes := range catalogs {
		for _, code := range codes {
			got := seen[service][code.Reason]
			want := nodeName(service, code)
			assert.Equal(t, want, got.Code, "%v: %s", code, got.Message)
			if want != "" {
				assert.Contains(t, got.Message, "It is "+code.Reason+".")
			}
		}
	}
}
