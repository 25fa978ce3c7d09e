package httpbridge

import (
	"net/http"
	"slices"

	"google.golang.org/genproto/googleapis/rpc/errdetails"

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

// writeTwirp puts the service code into the meta, unless the metadata has these
// keys for something else. A Conflict is marked there as it is over gRPC.
func writeTwirp(o *output, e *status.Error) {
	name := "internal"
	o.httpStatus = http.StatusInternalServerError
	code := grpcCode(int64(e.Code().GRPC()))
	for _, row := range twirpCodes {
		if row.code == code {
			name, o.httpStatus = row.name, row.http
			break
		}
	}
	o.open('{')
	o.member("code", name)
	o.member("msg", e.Message())
	o.membersIf("meta", twirpMeta(e))
	o.end('}')
}

func twirpMeta(e *status.Error) map[string]string {
	details := grpcDetails(e)
	i := slices.IndexFunc(details, isErrorInfo)
	if i < 0 {
		return nil
	}
	info, _ := details[i].(*errdetails.ErrorInfo)
	meta := info.GetMetadata()
	if info.GetReason() == "" && info.GetDomain() == "" {
		return meta
	}
	if meta == nil {
		meta = make(map[string]string, 2)
	}
	for key, text := range map[string]string{"reason": info.GetReason(), "domain": info.GetDomain()} {
		if _, taken := meta[key]; !taken {
			meta[key] = text
		}
	}
	return meta
}
