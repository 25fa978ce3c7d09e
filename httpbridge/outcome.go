package httpbridge

import (
	"context"
	"net/http"
	"strings"

	"github.com/errwire/errwire/retry"
	"github.com/errwire/errwire/status"
)

// An outcome is what one attempt came to.
type outcome struct {
	resp *http.Response // what was answered, if anything
	err  *status.Error  // what failed; nil is a success
	raw  error          // without an answer, the error as the transport gave it

	reach     retry.Reach
	timedOut  bool // by the attempt's own bound
	permanent bool // no repeat will mend it
	plain     bool // raw is nobody's API error, such as a programming error
}

// answered judges a response. The body of a failure is read for what it says,
// and put back.
func (s *settings) answered(resp *http.Response) outcome {
	o := outcome{resp: resp, reach: retry.Answered}
	if isSuccess(resp.StatusCode) && resp.Header["Grpc-Status"] == nil {
		return o // how a stream ends that begins well is for its reader to learn
	}
	o.err = status.FromError(checkResponse(resp, s.dialects))
	if resp.StatusCode >= http.StatusInternalServerError && resp.StatusCode != http.StatusServiceUnavailable {
		o.reach = retry.Lost // it may have run, or a proxy lost the answer
	}
	return o
}

// unanswered judges the error of a transport.
func unanswered(ctx context.Context, raw error, told *trace, bound *bound) outcome {
	o := outcome{raw: raw, reach: told.reach(raw)}
	if bound.passed() && ctx.Err() == nil {
		o.raw, o.timedOut = &attemptTimeoutError{bound.timeout}, true
	}
	if o.err = refusedCredentials(raw); o.err != nil {
		o.reach = retry.NeverLeft
		o.permanent = o.err.Code() == status.Unauthenticated
		return o
	}
	var recognised bool
	o.err, recognised = recognise(o.raw)
	switch {
	case recognised:
		o.permanent = status.IsTLSFailure(raw)
	case ctx.Err() != nil: // net/http returns the cause, which may be anything
		o.err = status.FromError(ctx.Err()).WithCause(raw)
	case told.left.Load(): // such as an answer that is not HTTP
		o.permanent = true
	default:
		o.permanent, o.plain = true, true
	}
	return o
}

// unwell are the HTTP statuses of a service that is in trouble, or whose proxy
// cannot reach it. Of others the code alone decides.
var unwell = map[int]bool{
	http.StatusInternalServerError: true,
	http.StatusBadGateway:          true,
	http.StatusServiceUnavailable:  true,
	http.StatusGatewayTimeout:      true,
}

// trouble are the codes that such an answer has, unless its body has a better
// one: a 500 that says NOT_FOUND, or DATA_LOSS, is not helped by a repeat.
var trouble = map[status.Code]bool{
	status.Unknown:          true,
	status.DeadlineExceeded: true,
	status.Internal:         true,
	status.Unavailable:      true,
}

// wishes are the headers by which a service says whether a retry is of use,
// "true" or "false", whatever its status says.
var wishes = [...]string{"Stripe-Should-Retry", "X-Should-Retry"}

func wish(header http.Header) (wanted, refused bool) {
	for _, name := range wishes {
		wanted = wanted || strings.EqualFold(field(header, name), "true")
		refused = refused || strings.EqualFold(field(header, name), "false")
	}
	return wanted, refused
}

// failure puts the outcome in terms of the retry engine.
func (o *outcome) failure(ctx context.Context, p *retry.Policy) retry.Failure {
	f := retry.Failure{Err: o.failed(), Code: o.err.Code(), Reach: o.reach, Permanent: o.permanent}
	f.Delay, f.Asked = o.err.RetryDelay()
	wanted := false
	if o.resp != nil {
		wanted, f.Refuse = wish(o.resp.Header)
	}
	switch {
	case o.timedOut:
		f.Transient = true
	case !p.Retries(status.Unavailable):
	case o.resp != nil:
		f.Transient = wanted || unwell[o.resp.StatusCode] && trouble[f.Code]
	default: // a timeout that is not the caller's, such as that of a dial
		f.Transient = f.Code == status.DeadlineExceeded && ctx.Err() == nil
	}
	return f
}

// failed is what the attempt failed with, as an error of whatever kind it is.
func (o *outcome) failed() error {
	if o.plain {
		return o.raw
	}
	return o.err
}
