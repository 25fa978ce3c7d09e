package status

import (
	"net/http"
	"net/url"
	"strings"
)

// publicHeader copies a header without the fields that carry credentials, and
// without those in the URLs of others: net/http's client puts the address that
// redirected it, API key and all, into Referer.
func publicHeader(header http.Header) http.Header {
	public := header.Clone()
	for name, values := range public {
		if secretName(name) {
			delete(public, name)
		} else if urlHeaders[http.CanonicalHeaderKey(name)] {
			for i, value := range values {
				values[i] = publicURLText(value)
			}
		}
	}
	return public
}

var urlHeaders = map[string]bool{"Content-Location": true, "Location": true, "Referer": true}

// publicURLText is publicURL for text; what is no URL stays as it is, but for
// what could be its query.
func publicURLText(text string) string {
	u, err := url.Parse(text)
	if err != nil {
		text, _, _ = strings.Cut(text, "?")
		return text
	}
	return publicURL(u).String()
}

// publicURL copies a URL without its user, whose very name may be an API key,
// without the fragment, and without the query parameters that carry credentials.
func publicURL(u *url.URL) *url.URL {
	if u == nil {
		return nil
	}
	public := *u
	public.User, public.Fragment, public.RawFragment = nil, "", ""
	if u.RawQuery != "" {
		query := u.Query()
		for name := range query {
			if secretName(name) {
				query.Del(name)
			}
		}
		public.RawQuery = query.Encode()
	}
	return &public
}

// Header fields and query parameters that carry credentials, in lower case and
// without dashes and underscores: by their whole name, or by a part of it, for
// there are many ways of saying API key (X-Goog-Api-Key, apiKey) and token
// (access_token, X-Amz-Security-Token).
var (
	secretNames = map[string]bool{"auth": true, "jwt": true, "pwd": true, "sig": true, "xfirebaseappcheck": true}
	secretParts = []string{
		"apikey", "assertion", "authorization", "cookie", "credential",
		"passphrase", "password", "passwd", "secret", "session", "signature", "token",
	}
)

// secretName would rather hide a page token than show an access token.
func secretName(name string) bool {
	name = withoutDashes.Replace(strings.ToLower(name))
	if secretNames[name] || strings.HasSuffix(name, "key") && name != "idempotencykey" {
		return true
	}
	for _, part := range secretParts {
		if strings.Contains(name, part) {
			return true
		}
	}
	return false
}

// withoutDashes is made once: making it is most of what keeping a response costs.
var withoutDashes = strings.NewReplacer("-", "", "_", "")
