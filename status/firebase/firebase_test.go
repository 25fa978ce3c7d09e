// Package firebase_test holds both catalogs to what is known of Firebase's error
// codes, which is in testdata.
package firebase_test

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/errwire/errwire/status"
	"github.com/errwire/errwire/status/firebase/auth"
	"github.com/errwire/errwire/status/firebase/messaging"
)

const (
	authDomain      = "identitytoolkit.googleapis.com"
	messagingDomain = "fcm.googleapis.com"
)

// domains are those of the services in testdata.
var domains = map[string]string{"auth": authDomain, "messaging": messagingDomain}

// predicates are all that testdata/service-codes.tsv names.
var predicates = map[string]map[string]func(error) bool{
	"auth": {
		"IsCertificateFetchFailed":   auth.IsCertificateFetchFailed,
		"IsEmailAlreadyExists":       auth.IsEmailAlreadyExists,
		"IsExpiredIDToken":           auth.IsExpiredIDToken,
		"IsExpiredIDTokenError":      auth.IsExpiredIDTokenError,
		"IsExpiredSessionCookie":     auth.IsExpiredSessionCookie,
		"IsIDTokenExpired":           auth.IsIDTokenExpired,
		"IsIDTokenInvalid":           auth.IsIDTokenInvalid,
		"IsIDTokenRevoked":           auth.IsIDTokenRevoked,
		"IsInvalidDynamicLinkDomain": auth.IsInvalidDynamicLinkDomain,
		"IsInvalidIDToken":           auth.IsInvalidIDToken,
		"IsInvalidSessionCookie":     auth.IsInvalidSessionCookie,
		"IsPhoneNumberAlreadyExists": auth.IsPhoneNumberAlreadyExists,
		"IsRevokedIDToken":           auth.IsRevokedIDToken,
		"IsRevokedSessionCookie":     auth.IsRevokedSessionCookie,
		"IsSessionCookieExpired":     auth.IsSessionCookieExpired,
		"IsSessionCookieInvalid":     auth.IsSessionCookieInvalid,
		"IsSessionCookieRevoked":     auth.IsSessionCookieRevoked,
		"IsUnauthorizedContinueURI":  auth.IsUnauthorizedContinueURI,
		"IsUnauthorizedContinueURL":  auth.IsUnauthorizedContinueURL,
		"IsUserNotFound":             auth.IsUserNotFound,
	},
	"messaging": {
		"IsInternal":            messaging.IsInternal,
		"IsInvalidArgument":     messaging.IsInvalidArgument,
		"IsQuotaExceeded":       messaging.IsQuotaExceeded,
		"IsSenderIDMismatch":    messaging.IsSenderIDMismatch,
		"IsThirdPartyAuthError": messaging.IsThirdPartyAuthError,
		"IsUnavailable":         messaging.IsUnavailable,
		"IsUnregistered":        messaging.IsUnregistered,
	},
}

// umbrellas are the predicates that are true for several service codes.
var umbrellas = map[string][]status.ServiceCode{
	"IsIDTokenInvalid":       {auth.ExpiredIDToken, auth.InvalidIDToken, auth.RevokedIDToken, auth.UserDisabled},
	"IsSessionCookieInvalid": {auth.ExpiredSessionCookie, auth.InvalidSessionCookie, auth.RevokedSessionCookie, auth.UserDisabled},
}

// rows reads a table of testdata: a map from column to value for each row.
func rows(t *testing.T, name string) []map[string]string {
	t.Helper()
	b, err := os.ReadFile("testdata/" + name)
	require.NoError(t, err)
	r := csv.NewReader(bytes.NewReader(b))
	r.Comma, r.Comment, r.LazyQuotes = '\t', '#', true
	records, err := r.ReadAll()
	require.NoError(t, err)
	var table []map[string]string
	for _, record := range records[1:] {
		row := map[string]string{}
		for i, column := range records[0] {
			row[column] = record[i]
		}
		table = append(table, row)
	}
	require.NotEmpty(t, table)
	return table
}

// requireDefinition checks the platform code of a service code.
func requireDefinition(t *testing.T, code status.ServiceCode, platform string) {
	t.Helper()
	def, ok := status.Lookup(code)
	require.True(t, ok, "%v is not declared", code)
	assert.Equal(t, platform, def.Code.String())
}

func TestServiceCodesHaveTheirPredicates(t *testing.T) {
	t.Parallel()
	tested := 0
	for _, row := range rows(t, "service-codes.tsv") {
		t.Run(row["service_code"], func(t *testing.T) {
			code := status.ServiceCode{Domain: domains[row["service"]], Reason: row["service_code"]}
			requireDefinition(t, code, row["platform_code"])
			for name := range strings.FieldsSeq(row["predicates"]) {
				is := predicates[row["service"]][name]
				require.NotNil(t, is, "%s is not in this test", name)
				members := umbrellas[name]
				if members == nil {
					members = []status.ServiceCode{code}
				}
				for _, other := range slices.Concat(auth.All(), messaging.All()) {
					err := fmt.Errorf("wrapped: %w", status.New(status.Unknown, "x").WithServiceCode(other))
					assert.Equal(t, slices.Contains(members, other), is(err), "%s of %v", name, other)
				}
				tested++
			}
		})
	}
	assert.Equal(t, len(predicates["auth"])+len(predicates["messaging"]), tested, "each predicate once")
}

