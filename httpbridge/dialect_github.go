package httpbridge

import (
	"net/http"
	"strings"
	"time"

	"github.com/errwire/errwire/status"
)

// GitHub: {"message": …, "errors": [{"resource", "field", "code", "message"}],
// "documentation_url": …}. A used-up rate limit is a 403 as often as a 429, and
// only the headers tell.
// https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api

func readGitHub(a *Answer, d *draft) bool {
	root := a.root()
	if !root.get("message").isString() || !root.get("documentation_url").isString() && !isGitHub(a.Header) {
		return false
	}
	d.message = root.get("message").string()
	d.metaOf(root, "documentation_url")
	for item := range root.get("errors").elements() {
		if d.service.Reason == "" {
			d.service.Reason = item.get("code").string()
		}
	}
	d.addViolations(fieldViolations(root.get("errors")))
	d.githubRateLimit(a, root.get("documentation_url").string())
	return true
}

func isGitHub(header http.Header) bool { return field(header, "X-Github-Request-Id") != "" }

// githubRateLimit recognises the two kinds of limits: the primary one says when
// it is reset, the secondary one has Retry-After and a page of its own.
func (d *draft) githubRateLimit(a *Answer, page string) {
	if a.HTTPStatus != http.StatusForbidden && a.HTTPStatus != http.StatusTooManyRequests {
		return
	}
	if strings.TrimSpace(field(a.Header, "X-Ratelimit-Remaining")) == "0" {
		d.code = status.ResourceExhausted
		// An answer with a Retry-After says itself how long to wait.
		if reset := parseUnits(field(a.Header, "X-Ratelimit-Reset"), time.Second); reset.ok && field(a.Header, "Retry-After") == "" {
			d.rounded.raise(untilEpoch(reset, a.now()))
		}
	}
	if strings.HasSuffix(page, "secondary-rate-limits") || strings.HasSuffix(page, "#abuse-rate-limits") {
		d.code = status.ResourceExhausted
	}
}

// untilEpoch is the time from now to a moment given in seconds since 1970.
func untilEpoch(reset hint, now time.Time) hint {
	if reset.delay == tooLong {
		return reset
	}
	return until(time.Unix(0, 0).Add(reset.delay), now)
}

// GitHub reads the errors of GitHub's REST API.
func GitHub(a *Answer) *status.Error { return a.as(readGitHub) }
