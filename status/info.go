package status

import (
	"unicode/utf8"

	"google.golang.org/protobuf/encoding/protowire"
)

// ServiceCode returns the service code: domain and reason of the first
// ErrorInfo. It is zero when there is none.
func (e *Error) ServiceCode() ServiceCode {
	if e == nil {
		return ServiceCode{}
	}
	if i := e.info(); i != nil {
		return i.ServiceCode
	}
	if code := e.service.Load(); code != nil {
		return *code
	}
	code := e.list().serviceCode()
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
	var metadata map[string]string
	if i := e.info(); i != nil {
		metadata = i.decodeRest().GetMetadata()
	} else {
		metadata = e.list().errorInfo().GetMetadata()
	}
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
	// This is small enough to be inlined, as New is: the compiler then keeps the
	// errors of New(…).WithServiceCode(…).WithMetadata(…) but the last on the stack.
	c := new(Error)
	c.setServiceCode(e, code)
	return c
}

func (e *Error) setServiceCode(original *Error, code ServiceCode) {
	e.copyPlain(original)
	e.made = new(made)
	e.made.take(original)
	e.made.change(func(i *info) { i.Domain, i.Reason = valid(code.Domain), valid(code.Reason) })
}

// WithMetadata returns a copy with these keys added to its metadata, or changed.
// The key "platformCode" is taken: it is how a [Conflict] crosses gRPC.
func (e *Error) WithMetadata(metadata map[string]string) *Error {
	if e == nil {
		return nil
	}
	w := e.remake()
	w.made.change(func(i *info) { i.add(metadata) })
	return &w.err
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
