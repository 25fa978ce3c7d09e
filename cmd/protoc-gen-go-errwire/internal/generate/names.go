package generate

import (
	"go/token"
	"go/types"
	"strings"
	"unicode"
)

// initialisms are the words that Go names spell otherwise than Capitalised.
var initialisms = func() map[string]string {
	m := map[string]string{
		"ETAG": "ETag", "IDS": "IDs", "OAUTH": "OAuth", "URIS": "URIs", "URLS": "URLs",
	}
	for word := range strings.FieldsSeq(`
		ACL API APNS ASCII CPU CSS DNS EOF FCM GRPC GUID HTML HTTP HTTPS IAM ID
		IOS IP JSON JWT MFA OIDC QPS RAM RPC SAML SDK SLA SMS SMTP SQL SSH SSO
		TCP TLS TOTP TTL UDP UI UID URI URL UTF UUID VM XML XMPP XSRF XSS`) {
		m[word] = word
	}
	return m
}()

// goName is a name in the form of a reason as an exported Go name:
// SENDER_ID_MISMATCH is SenderIDMismatch.
func goName(upper string) string {
	var name strings.Builder
	for word := range strings.SplitSeq(upper, "_") {
		name.WriteString(goWord(word))
	}
	return name.String()
}

// goWord spells one word of an exported Go name. Digits at its end do not count:
// HTTP2, OAuth2.
func goWord(upper string) string {
	letters := strings.TrimRight(upper, "0123456789")
	if known, ok := initialisms[letters]; ok {
		return known + upper[len(letters):]
	}
	if upper == "" {
		return ""
	}
	return upper[:1] + strings.ToLower(upper[1:])
}

// paramName is a metadata key as the name of a Go parameter: shelf_id and
// shelfId are shelfID. A name that means something in Go, or in the constructor
// that it is a parameter of, gets an end: typeValue.
func paramName(key string) string {
	var name strings.Builder
	for i, word := range keyWords(key) {
		if i == 0 {
			name.WriteString(strings.ToLower(word))
			continue
		}
		name.WriteString(goWord(strings.ToUpper(word)))
	}
	s := name.String()
	switch s {
	case "metadata", "status", "strconv":
		return s + "Value"
	}
	if token.IsKeyword(s) || types.Universe.Lookup(s) != nil {
		return s + "Value"
	}
	return s
}

// keyWords splits a metadata key at hyphens and underscores, and before a
// capital that follows anything else.
func keyWords(key string) []string {
	var spaced strings.Builder
	previous := ' '
	for _, r := range key {
		switch {
		case r == '-' || r == '_':
			r = ' '
		case unicode.IsUpper(r) && !unicode.IsUpper(previous):
			spaced.WriteByte(' ')
		}
		spaced.WriteRune(r)
		previous = r
	}
	return strings.Fields(spaced.String())
}

// reasonOf is the name of an enum's value without the enum's prefix, and the
// whole name when it has none. Underscores in the prefix do not count, as there
// are two opinions about OAuth2Error: OAUTH2_ERROR_ and O_AUTH2_ERROR_.
func reasonOf(enum, value string) string {
	prefix := strings.ToUpper(strings.ReplaceAll(enum, "_", ""))
	for i := range len(value) {
		if value[i] == '_' {
			if prefix == "" && i+1 < len(value) {
				return value[i+1:]
			}
			continue
		}
		if prefix == "" || prefix[0] != value[i] {
			break
		}
		prefix = prefix[1:]
	}
	return value
}
