package httpbridge

import (
	"cmp"
	"net/url"
	"slices"
	"strings"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/protobuf/proto"

	"github.com/errwire/errwire/status"
)

// Problem Details (RFC 9457, once 7807), JSON and XML: {"type": URI, "title": …,
// "status": 404, "detail": …, "instance": URI} and members of the service's own.
// What Encode adds is in code, reason, domain, metadata and details.

// problemMembers are the members that do not become metadata.
var problemMembers = []string{"type", "title", "status", "detail", "code", "reason", "domain", "metadata", "details", "errors"}

// readProblem takes what its media type calls a problem, and an object that
// looks like one though its media type does not say so.
func readProblem(a *Answer, d *draft) bool {
	named := strings.HasPrefix(a.mediaType(), "application/problem+")
	root := a.root()
	if named && a.xml() != nil {
		d.problemXML(a.xml())
		return true
	}
	if !root.exists() || !named && !looksLikeProblem(root) {
		return false
	}
	d.readDetails(root.get("details"))
	d.problemService(root)
	d.message = cmp.Or(root.get("detail").string(), root.get("title").string())
	d.claim(root.get("status"))
	d.problemType(root.get("type").string(), root.get("title").string())
	d.metaRest(root, problemMembers...)
	d.addViolations(fieldViolations(root.first("errors", "invalid-params", "violations")))
	return true
}

func looksLikeProblem(root value) bool {
	return root.get("title").isString() && root.get("status").isNumber() &&
		(root.get("type").isString() || root.get("detail").isString())
}

// problemService reads the members that Encode adds. Other services have members
// of these names too: a code that is not a platform code is a reason.
func (d *draft) problemService(root value) {
	if !d.hasInfo() {
		d.service = status.ServiceCode{Domain: root.get("domain").string(), Reason: root.get("reason").string()}
		d.metaRest(root.get("metadata"))
	}
	if code := root.get("code"); code.isString() {
		d.vendorCode(code.string())
	} else {
		d.metaOf(root, "code")
	}
}

// statusHosts have the URIs that are the "type" of problems which are no more
// than their HTTP status, as about:blank is.
var statusHosts = map[string]bool{
	"tools.ietf.org":        true,
	"datatracker.ietf.org":  true,
	"www.rfc-editor.org":    true,
	"httpstatuses.com":      true,
	"httpstatuses.io":       true,
	"developer.mozilla.org": true,
}

// problemType takes the type for the reason, and its host for the domain, if
// the problem has no reason that is plainer. The title goes with the type; that
// of about:blank is the HTTP status in words.
func (d *draft) problemType(text, title string) {
	if text == "" || text == "about:blank" {
		return
	}
	d.meta("type", text)
	d.meta("title", title)
	uri, err := url.Parse(text)
	if err != nil || statusHosts[uri.Host] || d.service.Reason != "" {
		return
	}
	d.service.Reason = text
	if d.service.Domain == "" {
		d.service.Domain = uri.Hostname()
	}
}

func (d *draft) problemXML(root *element) {
	d.message = cmp.Or(root.string("detail"), root.string("title"))
	d.service.Reason, d.service.Domain = root.string("reason"), root.string("domain")
	if code := root.string("code"); code != "" {
		d.vendorCode(code)
	}
	d.problemType(root.string("type"), root.string("title"))
	for name, text := range root.leaves() {
		switch name {
		case "type", "title", "status", "detail", "code", "reason", "domain":
		default:
			d.meta(name, text)
		}
	}
}

// ProblemTypes returns a dialect that reads problems whose types begin with
// base, such as "https://users.example.com/errors/", and takes what comes after
// it for the reason: of base + "USER_NOT_FOUND" the reason is USER_NOT_FOUND,
// and not the whole URI.
func ProblemTypes(base string) Dialect {
	read := func(a *Answer, d *draft) bool {
		if !readProblem(a, d) {
			return false
		}
		if reason, ok := strings.CutPrefix(d.service.Reason, base); ok && reason != "" {
			d.service.Reason = reason
		}
		return true
	}
	return func(a *Answer) *status.Error { return a.as(read) }
}

// writeProblem writes about:blank, whose title is the HTTP status in words: the
// kit knows no URI that explains the problem. An ErrorInfo is spread over the
// members; the other details are as AIP-193 has them.
func writeProblem(o *output, e *status.Error) {
	info, details := cutInfo(e.Details())
	o.httpStatus = e.Code().HTTPStatus()
	o.open('{')
	o.member("title", statusText(o.httpStatus))
	o.name("status")
	o.number(o.httpStatus)
	o.member("detail", e.Message())
	o.member("code", e.Code().String())
	o.memberIf("reason", info.GetReason())
	o.memberIf("domain", info.GetDomain())
	o.membersIf("metadata", info.GetMetadata())
	o.detailsIf("details", details)
	o.end('}')
}

// cutInfo returns the first ErrorInfo, and the details without it where nothing
// is lost by that: it is the first of them and the only one of its type, and not
// empty.
func cutInfo(details []proto.Message) (info *errdetails.ErrorInfo, rest []proto.Message) {
	i := slices.IndexFunc(details, isErrorInfo)
	if i < 0 {
		return nil, details
	}
	info, _ = details[i].(*errdetails.ErrorInfo)
	empty := info.GetReason() == "" && info.GetDomain() == "" && len(info.GetMetadata()) == 0
	if i > 0 || empty || slices.ContainsFunc(details[1:], isErrorInfo) {
		return info, details
	}
	return info, details[1:]
}

func isErrorInfo(detail proto.Message) bool {
	_, ok := detail.(*errdetails.ErrorInfo)
	return ok
}
