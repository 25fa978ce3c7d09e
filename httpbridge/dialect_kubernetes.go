package httpbridge

import (
	"net/http"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"

	"github.com/errwire/errwire/status"
)

// Kubernetes: {"kind": "Status", "status": "Failure", "message": …, "reason":
// "NotFound", "details": {"name", "kind", "causes", "retryAfterSeconds"},
// "code": 404}; in a watch, {"type": "ERROR", "object": {…}}.
// k8s.io/apimachinery/pkg/apis/meta/v1, type Status

// kubernetesReasons are the reasons that say more than their HTTP status does:
// 409 is three things.
var kubernetesReasons = map[string]status.Code{
	"AlreadyExists":   status.AlreadyExists,
	"Conflict":        status.Aborted,
	"Expired":         status.Aborted,
	"Gone":            status.Aborted,
	"Timeout":         status.DeadlineExceeded,
	"ServerTimeout":   status.DeadlineExceeded,
	"TooManyRequests": status.ResourceExhausted,
	"Invalid":         status.InvalidArgument,
}

func readKubernetes(a *Answer, d *draft) bool {
	root := a.root()
	if root.get("type").is("ERROR") {
		root = root.get("object")
	}
	if !root.get("kind").is("Status") || !root.get("status").is("Failure") {
		return false
	}
	details := root.get("details")
	d.message = root.get("message").string()
	d.service.Reason = root.get("reason").string()
	if d.service.Domain = details.get("group").string(); d.service.Domain == "" {
		d.service.Domain = "kubernetes"
	}
	d.claim(root.get("code"))
	d.code = kubernetesReasons[d.service.Reason]
	if d.service.Reason == "" && a.Method == http.MethodPost && max(a.HTTPStatus, d.httpStatus) == http.StatusConflict {
		d.code = status.AlreadyExists // what else could be in the way of something new
	}
	d.metaOf(details, "name", "kind", "uid")
	if seconds, ok := details.get("retryAfterSeconds").integer(); ok && seconds > 0 {
		d.rounded.raise(inUnits(seconds, time.Second))
	}
	var list []*errdetails.BadRequest_FieldViolation
	for cause := range details.get("causes").elements() {
		list = appendViolation(list, cause.get("field").string(), cause.get("message").string(), cause.get("reason").string())
	}
	d.addViolations(list)
	return true
}

// Kubernetes reads the Status objects of the Kubernetes API.
func Kubernetes(a *Answer) *status.Error { return a.as(readKubernetes) }
