package status

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
)

// localCode says what one link of a chain means when it is a failure that this
// side noticed by itself: the end of a context, a timeout, or a connection that
// could not be made or broke. It is OK for everything else.
//
// Firebase's Admin SDKs draw the same lines: a timeout is DEADLINE_EXCEEDED, a
// connection that fails is UNAVAILABLE.
func localCode(err error) Code {
	switch {
	case cancelled(err):
		return Cancelled
	case timedOut(err):
		return DeadlineExceeded
	case disconnected(err), untrusted(err):
		return Unavailable
	default:
		return errnoCode(err)
	}
}

// contextCode is the code for the very errors of package context; OK for all
// else.
func contextCode(err error) Code {
	switch err {
	case context.Canceled: //nolint:errorlint // one link at a time
		return Cancelled
	case context.DeadlineExceeded:
		return DeadlineExceeded
	default:
		return OK
	}
}

// cancelled covers context.Canceled and the errors of package net that say of
// themselves that they are one.
func cancelled(err error) bool {
	if contextCode(err) == Cancelled {
		return true
	}
	e, ok := err.(interface{ Is(target error) bool })
	return ok && guard(func() bool { return e.Is(context.Canceled) })
}

// timedOut covers context.DeadlineExceeded, os.ErrDeadlineExceeded and every
// net.Error.
func timedOut(err error) bool {
	e, ok := err.(interface{ Timeout() bool })
	return ok && guard(e.Timeout)
}

// disconnected recognises connections that could not be made or were cut, and
// names without an address. What the system says of a connection is a link of
// its own, see errnoCode.
func disconnected(err error) bool {
	switch e := err.(type) { //nolint:errorlint // one link at a time
	case *net.DNSError: // a lookup that was cancelled says so in its next link
		return e != nil && !cancelled(e.UnwrapErr)
	case *net.OpError:
		return e != nil && (e.Err == io.EOF || neverConnected(e)) //nolint:errorlint // wrapped ones are links of their own
	case *url.Error: // the server hung up without an answer
		return e != nil && e.Err == io.EOF //nolint:errorlint // as above
	default:
		return err == io.ErrUnexpectedEOF || isStreamReset(err) //nolint:errorlint // as above
	}
}

// neverConnected reports whether the system refused to connect, for whatever
// reason: a Unix socket that is not there has a number that elsewhere means a
// missing file. An address that makes no sense is a programming error instead.
func neverConnected(e *net.OpError) bool {
	if e.Op != "dial" {
		return false
	}
	system, ok := e.Err.(*os.SyscallError) //nolint:errorlint // as net makes it
	return ok && system != nil && errnoCode(system.Err) != DeadlineExceeded
}

// A streamReset has the fields of the error that net/http has for an HTTP/2
// stream that the peer reset. Its type is not exported; it copies itself into
// any struct with these fields that errors.As asks for, such as the StreamError
// of golang.org/x/net/http2.
type streamReset struct {
	StreamID uint32
	Code     uint32
	Cause    error
}

// isStreamReset recognises what on HTTP/1 would be a connection that was cut.
func isStreamReset(err error) bool {
	e, ok := err.(interface{ As(target any) bool })
	return ok && guard(func() bool { return e.As(&streamReset{}) })
}

// untrusted recognises the failures of TLS and of its certificates.
func untrusted(err error) bool {
	switch e := err.(type) { //nolint:errorlint // one link at a time
	case *tls.CertificateVerificationError:
		return e != nil
	case *net.OpError: // how crypto/tls wraps an alert, whose type is not exported
		return e != nil && (e.Op == "remote error" || e.Op == "local error")
	case tls.RecordHeaderError, tls.AlertError,
		x509.UnknownAuthorityError, x509.CertificateInvalidError, x509.HostnameError, x509.SystemRootsError:
		return true
	default:
		return err == http.ErrSchemeMismatch //nolint:errorlint // one link at a time
	}
}

// IsTLSFailure reports whether err is, or wraps, a failure of TLS or of a
// certificate. It is UNAVAILABLE, and no repeat will mend it.
func IsTLSFailure(err error) bool {
	found, _ := eachLink(err, untrusted)
	return found
}
