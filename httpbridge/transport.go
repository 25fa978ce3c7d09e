package httpbridge

import (
	"errors"
	"net"
	"net/http"
	"reflect"
	"time"

	"github.com/errwire/errwire/retry"
	"github.com/errwire/errwire/status"
)

// NewTransport returns a RoundTripper that sends requests by base, and again
// where that may help. base may be nil, which is [http.DefaultTransport]. It is
// for clients of others, which read errors themselves: a [Client] also translates.
//
// What is retried, by default up to 5 attempts in all under the rules of package
// retry, is
//
//   - 503, and an answer of whatever status that says UNAVAILABLE: the service
//     did not do what was asked;
//   - a request that never left, such as when the connection is refused;
//   - 500, 502, 504, and a request that left and whose answer was lost, only where
//     a repeat is safe: the method is idempotent (GET, HEAD, OPTIONS, TRACE, PUT,
//     DELETE), there is an Idempotency-Key, or [WithIdempotent] says so;
//   - any other answer whose Stripe-Should-Retry or X-Should-Retry is true, as
//     Stripe's and OpenAI's may be; after a false nothing is retried.
//
// A code that the body names beats the status: a 500 that says DATA_LOSS is not
// retried. Nor is a failure of TLS, a request whose body cannot be had again by
// [http.Request.GetBody], and one that was refused its credentials by the token
// endpoint of OAuth, which is UNAUTHENTICATED. Retry-After and RetryInfo are
// obeyed; see package retry for them, the deadline, and the budget that all calls
// to a host and port share, by gRPC too.
//
// It returns responses as every RoundTripper does: a failure that is not retried
// any more is the response as it came, its body readable. Without a response the
// error has a *[status.Error] in its chain, and that what base returned; what is
// nobody's API error, such as a request that makes no sense, is returned as it is.
//
// Failed answers that are followed by another attempt are read, up to 1 MiB, and
// closed, so that their connection is used again; should the context end before
// that attempt, so much of the answer is what the caller gets. [retry.WithPerAttemptTimeout]
// bounds the time until the header of an answer is here, not that of its body.
//
// The request is never changed. Installed twice, the inner one stands back.
func NewTransport(base http.RoundTripper, opts ...Option) http.RoundTripper {
	return newTransport("NewTransport", base, opts)
}

func newTransport(function string, base http.RoundTripper, opts []Option) *transport {
	t := &transport{settings: newSettings(function, opts), base: base}
	if base == nil {
		t.base = http.DefaultTransport
	} else if v := reflect.ValueOf(base); v.Kind() == reflect.Pointer && v.IsNil() {
		t.err = errors.Join(t.err, errors.New("httpbridge: "+function+": the base RoundTripper is a nil pointer"))
	}
	return t
}

type transport struct {
	settings
	base http.RoundTripper
}

var (
	errNilRequest = errors.New("httpbridge: nil request")
	errNilURL     = errors.New("httpbridge: request without a URL")
)

// RoundTrip implements [http.RoundTripper].
func (t *transport) RoundTrip(req *http.Request) (*http.Response, error) {
	if err := t.refuse(req); err != nil {
		closeRequest(req)
		return nil, err
	}
	if insideAttempt(req.Context()) {
		return t.base.RoundTrip(req)
	}
	policy := t.policyFor(req)
	target := t.targetOf(req.URL)
	call := policy.Start(target, methodOf(req), retry.TargetBudget(target))
	body := req.Body
	for {
		o := t.try(req, body, policy.AttemptTimeout())
		if o.err == nil {
			call.Succeeded()
			recordOf(req.Context()).add(&o, nil, call.Attempts()+1)
			return o.resp, nil
		}
		wait, again := t.failed(req, policy, &call, &o)
		if again {
			closeResponse(o.resp)
			if again = retry.Sleep(req.Context(), wait); again {
				body, again = replay(req)
			}
		}
		if !again {
			return t.result(req, &call, &o)
		}
	}
}

// refuse returns the programming error because of which a request cannot be sent.
func (t *transport) refuse(req *http.Request) error {
	switch {
	case t.err != nil:
		return t.err
	case req == nil:
		return errNilRequest
	case req.URL == nil:
		return errNilURL
	default:
		return nil
	}
}

func methodOf(req *http.Request) string {
	if req.Method == "" {
		return http.MethodGet
	}
	return req.Method
}

// failed asks the engine what follows.
func (t *transport) failed(
	req *http.Request, p *retry.Policy, call *retry.Call, o *outcome,
) (wait time.Duration, again bool) {
	f := o.failure(req.Context(), p)
	if f.Reach == retry.Lost {
		f.Safe = t.mayRepeat(req)
	}
	wanted := f.Transient || p.Retries(f.Code)
	if wanted && !f.Permanent && (f.Safe || f.Reach != retry.Lost) && p.MaxAttempts() > 1 && !canReplay(req) {
		call.FailedForGood(req.Context(), f, retry.DecisionDoneBody)
		return 0, false
	}
	return call.Failed(req.Context(), f)
}

// result is what the caller gets of a request that has failed.
func (t *transport) result(req *http.Request, call *retry.Call, o *outcome) (*http.Response, error) {
	err := call.Result(req.Context(), o.failed())
	recordOf(req.Context()).add(o, err, call.Attempts())
	if o.resp != nil {
		return o.resp, nil
	}
	if e, ok := err.(*status.Error); ok { //nolint:errorlint // as Result makes it
		return nil, disguised(e, o.raw)
	}
	return nil, err
}

// disguised is e in the shape of raw: clients of others, such as Firebase's Admin
// SDK, look at the type of what net/http returns, and at no more than that.
func disguised(e *status.Error, raw error) error {
	op, ok := raw.(*net.OpError) //nolint:errorlint // the very type
	if !ok || op == nil || op.Err == nil {
		return &roundTripError{e, e.Message()}
	}
	return &net.OpError{
		Op: op.Op, Net: op.Net, Source: op.Source, Addr: op.Addr, Err: &roundTripError{e, op.Err.Error()},
	}
}

// CloseIdleConnections lets [http.Client.CloseIdleConnections] reach the base.
func (t *transport) CloseIdleConnections() {
	if base, ok := t.base.(interface{ CloseIdleConnections() }); ok && t.err == nil {
		base.CloseIdleConnections()
	}
}

// A roundTripError is a failure without a response, for callers who ask errors
// whether they are timeouts and do not look behind them.
type roundTripError struct {
	err  *status.Error
	text string
}

func (e *roundTripError) Error() string   { return e.text }
func (e *roundTripError) Unwrap() error   { return e.err }
func (e *roundTripError) Timeout() bool   { return e.err.Code() == status.DeadlineExceeded }
func (e *roundTripError) Temporary() bool { return e.Timeout() }
