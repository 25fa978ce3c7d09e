package httpbridge

import (
	"fmt"

	"github.com/errwire/errwire/status"
)

// A Format is a form of error body that [Encode] writes. Its Read method is the
// [Dialect] that reads it.
type Format int8

const (
	// AIP193 is Google's JSON: {"error": {"code": 404, "message": …, "status":
	// "NOT_FOUND", "details": […]}}. It loses nothing, and is the default.
	AIP193 Format = iota
	// Problem is Problem Details, RFC 9457, with the members code, reason, domain,
	// metadata and details beside those of the RFC. It loses nothing.
	Problem
	// Gateway is grpc-gateway's: google.rpc.Status as JSON. It loses nothing.
	Gateway
	// Connect is that of Connect's unary calls. It loses nothing.
	Connect
	// Twirp has a code, a message and metadata. The service code travels in the
	// metadata; details are lost, and of the delay what Retry-After cannot say.
	Twirp
	// OAuth is RFC 6749's, for token endpoints: one of its errors, and a
	// description in ASCII. All else is lost, and of the delay what Retry-After
	// cannot say.
	OAuth
	// Firebase is what Firebase's Admin SDKs understand: AIP193 with the server
	// code at the start of the message for service codes of Identity Toolkit, and
	// an FcmError detail for those of Cloud Messaging. It loses nothing; an error
	// of Cloud Messaging that had no such detail reads back with it.
	Firebase
)

// formats is what is known of each format, indexed by it.
var formats = [...]struct {
	name  string
	media string
	write func(*output, *status.Error) // sets httpStatus, and challenge if it knows better than bearerField
	read  reader
}{
	AIP193:   {"AIP193", "application/json; charset=UTF-8", writeAIP193, readGoogle},
	Problem:  {"Problem", "application/problem+json", writeProblem, readProblem},
	Gateway:  {"Gateway", "application/json", writeGateway, readGateway},
	Connect:  {"Connect", "application/json", writeConnect, readConnectOnly},
	Twirp:    {"Twirp", "application/json", writeTwirp, readTwirp},
	OAuth:    {"OAuth", "application/json;charset=UTF-8", writeOAuth, readOAuth},
	Firebase: {"Firebase", "application/json; charset=UTF-8", writeFirebase, readGoogle},
}

// known is f, or AIP193 for a number that no format has.
func (f Format) known() Format {
	if f < 0 || int(f) >= len(formats) {
		return AIP193
	}
	return f
}

// String returns the name of the constant, and "Format(99)" for a number that no
// format has.
func (f Format) String() string {
	if f != f.known() {
		return fmt.Sprintf("Format(%d)", int8(f))
	}
	return formats[f].name
}

// Read is the [Dialect] of f.
func (f Format) Read(a *Answer) *status.Error { return a.as(formats[f.known()].read) }

// readGoogle reads all of Google's dialects.
func readGoogle(a *Answer, d *draft) bool {
	return readAIP193(a, d) || readGoogleLegacy(a, d)
}

// readConnectOnly takes whatever a Connect server sends, where that is known to
// be one: an answer without a code has Connect's own meaning of the HTTP status.
func readConnectOnly(a *Answer, d *draft) bool {
	root := a.root()
	if !root.get("code").isString() && !root.get("message").isString() {
		return false
	}
	d.connectError(a, root)
	return true
}
