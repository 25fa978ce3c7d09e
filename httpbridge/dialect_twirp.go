package httpbridge

import (
	"net/http"

	"github.com/errwire/errwire/status"
)

// Twirp: {"code": "not_found", "msg": …, "meta": {…}}.
// https://twitchtv.github.io/twirp/docs/spec_v7.html

// twirpCodes are Twirp's names and HTTP statuses. The first row of a code is the
// one that is written; the others are only read.
var twirpCodes = []struct {
	name string
	code status.Code
	http int
}{
	{"canceled", status.Cancelled, 408},
	{"unknown", status.Unknown, 500},
	{"invalid_argument", status.InvalidArgument, 400},
	{"malformed", status.InvalidArgument, 400},
	{"deadline_exceeded", status.DeadlineExceeded, 408},
	{"not_found", status.NotFound, 404},
	{"bad_route", status.Unimplemented, 404},
	{"already_exists", status.AlreadyExists, 409},
	{"permission_denied", status.PermissionDenied, 403},
	{"unauthenticated", status.Unauthenticated, 401},
	{"resource_exhausted", status.ResourceExhausted, 429},
	{"failed_precondition", status.FailedPrecondition, 412},
	{"aborted", status.Aborted, 409},
	{"out_of_range", status.OutOfRange, 400},
	{"unimplemented", status.Unimplemented, 501},
	{"internal", status.Internal, 500},
	{"unavailable", status.Unavailable, 503},
	{"data_loss", status.DataLoss, 500},
	{"dataloss", status.DataLoss, 500},
}

func readTwirp(a *Answer, d *draft) bool {
	root := a.root()
	// "type" is what Twirp's servers write when they cannot marshal the error.
	code := root.first("code", "type")
	if !code.isString() || !root.get("msg").isString() {
		return false
	}
	d.message = root.get("msg").string()
	d.metaRest(root.get("meta"))
	d.twirpServiceCode()
	for _, row := range twirpCodes {
		if row.name == code.string() {
			d.code = row.code
			return true
		}
	}
	d.setCode(code.string(), "code")
	return true
}

// twirpServiceCode takes the service code out of the meta, where Encode puts it.
func (d *draft) twirpServiceCode() {
	if d.metaAt("reason") < 0 || d.metaAt("domain") < 0 {
		return
	}
	if reason := d.metadata[d.metaAt("reason")].text; isReason(reason) {
		d.service = status.ServiceCode{Domain: d.takeMeta("domain"), Reason: d.takeMeta("reason")}
	}
}

type twirpBody struct {
	Code string            `json:"code"`
	Msg  string            `json:"msg"`
	Meta map[string]string `json:"meta,omitempty"`
}

// writeTwirp puts the service code into the meta, unless the metadata has these
// keys for something else. A Conflict is marked there as it is over gRPC.
func writeTwirp(e *status.Error) content {
	info := grpcInfo(e)
	meta := info.GetMetadata()
	if service := (status.ServiceCode{Domain: info.GetDomain(), Reason: info.GetReason()}); service != (status.ServiceCode{}) {
		if meta == nil {
			meta = make(map[string]string, 2)
		}
		for key, text := range map[string]string{"reason": service.Reason, "domain": service.Domain} {
			if _, taken := meta[key]; !taken {
				meta[key] = text
			}
		}
	}
	code := grpcCode(int64(e.GRPCStatus().Code()))
	for _, row := range twirpCodes {
		if row.code == code {
			return content{httpStatus: row.http, body: twirpBody{row.name, e.Message(), meta}}
		}
	}
	return content{httpStatus: http.StatusInternalServerError, body: twirpBody{"internal", e.Message(), meta}}
}
