package status

import (
	"unicode/utf8"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/protobuf/encoding/protowire"
)

// ServiceCode returns the service code: domain and reason of the first
// ErrorInfo. It is zero when there is none.
func (e *Error) ServiceCode() ServiceCode {
	if e == nil {
		return ServiceCode{}
	}
	return e.load().service
}

// Reason returns the reason of the service code, such as "USER_NOT_FOUND".
func (e *Error) Reason() string { return e.ServiceCode().Reason }

// Domain returns the domain of the service code, such as
// "identitytoolkit.googleapis.com".
func (e *Error) Domain() string { return e.ServiceCode().Domain }

// Metadata returns a copy of the ErrorInfo's metadata; nil when there is none.
func (e *Error) Metadata() map[string]string {
	if e == nil {
		return nil
	}
	metadata := e.load().errorInfo().GetMetadata()
	if len(metadata) == 0 {
		return nil
	}
	return metadata
}

// WithServiceCode returns a copy with another service code. The metadata stay.
// The zero ServiceCode takes the service code away.
func (e *Error) WithServiceCode(code ServiceCode) *Error {
	if e == nil {
		return nil
	}
	d := e.load()
	info := d.errorInfo()
	info.Domain, info.Reason = valid(code.Domain), valid(code.Reason)
	return e.withDetails(d.withInfo(info))
}

// WithMetadata returns a copy with these keys added to its metadata, or changed.
// The key "platformCode" is taken: it is how a [Conflict] crosses gRPC.
func (e *Error) WithMetadata(metadata map[string]string) *Error {
	if e == nil {
		return nil
	}
	d := e.load()
	info := d.errorInfo()
	if info.Metadata == nil {
		info.Metadata = make(map[string]string, len(metadata))
	}
	for key, value := range metadata {
		info.Metadata[valid(key)] = valid(value)
	}
	return e.withDetails(d.withInfo(info))
}

// withInfo puts info in the place of the ErrorInfo; an empty one takes it out.
func (d *details) withInfo(info *errdetails.ErrorInfo) *details {
	if info.GetDomain() == "" && info.GetReason() == "" && len(info.GetMetadata()) == 0 {
		return d.without(errorInfoName)
	}
	return d.with(errorInfoName, mustEncode(info))
}

// CONFLICT crosses gRPC as ABORTED, with this key in the ErrorInfo's metadata.
// A detail type of our own would make gateways that do not know it answer 500.
const (
	platformCodeKey = "platformCode"
	conflictDomain  = "errwire" // of a conflict that has no service code
)

// withPlatformCode marks details as those of a conflict.
func (d *details) withPlatformCode() *details {
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
func (d *details) withoutPlatformCode() (*details, bool) {
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

// scanServiceCode reads reason and domain of an encoded ErrorInfo; decoding the
// metadata map costs more than all of this. What proto.Unmarshal refuses is zero
// here too, so that the service code and the metadata of an error agree: a fuzz
// test holds the two together.
func scanServiceCode(b []byte) (code ServiceCode) {
	const reason, domain, metadata = 1, 2, 3
	ok := eachField(b, func(field protowire.Number, value []byte) bool {
		switch field {
		case reason:
			code.Reason = string(value)
		case domain:
			code.Domain = string(value)
		case metadata:
			return eachField(value, validEntry)
		default:
			return true
		}
		return utf8.Valid(value)
	})
	if !ok {
		return ServiceCode{}
	}
	return code
}

// validEntry checks one field of an entry of a map of strings.
func validEntry(field protowire.Number, value []byte) bool {
	const key, val = 1, 2
	return field != key && field != val || utf8.Valid(value)
}

// eachField shows visit every length-delimited field of an encoded message, and
// reports whether b is one and visit never answered false.
func eachField(b []byte, visit func(field protowire.Number, value []byte) bool) bool {
	for len(b) > 0 {
		field, wireType, n := protowire.ConsumeTag(b)
		if n < 0 {
			return false
		}
		b = b[n:]
		if wireType != protowire.BytesType {
			if n = protowire.ConsumeFieldValue(field, wireType, b); n < 0 {
				return false
			}
			b = b[n:]
			continue
		}
		value, n := protowire.ConsumeBytes(b)
		if n < 0 || !visit(field, value) {
			return false
		}
		b = b[n:]
	}
	return true
}
