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
	if code := e.service.Load(); code != nil {
		return *code
	}
	code := e.load().serviceCode()
	e.service.Store(&code)
	return code
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
func (d details) withInfo(info *errdetails.ErrorInfo) details {
	if info.GetDomain() == "" && info.GetReason() == "" && len(info.GetMetadata()) == 0 {
		return d.without(errorInfoName)
	}
	return d.with(errorInfoName, encodeErrorInfo(info))
}

func (d details) serviceCode() ServiceCode {
	return scanServiceCode(d.find(errorInfoName).GetValue())
}

// scanServiceCode reads reason and domain of an encoded ErrorInfo and passes over
// the metadata, which cost more to decode than all of this. It agrees with
// proto.Unmarshal on whatever that accepts, which a fuzz test checks; metadata
// that cannot be read do not take the service code down with them.
func scanServiceCode(b []byte) ServiceCode {
	var reason, domain []byte
	for len(b) > 0 {
		field, wireType, n := protowire.ConsumeTag(b)
		if n < 0 {
			return ServiceCode{}
		}
		b = b[n:]
		if wireType != protowire.BytesType || field != reasonField && field != domainField {
			if n = protowire.ConsumeFieldValue(field, wireType, b); n < 0 {
				return ServiceCode{}
			}
			b = b[n:]
			continue
		}
		value, n := protowire.ConsumeBytes(b)
		if n < 0 || !utf8.Valid(value) {
			return ServiceCode{}
		}
		b = b[n:]
		if field == reasonField {
			reason = value
		} else {
			domain = value
		}
	}
	return ServiceCode{Domain: string(domain), Reason: string(reason)}
}
