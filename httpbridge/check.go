package httpbridge

import (
	"bytes"
	"errors"
	"io"
	"net/http"

	"github.com/errwire/errwire/status"
)

var errNilResponse = errors.New("httpbridge: CheckResponse: nil response")

// CheckResponse returns the error that resp is, as a *[status.Error] that keeps
// the response (see [status.HTTPResponse]), or nil if it is a success.
//
// A success is an answer of status 2xx or 3xx, or 101, unless gRPC's or Connect's own
// status says otherwise: a grpc-status that is not 0 in the header, or in the
// trailer where that is here already, or a stream of Connect or gRPC-Web that
// begins with its end. A stream that begins with a message is a success so far;
// how it ends is not waited for, except where the response's length is known and
// what is left is sure to come. The body of any other success is not touched.
//
// The body of a failure is read, up to 1 MiB, and put back: resp.Body can be read
// from its start, and is the caller's to close. A body that breaks off is an
// error all the same, with what had arrived; the cause is reachable.
//
// A nil resp is a programming error, and a plain Go error is returned for it.
func CheckResponse(resp *http.Response) error { return checkResponse(resp, nil) }

// CheckResponseAs is [CheckResponse] in the dialects that are given, as in
// [ParseAs]. Whether resp is a success does not depend on them.
func CheckResponseAs(resp *http.Response, dialects ...Dialect) error {
	return checkResponse(resp, dialects)
}

func checkResponse(resp *http.Response, dialects []Dialect) error {
	if resp == nil {
		return errNilResponse
	}
	a := &Answer{HTTPStatus: resp.StatusCode, Header: resp.Header, Trailer: resp.Trailer}
	if resp.Request != nil {
		a.Method = resp.Request.Method
	}
	if isSuccess(resp.StatusCode) {
		if e := failureOf(a, resp); e != nil {
			return e.WithHTTPResponse(resp)
		}
		return nil
	}
	var err error
	a.Body, err = peek(resp, maxBody)
	e := parse(a, dialects).WithHTTPResponse(resp)
	if err != nil {
		e = e.WithCause(err)
	}
	return e
}

// isSuccess is true for 2xx and 3xx, and for 101, whose body is the connection.
func isSuccess(httpStatus int) bool {
	return httpStatus >= http.StatusOK && httpStatus < http.StatusBadRequest || httpStatus == http.StatusSwitchingProtocols
}

// failureOf returns the error in an answer whose HTTP status is that of a
// success, or nil.
func failureOf(a *Answer, resp *http.Response) *status.Error {
	if e := GRPC(a); e != nil {
		return e
	}
	read := a.streamReader()
	if read == nil {
		return nil
	}
	// A length below 0 is not known: the stream may go on for hours.
	if first, _ := peek(resp, 1); resp.ContentLength < 0 && !a.isEnd(first) {
		return nil
	}
	a.Body, _ = peek(resp, maxBody)
	return a.as(read)
}

// streamReader is the reader of streams whose status is in their last frame; nil
// for other media types.
func (a *Answer) streamReader() reader {
	switch media := a.mediaType(); {
	case isConnectStream(media):
		return readConnectStream
	case isGRPCWeb(media):
		return readGRPCWeb
	default:
		return nil
	}
}

// isEnd reports whether the first byte of a stream is that of its last frame.
func (a *Answer) isEnd(first []byte) bool {
	const textEnd = 'g' // the trailer's flag in base64
	switch media := a.mediaType(); {
	case len(first) == 0:
		return true
	case isConnectStream(media):
		return first[0]&connectEndOfStream != 0
	case isGRPCWebText(media):
		return first[0] == textEnd
	default:
		return first[0]&grpcWebTrailer != 0
	}
}

// peek reads the start of the body, up to limit bytes, and puts it back.
func peek(resp *http.Response, limit int64) ([]byte, error) {
	if resp.Body == nil {
		return nil, nil
	}
	start, err := io.ReadAll(io.LimitReader(resp.Body, limit))
	rest := io.Reader(resp.Body)
	if err != nil {
		rest = brokenReader{err}
	}
	resp.Body = struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(start), rest), resp.Body}
	return start, err
}

// A brokenReader repeats the error that ended a body.
type brokenReader struct{ err error }

func (r brokenReader) Read([]byte) (int, error) { return 0, r.err }
