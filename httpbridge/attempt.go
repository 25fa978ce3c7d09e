package httpbridge

import (
	"context"
	"errors"
	"io"
	"net/http"
	"time"
)

// attemptKey is in the context of each attempt. A transport of ours that meets
// it is inside of another one, which makes the retries: attempts would be
// multiplied.
type attemptKey struct{}

func insideAttempt(ctx context.Context) bool { return ctx.Value(attemptKey{}) != nil }

var errNoAnswer = errors.New("httpbridge: the base RoundTripper returned neither a response nor an error")

// try makes one attempt, within the timeout if that is not 0. It ends when the
// header of the answer is here or, of a failure, as much of the body as is read.
func (t *transport) try(req *http.Request, body io.ReadCloser, timeout time.Duration) outcome {
	ctx, bound := withBound(context.WithValue(req.Context(), attemptKey{}, true), timeout)
	told := &trace{}
	attempt := req.WithContext(told.into(ctx))
	attempt.Header = req.Header.Clone() // a base that adds to it shall not add to the caller's
	var sent *sentBody
	attempt.Body, sent = watchBody(body)

	resp, err := t.base.RoundTrip(attempt)
	if err == nil && resp == nil {
		err = errNoAnswer
	}
	if err != nil {
		closeResponse(resp)
		o := unanswered(req.Context(), err, told, bound)
		o.permanent = o.permanent || sent.broke()
		bound.end()
		return o
	}
	if resp.Request == attempt {
		resp.Request = req
	}
	o := t.answered(resp)
	if inTime := bound.release(resp); !inTime && o.err == nil {
		closeResponse(resp) // its body is cut off already
		return unanswered(req.Context(), errBound, told, bound)
	}
	return o
}

// closeResponse closes the body of a response, if there are such.
func closeResponse(resp *http.Response) {
	if resp != nil && resp.Body != nil {
		_ = resp.Body.Close() // it was read as far as it is of use
	}
}
