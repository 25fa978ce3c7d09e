package httpbridge

import (
	"io"
	"net/http"
	"sync/atomic"
)

// canReplay reports whether the request can be sent again.
func canReplay(req *http.Request) bool {
	return req.Body == nil || req.Body == http.NoBody || req.GetBody != nil
}

// replay returns the body for another attempt. ok is false when the request's own
// GetBody fails.
func replay(req *http.Request) (body io.ReadCloser, ok bool) {
	if req.GetBody == nil {
		return req.Body, true // there is none
	}
	body, err := req.GetBody()
	return body, err == nil && body != nil
}

// closeRequest closes the body of a request that is not sent, as a RoundTripper
// must.
func closeRequest(req *http.Request) {
	if req != nil && req.Body != nil {
		_ = req.Body.Close() // there is nobody to tell
	}
}

// A sentBody is a request's body that remembers whether it failed: what net/http
// then returns is the body's own error, and not the network's.
type sentBody struct {
	io.ReadCloser
	failed atomic.Bool // the transport may read on after it has answered
}

func (b *sentBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err != nil && err != io.EOF {
		b.failed.Store(true)
	}
	return n, err
}

// watchBody wraps the body of an attempt. No body stays none: net/http looks for it.
func watchBody(body io.ReadCloser) (io.ReadCloser, *sentBody) {
	if body == nil || body == http.NoBody {
		return body, nil
	}
	b := &sentBody{ReadCloser: body}
	return b, b
}

// broke reports whether the body failed while it was read.
func (b *sentBody) broke() bool { return b != nil && b.failed.Load() }
