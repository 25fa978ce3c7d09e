package httpbridge

import "github.com/errwire/errwire/status"

// OCI registries: {"errors": [{"code": "NAME_UNKNOWN", "message": …, "detail":
// …}]}. https://github.com/opencontainers/distribution-spec, §Error Codes

var registryCodes = map[string]status.Code{
	"BLOB_UNKNOWN":          status.NotFound,
	"BLOB_UPLOAD_UNKNOWN":   status.NotFound,
	"MANIFEST_BLOB_UNKNOWN": status.NotFound,
	"MANIFEST_UNKNOWN":      status.NotFound,
	"NAME_UNKNOWN":          status.NotFound,
	"BLOB_UPLOAD_INVALID":   status.InvalidArgument,
	"DIGEST_INVALID":        status.InvalidArgument,
	"MANIFEST_INVALID":      status.InvalidArgument,
	"NAME_INVALID":          status.InvalidArgument,
	"SIZE_INVALID":          status.InvalidArgument,
	"TAG_INVALID":           status.InvalidArgument,
	"DENIED":                status.PermissionDenied,
	"UNAUTHORIZED":          status.Unauthenticated,
	"TOOMANYREQUESTS":       status.ResourceExhausted,
	"UNSUPPORTED":           status.Unimplemented,
	"UNAVAILABLE":           status.Unavailable,
}

func readRegistry(a *Answer, d *draft) bool {
	first := a.root().get("errors").element(0)
	if !first.get("code").isString() || !first.get("message").isString() && !first.get("detail").exists() {
		return false
	}
	d.service.Reason = first.get("code").string()
	d.message = first.get("message").string()
	d.code = registryCodes[d.service.Reason]
	if detail := first.get("detail"); detail.isObject() {
		d.metaRest(detail)
	} else {
		d.metaOf(first, "detail")
	}
	return true
}

// Registry reads the errors of OCI and Docker registries.
func Registry(a *Answer) *status.Error { return a.as(readRegistry) }