func TestServerCodesAreRecognised(t *testing.T) {
	t.Parallel()
	tests := []struct {
		table, serverCode, domain string
		all                       []status.ServiceCode
	}{
		{"auth-server-codes.tsv", "server_code", authDomain, auth.All()},
		{"messaging-error-codes.tsv", "error_code", messagingDomain, messaging.All()},
	}
	for _, test := range tests {
		t.Run(test.table, func(t *testing.T) {
			t.Parallel()
			known := map[string]bool{}
			for _, row := range rows(t, test.table) {
				name := row[test.serverCode]
				code, ok := status.LookupAlias(test.domain, name)
				if row["service_code"] == "" {
					assert.False(t, ok, "%s is no service code", name)
					continue
				}
				require.True(t, ok, name)
				assert.Equal(t, status.ServiceCode{Domain: test.domain, Reason: row["service_code"]}, code)
				requireDefinition(t, code, row["platform_code"])
				known[name] = true
			}
			for _, code := range test.all {
				def, _ := status.Lookup(code)
				for _, name := range def.Aliases {
					assert.True(t, known[name], "%s is a server code of %v", name, code)
				}
			}
		})
	}
}

// What is written is what the services themselves send; the other names are
// old, or of another method.
func TestTheFirstNameIsTheOneToWrite(t *testing.T) {
	t.Parallel()
	for code, want := range map[status.ServiceCode]string{
		auth.EmailAlreadyExists:       "EMAIL_EXISTS",
		auth.InsufficientPermission:   "INSUFFICIENT_PERMISSION",
		auth.InvalidProviderID:        "INVALID_PROVIDER_ID",
		auth.MissingProviderID:        "MISSING_PROVIDER_ID",
		auth.MissingUID:               "MISSING_LOCAL_ID",
		auth.TooManyRequests:          "TOO_MANY_ATTEMPTS_TRY_LATER",
		messaging.ThirdPartyAuthError: "THIRD_PARTY_AUTH_ERROR",
	} {
		def, ok := status.Lookup(code)
		assert.True(t, ok)
		assert.Greater(t, len(def.Aliases), 1, "%v has one name, and needs no choice", code)
		assert.Equal(t, want, def.Aliases[0])
	}
}

func TestNothingIsMadeUp(t *testing.T) {
	t.Parallel()
	want := map[status.ServiceCode]bool{}
	for _, row := range rows(t, "service-codes.tsv") {
		want[status.ServiceCode{Domain: domains[row["service"]], Reason: row["service_code"]}] = true
	}
	for _, row := range rows(t, "auth-server-codes.tsv") {
		want[status.ServiceCode{Domain: authDomain, Reason: row["service_code"]}] = true
	}
	have := map[status.ServiceCode]bool{}
	for _, code := range slices.Concat(auth.All(), messaging.All()) {
		have[code] = true
	}
	assert.Equal(t, want, have)
}

func TestTheWireWinsForTheCode(t *testing.T) {
	t.Parallel()
	err := status.New(status.Unauthenticated, "sign in again").WithServiceCode(auth.ExpiredIDToken)
	assert.True(t, status.IsUnauthenticated(err))
	assert.False(t, status.IsInvalidArgument(err), "what the catalog says is for bare codes only")
	assert.True(t, auth.IsExpiredIDToken(err))
	assert.True(t, status.IsInvalidArgument(auth.ExpiredIDToken))
}

func TestTheSameReasonOfAnotherServiceIsAnotherError(t *testing.T) {
	t.Parallel()
	assert.Equal(t, auth.QuotaExceeded.Reason, messaging.QuotaExceeded.Reason)
	assert.True(t, messaging.IsQuotaExceeded(messaging.QuotaExceeded))
	assert.False(t, messaging.IsQuotaExceeded(auth.QuotaExceeded))
	assert.False(t, auth.IsQuotaExceeded(messaging.QuotaExceeded))
	assert.NotErrorIs(t, auth.NewQuotaExceeded(), messaging.QuotaExceeded)
}

func TestPredicatesAllocateNothing(t *testing.T) {
	err := fmt.Errorf("wrapped: %w", auth.NewUserNotFound())
	assert.Zero(t, testing.AllocsPerRun(100, func() {
		if !auth.IsUserNotFound(err) || auth.IsIDTokenInvalid(err) || auth.CodeOf(err) != auth.CodeUserNotFound {
			t.Error("not recognised")
		}
	}))
}
