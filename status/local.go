package status

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"net/url"
	"syscall"
)

// localCode says what one link of a chain means when it is a failure that this
// side noticed by itself: the end of a context, a timeout, or a connection that
// could not be made or broke. It is OK for everything else.
//
// Firebase's Admin SDKs draw the same lines: a timeout is DEADLINE_EXCEEDED, a
// connection that fails is UNAVAILABLE.
func localCode(err error) Code {
	switch {
	case contextCode(err) == Cancelled || isA(err, context.Canceled):
		return Cancelled
	case timedOut(err):
		return DeadlineExceeded
	case disconnected(err), untrusted(err):
		return Unavailable
	default:
		return OK
	}
}

// contextCode is the code for the very errors of package context; OK for all
// else.
func contextCode(err error) Code {
	switch err {
	case context.Canceled: //nolint:errorlint // one link at a time
		return Cancelled
	case context.DeadlineExceeded: //nolint:errorlint // as above
		return DeadlineExceeded
	default:
		return OK
	}
}

// isA asks the Is method of one link.
func isA(err, target error) bool {
	e, ok := err.(interface{ Is(target error) bool })
	return ok && guard(func() bool { return e.Is(target) })
}

// timedOut covers context.DeadlineExceeded, os.ErrDeadlineExceeded and every
// net.Error.
func timedOut(err error) bool {
	e, ok := err.(interface{ Timeout() bool })
	return ok && guard(e.Timeout)
}

// disconnected recognises connections that were refused, reset or cut, hosts
// without a route and names without an address.
func disconnected(err error) bool {
	switch e := err.(type) {
	case syscall.Errno:
		return brokenConnection[e]
	case *net.DNSError:
		return e != nil
	case *net.OpError:
		return e != nil && e.Err == io.EOF //nolint:errorlint // wrapped ones are links of their own
	case *url.Error:
		return e != nil && e.Err == io.EOF //nolint:errorlint // as above
	default:
		return err == io.ErrUnexpectedEOF //nolint:errorlint // as above
	}
}

// untrusted recognises the failures of TLS and of its certificates.
func untrusted(err error) bool {
	switch err.(type) {
	case *tls.CertificateVerificationError, tls.RecordHeaderError, tls.AlertError,
		x509.UnknownAuthorityError, x509.CertificateInvalidError, x509.HostnameError, x509.SystemRootsError:
		return true
	default:
		return false
	}
}

// IsTLSFailure reports whether err is, or wraps, a failure of TLS or of a
// certificate. It is UNAVAILABLE, and no repeat will mend it.
func IsTLSFailure(err error) bool {
	left := maxVisited
	return eachLink(err, &left, untrusted)
}
