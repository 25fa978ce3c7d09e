package httpbridge

import (
	"net/http"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/errwire/errwire/status"
)

// What is no dialect was most likely not said by the service: a proxy's page or
// line of text, or nothing. The code is that of the HTTP status, the origin
// [status.OriginIntermediary].

// proxies are those that can be told by a header. The first that fits is named
// in the metadata, under "intermediary".
var proxies = []struct {
	name   string
	header string
	value  string // what the header begins with, in lower case; "" is anything
}{
	{"cloudflare", "Cf-Ray", ""},
	{"cloudflare", "Server", "cloudflare"},
	{"envoy", "X-Envoy-Ratelimited", ""},
	{"envoy", "Server", "envoy"},
	{"nginx", "Server", "nginx"},
	{"nginx", "Server", "openresty"},
	{"awselb", "Server", "awselb"},
	{"google-frontend", "Server", "google frontend"},
	{"google-frontend", "Server", "gfe"},
	{"varnish", "X-Varnish", ""},
	{"cloudfront", "Server", "cloudfront"},
	{"akamai", "Server", "akamaighost"},
	{"haproxy", "Server", "haproxy"},
	{"traefik", "Server", "traefik"},
}

// proxyName is who answered, "" if no header tells.
func proxyName(header http.Header) string {
	for _, proxy := range proxies {
		for _, text := range header[proxy.header] {
			if strings.HasPrefix(strings.ToLower(text), proxy.value) {
				return proxy.name
			}
		}
	}
	return ""
}

// readProxy takes every answer.
func readProxy(a *Answer, d *draft) bool {
	d.proxy = true
	name := proxyName(a.Header)
	d.meta("intermediary", name)
	d.message = plainText(a)
	// Cloudflare's own: the origin is down, does not answer, has a bad certificate.
	if name == "cloudflare" && a.HTTPStatus >= 520 && a.HTTPStatus <= 530 {
		d.code = status.Unavailable
	}
	return true
}

// maxText is more than a message keeps.
const maxText = 32 << 10

// plainText is the body, if it is text that a person can read; "" for pages,
// binary data and an empty body.
func plainText(a *Answer) string {
	body := a.text()
	if len(body) == 0 || body[0] == '<' || strings.Contains(a.mediaType(), "html") {
		return ""
	}
	text := strings.ToValidUTF8(string(body[:min(len(body), maxText)]), string(utf8.RuneError))
	if strings.IndexFunc(text, isBinary) >= 0 {
		return ""
	}
	return strings.TrimSpace(text)
}

func isBinary(r rune) bool {
	return unicode.IsControl(r) && r != '\n' && r != '\r' && r != '\t'
}
