package status

import (
	"bytes"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	grpcstatus "google.golang.org/grpc/status"
)

// CONFLICT crosses gRPC as ABORTED, with this key in the ErrorInfo's metadata.
// A detail type of our own would make gateways that do not know it answer 500.
const (
	platformCodeKey = "platformCode"
	conflictDomain  = "errwire" // of a conflict that has no service code
)

// withPlatformCode marks details as those of a conflict.
func (d details) withPlatformCode() details {
	info := d.errorInfo()
	if info.GetReason() == "" {
		info.Reason = Conflict.String()
		if info.GetDomain() == "" {
			info.Domain = conflictDomain
		}
	}
	if info.Metadata == nil {
		info.Metadata = map[string]string{}
	}
	info.Metadata[platformCodeKey] = Conflict.String()
	return d.withInfo(info)
}

// withoutPlatformCode undoes withPlatformCode, and reports whether there was
// anything to undo.
func (d details) withoutPlatformCode() (details, bool) {
	if !bytes.Contains(d.find(errorInfoName).GetValue(), []byte(platformCodeKey)) {
		return d, false // as good as always, and nothing was decoded
	}
	info := d.errorInfo()
	if info.GetMetadata()[platformCodeKey] != Conflict.String() {
		return d, false
	}
	delete(info.Metadata, platformCodeKey)
	if info.GetDomain() == conflictDomain && info.GetReason() == Conflict.String() {
		info.Domain, info.Reason = "", ""
	}
	return d.withInfo(info), true
}

// readGRPC returns the code and the details of a gRPC status as an Error has
// them, and whether they are other than its own: those of a conflict.
func readGRPC(st *grpcstatus.Status) (code Code, d details, conflict bool) {
	code, d = FromGRPC(st.Code()).failure(), peek(st).GetDetails()
	if code == Aborted {
		if d, conflict = d.withoutPlatformCode(); conflict {
			code = Conflict
		}
	}
	return code, d, conflict
}

// withInfo puts info in the place of the ErrorInfo; one that says nothing takes
// it out.
func (d details) withInfo(m *errdetails.ErrorInfo) details {
	i := infoOf(m)
	if i.zero() {
		return d.without(errorInfoName)
	}
	return d.with(errorInfoName, i.encode())
}
