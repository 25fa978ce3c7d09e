package httpbridge

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/errwire/errwire/status"
)

// A Client sends requests, retries those that failed where that may help, and
// returns failures as *[status.Error]. It is safe for concurrent use.
type Client struct {
	http      *http.Client
	transport *transport
}

// NewClient returns a client that sends requests as base does, with its cookies,
// redirects and timeout; base may be nil, which is [http.DefaultClient], and is
// not changed. The timeout is that of all attempts together.
//
// A bad option is a programming error: every call returns it.
func NewClient(base *http.Client, opts ...Option) *Client {
	if base == nil {
		base = http.DefaultClient
	}
	t := newTransport("NewClient", base.Transport, opts)
	return &Client{
		http: &http.Client{
			Transport: t, CheckRedirect: base.CheckRedirect, Jar: base.Jar, Timeout: base.Timeout,
		},
		transport: t,
	}
}

var errNoClient = errors.New("httpbridge: Client not made by NewClient")

// Do sends a request. Of an answer that is an error, in the sense of
// [CheckResponse], and of a request without an answer it returns the
// *[status.Error], after the retries that there may be, which
// [status.Error.Attempts] counts; [status.HTTPResponse] has the answer. The
// response is then nil, and nothing is left to close.
//
// A success is the caller's to read and to close. Its body is not looked at; see
// [Client.DoJSON].
//
// When the context of the request has ended, errors.Is finds its error, also where
// the *status.Error tells what went wrong before. Programming errors, such as a
// nil request or a URL of no known scheme, are plain Go errors.
func (c *Client) Do(req *http.Request) (*http.Response, error) {
	resp, _, err := c.do(req)
	return resp, err
}

// do is Do that also tells how many attempts were made.
func (c *Client) do(req *http.Request) (*http.Response, int, error) {
	if c == nil || c.http == nil {
		closeRequest(req)
		return nil, 0, errNoClient
	}
	if err := c.transport.refuse(req); err != nil {
		closeRequest(req)
		return nil, 0, err
	}
	ctx := req.Context()
	var kept record
	resp, err := c.http.Do(req.WithContext(kept.into(ctx)))
	if err != nil {
		return nil, 0, kept.translate(ctx, err, resp)
	}
	if e := kept.failureOf(resp, c.transport.dialects); e != nil {
		closeResponse(resp)
		return nil, 0, e
	}
	return resp, kept.attempts, nil
}

// failureOf is the error that a response is, or nil.
func (r *record) failureOf(resp *http.Response, dialects []Dialect) *status.Error {
	if r.resp == resp && r.err != nil {
		return r.err
	}
	e := status.FromError(checkResponse(resp, dialects))
	return e.WithAttempts(max(r.attempts, 1), "")
}

// translate makes of an error of http.Client what the caller gets. resp is the
// answer, its body closed, after which http.Client failed: a redirect too many.
func (r *record) translate(ctx context.Context, err error, resp *http.Response) error {
	public := withoutSecrets(err)
	if ours, ok := errors.AsType[*roundTripError](err); ok {
		return ours.err.WithCause(public)
	}
	e, recognised := status.Recognize(public)
	if !recognised && !r.left {
		return err
	}
	if resp != nil {
		e = e.WithHTTPResponse(resp)
	}
	return e.WithAttempts(max(r.attempts, 1), "").WithContextError(ctx)
}

// withoutSecrets is an error of http.Client without what its URL may hold: a
// user, and API keys in the query.
func withoutSecrets(err error) error {
	failed, ok := err.(*url.Error) //nolint:errorlint // as http.Client returns it
	if !ok {
		return err
	}
	public := *failed
	u, parseErr := url.Parse(failed.URL)
	if parseErr != nil {
		public.URL, _, _ = strings.Cut(failed.URL, "?")
		return &public
	}
	public.URL = (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path, RawPath: u.RawPath}).String()
	return &public
}
