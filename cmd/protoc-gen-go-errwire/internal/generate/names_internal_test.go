package generate

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestGoName(t *testing.T) {
	t.Parallel()
	for upper, want := range map[string]string{
		"USER_NOT_FOUND":          "UserNotFound",
		"SENDER_ID_MISMATCH":      "SenderIDMismatch",
		"UNAUTHORIZED_CONTINUE":   "UnauthorizedContinue",
		"CONTINUE_URL":            "ContinueURL",
		"APNS_AUTH_ERROR":         "APNSAuthError",
		"INVALID_OAUTH_CLIENT_ID": "InvalidOAuthClientID",
		"OAUTH2_GRANT":            "OAuth2Grant",
		"HTTP2":                   "HTTP2",
		"IDS_MISSING":             "IDsMissing",
		"IDLE":                    "Idle",
		"A_3D_MODEL":              "A3dModel",
		"SOME__GAP":               "SomeGap",
	} {
		assert.Equal(t, want, goName(upper))
	}
}

func TestParamName(t *testing.T) {
	t.Parallel()
	for key, want := range map[string]string{
		"shelf":       "shelf",
		"shelfId":     "shelfID",
		"shelf_id":    "shelfID",
		"shelf-id":    "shelfID",
		"idOfShelf":   "idOfShelf",
		"urlPrefix":   "urlPrefix",
		"maxHTTPSize": "maxHttpsize",
		"type":        "typeValue",
		"string":      "stringValue",
		"nil":         "nilValue",
		"metadata":    "metadataValue",
		"strconv":     "strconvValue",
		"status":      "statusValue",
		"a--b_":       "aB",
	} {
		assert.Equal(t, want, paramName(key))
	}
}

func TestReasonOf(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ enum, value, want string }{
		{"AuthError", "AUTH_ERROR_USER_NOT_FOUND", "USER_NOT_FOUND"},
		{"FCMError", "FCM_ERROR_GONE", "GONE"},
		{"FCMError", "FCMERROR_GONE", "GONE"},
		{"OAuth2Error", "OAUTH2_ERROR_GONE", "GONE"},
		{"OAuth2Error", "O_AUTH2_ERROR_GONE", "GONE"},
		{"Auth_Error", "AUTH_ERROR_GONE", "GONE"},
		{"Reason", "SERVICE_DISABLED", "SERVICE_DISABLED"},
		{"Auth", "AUTHOR_GONE", "AUTHOR_GONE"},
		{"Auth", "AUTH", "AUTH"},
		{"Auth", "AUTH_", "AUTH_"},
		{"AuthError", "AUTH_ERR", "AUTH_ERR"},
	} {
		assert.Equal(t, test.want, reasonOf(test.enum, test.value), "%s of %s", test.value, test.enum)
	}
}
