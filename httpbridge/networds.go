package httpbridge

import (
	"errors"
	"io"
	"net"
	"strings"

	"github.com/errwire/errwire/status"
)

// What net/http says only in words, for its errors are not exported. A test
// holds them to the version in use.
var netWords = []struct {
	text string
	code status.Code
}{
	{"http: server closed idle connection", status.Unavailable},
	// An answer that was cut in its header is "malformed". One that never was HTTP
	// is so too, and is no failure of the connection.
	{`connection broken: malformed HTTP response "H"`, status.Unavailable},
	{`connection broken: malformed HTTP response "HT"`, status.Unavailable},
	{`connection broken: malformed HTTP response "HTT"`, status.Unavailable},
	{`connection broken: malformed HTTP response "HTTP`, status.Unavailable},
	{`connection broken: malformed HTTP status code "`, status.Unavailable},
	{"connection broken: malformed MIME header", status.Unavailable},
	{"http2: client connection lost", status.Unavailable},
	{"http2: client conn is closed", status.Unavailable},
	{"http2: client conn not usable", status.Unavailable},
	{"http2: client conn could not be established", status.Unavailable},
	{"http2: server sent GOAWAY", status.Unavailable},
	{"http2: Transport received GOAWAY from server ErrCode:", status.Unavailable},
	{"http2: Transport received Server's graceful shutdown GOAWAY", status.Unavailable},
	{"net/http: request canceled", status.Cancelled}, // by http.Request.Cancel, as http.Client's timeout does
}

// recognise is [status.Recognize] for the error of a RoundTripper.
func recognise(raw error) (*status.Error, bool) {
	e, ok := status.Recognize(raw)
	if ok {
		return e, true
	}
	// From a RoundTripper, io.EOF is a peer that hung up without an answer, and so is
	// net.ErrClosed: net/http closed the connection because the peer had, and was
	// still writing the body.
	code := status.Unavailable
	if !errors.Is(raw, io.EOF) && !errors.Is(raw, net.ErrClosed) {
		if code = codeOfWords(e.Message()); code == status.OK {
			return e, false
		}
	}
	return status.New(code, e.Message()).WithOrigin(status.OriginLocal).WithCause(raw), true
}

func codeOfWords(text string) status.Code {
	for _, words := range netWords {
		if strings.Contains(text, words.text) {
			return words.code
		}
	}
	return status.OK
}
