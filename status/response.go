package status

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
)

// maxBody is the most bytes of a response body that an error keeps.
const maxBody = 1 << 20

// A response is what an error keeps of the HTTP response it came from: a copy
// without secrets, that fresh responses are made of.
type response struct {
	http *http.Response // its Body is not used
	body []byte
}

// HTTPResponse returns the HTTP response that err came from, or nil. Each call
// returns a new copy with a body of its own, so it can be read again and again.
// The copy holds no credentials: neither the request's body nor its URL's user
// nor Authorization, Cookie, Set-Cookie, token and API-key headers nor such
// query parameters. The response's body is kept up to 1 MiB.
func HTTPResponse(err error) *http.Response { return FromError(err).HTTPResponse() }

// HTTPResponse returns the HTTP response the error came from, or nil; see the
// function [HTTPResponse].
func (e *Error) HTTPResponse() *http.Response {
	if e == nil || e.rarely().response == nil {
		return nil
	}
	kept := e.rare.response
	fresh := withoutSecrets(kept.http)
	fresh.Body = io.NopCloser(bytes.NewReader(kept.body))
	fresh.ContentLength = int64(len(kept.body))
	return fresh
}

// WithHTTPResponse returns a copy that keeps a copy of resp. Up to 1 MiB of the
// body is read for it, and resp.Body stays readable from its start. A nil resp
// takes the response away.
func (e *Error) WithHTTPResponse(resp *http.Response) *Error {
	if e == nil {
		return nil
	}
	r := e.rarely()
	r.response = nil
	if resp != nil {
		r.response = &response{http: withoutSecrets(resp), body: peekBody(resp)}
	}
	c := e.copy()
	c.rare = &r
	return c
}

// peekBody reads the start of the body and puts it back.
func peekBody(resp *http.Response) []byte {
	if resp.Body == nil {
		return nil
	}
	body, err := readBody(resp.Body)
	rest := io.Reader(resp.Body)
	if err != nil {
		rest = failedReader{err}
	}
	resp.Body = struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(body), rest), resp.Body}
	return body
}

// readBody reads up to maxBody bytes. A body that panics has failed.
func readBody(r io.Reader) (body []byte, err error) {
	var kept bytes.Buffer
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("read response body: panic: %s", textOfPanic(p))
		}
		body = kept.Bytes()
	}()
	_, err = kept.ReadFrom(io.LimitReader(r, maxBody))
	return body, err
}

// A failedReader repeats the error that ended a body.
type failedReader struct{ err error }

func (r failedReader) Read([]byte) (int, error) { return 0, r.err }

// withoutSecrets copies a response and its request, leaving out the bodies and
// what must not reach a log.
func withoutSecrets(resp *http.Response) *http.Response {
	return &http.Response{
		Status:           resp.Status,
		StatusCode:       resp.StatusCode,
		Proto:            resp.Proto,
		ProtoMajor:       resp.ProtoMajor,
		ProtoMinor:       resp.ProtoMinor,
		Header:           publicHeader(resp.Header),
		TransferEncoding: append([]string(nil), resp.TransferEncoding...),
		Uncompressed:     resp.Uncompressed,
		Trailer:          publicHeader(resp.Trailer),
		Request:          publicRequest(resp.Request),
		TLS:              copyOf(resp.TLS),
	}
}

func copyOf[T any](p *T) *T {
	if p == nil {
		return nil
	}
	c := *p
	return &c
}

func publicRequest(req *http.Request) *http.Request {
	if req == nil {
		return nil
	}
	return &http.Request{
		Method:     req.Method,
		URL:        publicURL(req.URL),
		Proto:      req.Proto,
		ProtoMajor: req.ProtoMajor,
		ProtoMinor: req.ProtoMinor,
		Header:     publicHeader(req.Header),
		Host:       req.Host,
	}
}
