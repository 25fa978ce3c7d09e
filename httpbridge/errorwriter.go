package httpbridge

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"

	"github.com/errwire/errwire/status"
)

// An ErrorWriter writes the errors of HTTP handlers. It is what [Write],
// [Handler] and [Recover] use, for a server that wants it otherwise. The zero
// ErrorWriter is one without options, and so is a nil one. It is safe for
// concurrent use.
type ErrorWriter struct {
	formats []Format // none is defaultFormats
	mappers []func(error) *status.Error
	domain  string
	logger  *slog.Logger // nil: the default one of the moment
	err     error        // a bad option: every request is refused
}

var (
	defaultFormats = []Format{AIP193, Problem}
	defaultWriter  = &ErrorWriter{}
)

// NewErrorWriter returns an ErrorWriter. A bad option is a programming error: the
// log says so at once, every request is answered with INTERNAL, and no handler is
// called.
func NewErrorWriter(opts ...ServerOption) *ErrorWriter {
	ew := &ErrorWriter{}
	var bad error
	for _, opt := range opts {
		if opt == nil {
			bad = errors.Join(bad, errors.New("httpbridge: nil ServerOption"))
		} else if err := opt(ew); err != nil {
			bad = errors.Join(bad, fmt.Errorf("httpbridge: %w", err))
		}
	}
	if bad != nil {
		ew.err = bad
		ew.log().Error("bad server option: every request will be refused", "error", bad.Error())
	}
	return ew
}

// Err returns what is wrong with the options, or nil.
func (ew *ErrorWriter) Err() error {
	if ew == nil {
		return nil
	}
	return ew.err
}

// Write answers a request with an error. What leaves is what [status.Public] lets
// leave; what does not is logged. The format is chosen by the request's Accept
// header, AIP-193 where it does not say; see [WithFormats]. To a HEAD request the
// answer has no body.
//
// A nil err writes nothing. Nor is anything written when the response has
// started, as far as that can be known: within [Handler] and [Recover] it can, by
// the ResponseWriter that they give to the handler.
//
// What the handler has set in the header for a success goes, such as
// Content-Length and ETag. A WWW-Authenticate of its own stays as it is.
func Write(w http.ResponseWriter, r *http.Request, err error) { defaultWriter.Write(w, r, err) }

// Write is [Write] with the options of ew.
func (ew *ErrorWriter) Write(w http.ResponseWriter, r *http.Request, err error) {
	if ew == nil {
		ew = defaultWriter
	}
	if w == nil || err == nil {
		return
	}
	if known := watcherOf(w); known != nil && known.started {
		ew.logLate(r, err)
		return
	}
	ew.send(w, r, ew.Publish(r, err))
}

// Publish returns what of err [ErrorWriter.Write] would write, and logs what it
// would log; it is for frameworks that write by themselves. It is nil for nil. r
// may be nil.
func (ew *ErrorWriter) Publish(r *http.Request, err error) *status.Error {
	if ew == nil {
		ew = defaultWriter
	}
	if err == nil {
		return nil
	}
	e := ew.publish(err)
	ew.logAnswer(r, e, err)
	return e
}

// publish is what of err may leave. What a panic was about is for no mapper to
// tell.
func (ew *ErrorWriter) publish(err error) *status.Error {
	if ew.err != nil || isPanic(err) {
		return ew.identify(status.New(status.Internal, ""))
	}
	return ew.identify(status.Public(err, ew.mappers...))
}

// identify completes the service code of e where the server has a domain. What a
// backend's service said of itself stays as it is.
func (ew *ErrorWriter) identify(e *status.Error) *status.Error {
	if ew.domain == "" {
		return e
	}
	code := e.ServiceCode()
	relayed := e.Origin() == status.OriginService && code != (status.ServiceCode{})
	if relayed || code.Domain != "" && code.Reason != "" {
		return e
	}
	if code.Domain == "" {
		code.Domain = ew.domain
	}
	if code.Reason == "" {
		code.Reason = e.Code().String()
	}
	return e.WithServiceCode(code)
}

// ofSuccess are the header fields that speak of the body that is not sent.
// Content-Encoding is not one of them: that of a middleware which compresses
// would be lost, as net/http found out with http.Error.
var ofSuccess = [...]string{
	"Accept-Ranges", "Content-Disposition", "Content-Language", "Content-Length", "Content-Range",
	"Etag", "Expires", "Last-Modified",
}

func (ew *ErrorWriter) send(w http.ResponseWriter, r *http.Request, e *status.Error) {
	offers := ew.formats
	if len(offers) == 0 {
		offers = defaultFormats
	}
	var accept []string
	if r != nil {
		accept = r.Header["Accept"]
	}
	o := encode(e, negotiate(accept, offers))
	defer o.release()
	header := w.Header()
	for _, name := range ofSuccess {
		delete(header, name)
	}
	o.setFields(header)
	w.WriteHeader(o.httpStatus)
	if r == nil || r.Method != http.MethodHead {
		_, _ = w.Write(o.text) // who hung up is told nothing
	}
}
