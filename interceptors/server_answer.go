package interceptors

import (
	"context"

	middleware "github.com/grpc-ecosystem/go-grpc-middleware/v2/interceptors"
	"github.com/grpc-ecosystem/go-grpc-middleware/v2/interceptors/recovery"
	"google.golang.org/genproto/googleapis/rpc/errdetails"

	"github.com/errwire/errwire/status"
)

// A failedCall is one call on its way out: what the handler returned, and what
// is known of the call.
type failedCall struct {
	ctx       context.Context
	method    string // "/library.v1.Shelves/Get"
	requestID string
	cause     error
}

// answer makes of what a handler returned the status that leaves. Functions of
// the service's that are called on the way may panic; the status leaves all the
// same.
func (s *server) answer(ctx context.Context, method string, cause error) *status.Error {
	call := failedCall{ctx: ctx, method: method, cause: cause}
	call.requestID = s.findRequestID(&call)

	public := s.publish(&call)
	e := s.identify(&call, public)
	if _, has := status.Detail[*errdetails.RequestInfo](e); !has && call.requestID != "" {
		e = e.WithDetails(&errdetails.RequestInfo{RequestId: call.requestID})
	}
	e = s.localize(&call, e)
	s.guard(&call, "strict", func() { s.strict.check(&call, e) })
	e, lost := fit(e, s.maxStatusSize)
	mirrorDelay(ctx, e)

	s.guard(&call, "log", func() { s.logAnswer(&call, e, lost) })
	for _, hook := range s.hooks {
		s.guard(&call, "error hook", func() { hook(ctx, e, cause) })
	}
	return e
}

// publish is what of the error may leave, by the rule of [status.Public]. What a
// panic was about is never for a mapper to tell.
func (s *server) publish(call *failedCall) *status.Error {
	if panicked(call.cause) {
		return status.New(status.Internal, "")
	}
	if !s.debugInfo {
		return status.Public(call.cause, s.mappers...)
	}
	return publicWithDebugInfo(call.cause, s.mappers)
}

func panicked(cause error) bool {
	_, ok := cause.(*recovery.PanicError) //nolint:errorlint // as recovery returns it; anybody else's may wrap a status
	return ok
}

// publicWithDebugInfo puts back the DebugInfo that [status.Public] takes away,
// unless it has replaced the whole error by a fixed message.
func publicWithDebugInfo(cause error, mappers []func(error) *status.Error) *status.Error {
	source := cause
	remembering := make([]func(error) *status.Error, len(mappers))
	for i, mapper := range mappers {
		remembering[i] = func(err error) *status.Error {
			mapped := mapper(err)
			if mapped != nil {
				source = mapped
			}
			return mapped
		}
	}
	public := status.Public(cause, remembering...)
	switch status.FromError(source).Origin() {
	case status.OriginLocal, status.OriginIntermediary:
		return public
	case status.OriginUnspecified, status.OriginService:
	}
	if debug, ok := status.Detail[*errdetails.DebugInfo](source); ok {
		return public.WithDetails(debug)
	}
	return public
}

// identify completes the service code of e where the server has a domain. What
// a backend's service said of itself stays as it is.
func (s *server) identify(call *failedCall, e *status.Error) *status.Error {
	code := e.ServiceCode()
	complete := code.Domain != "" && code.Reason != ""
	relayed := e.Origin() == status.OriginService && code != (status.ServiceCode{})
	if complete || relayed {
		return e
	}
	domain := s.domainOf(call)
	if domain == "" {
		return e
	}
	if code.Domain == "" {
		code.Domain = domain
	}
	if code.Reason == "" {
		code.Reason = e.Code().String()
	}
	return e.WithServiceCode(code)
}

func (s *server) domainOf(call *failedCall) (domain string) {
	if s.serviceDomain != nil {
		service := middleware.NewServerCallMeta(call.method, nil, nil).Service
		s.guard(call, "service domain", func() { domain = s.serviceDomain(service) })
		if domain != "" && checkDomain(domain) != nil {
			domain = ""
		}
	}
	if domain == "" {
		domain = s.domain
	}
	return domain
}

// guard calls a function of the service's. One that panics costs its own
// answer, not the caller's status.
func (s *server) guard(call *failedCall, what string, f func()) {
	defer func() {
		if p := recover(); p != nil {
			s.logCallbackPanic(call, what, p)
		}
	}()
	f()
}
