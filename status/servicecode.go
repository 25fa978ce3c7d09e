package status

import grpcstatus "google.golang.org/grpc/status"

// A ServiceCode names one error of one service: the reason, such as
// "USER_NOT_FOUND", is unique in its domain, such as
// "identitytoolkit.googleapis.com" (AIP-193). It is the identity of an error on
// every wire; the same reason in another domain is another error.
//
// A ServiceCode is an error sentinel: errors.Is(err, auth.UserNotFound), and a
// handler may simply return auth.UserNotFound. Its platform code and message
// are those of the catalog that declares it (see [Register]); of one that is
// not declared, UNKNOWN.
type ServiceCode struct {
	Domain string
	Reason string
}

// Error returns "domain/reason".
func (s ServiceCode) Error() string { return s.Domain + "/" + s.Reason }

// Is lets errors.Is(auth.UserNotFound, status.NotFound) answer by the catalog.
func (s ServiceCode) Is(target error) bool {
	code, ok := target.(Code)
	return ok && s != (ServiceCode{}) && s.code() == code
}

// GRPCStatus makes grpc-go send s for a handler that returns it, with the
// platform code and the message of the catalog.
func (s ServiceCode) GRPCStatus() *grpcstatus.Status { return s.newError().GRPCStatus() }

// code is the platform code that the catalog gives s.
func (s ServiceCode) code() Code {
	if def, ok := Lookup(s); ok {
		return def.Code.failure()
	}
	return Unknown
}

// newError is the error that a bare s stands for.
func (s ServiceCode) newError() *Error {
	def, _ := Lookup(s)
	return New(def.Code, def.Message).WithServiceCode(s)
}

// ServiceCodeOf returns the service code of err, as
// FromError(err).ServiceCode() does; zero for nil and for an error without one.
// Generated predicates, such as auth.IsUserNotFound, are made of it.
func ServiceCodeOf(err error) ServiceCode {
	if err == nil {
		return ServiceCode{}
	}
	var f finding
	f.find(err)
	switch {
	case f.err != nil:
		return f.err.ServiceCode()
	case f.grpc != nil:
		_, d, _ := readGRPC(f.grpc)
		return d.serviceCode()
	default:
		return f.service
	}
}
