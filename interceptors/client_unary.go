package interceptors

import (
	"context"
	"io"
	"strconv"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	grpcstatus "google.golang.org/grpc/status"

	"github.com/errwire/errwire/retry"
	"github.com/errwire/errwire/status"
)

// previousAttemptsKey tells the server how many attempts came before (gRFC A6).
const previousAttemptsKey = "grpc-previous-rpc-attempts"

// UnaryClientInterceptor returns the interceptor that retries a unary call and
// returns its failure as a *status.Error. [DialOptions] is the easier way to
// install it: it also switches off gRPC's own retries, which this interceptor by
// itself can only do by keeping gRPC from buffering requests.
//
// Header, Trailer and Peer call options speak of the attempt whose result is
// returned, and OnFinish functions run once. Call options of other packages see
// every attempt. Between attempts a reply that is a proto message is reset. An
// interceptor that makes several calls of one at the same time, or returns while
// its call goes on, belongs before this one: they would share a reply and options.
//
// What is not recognised as an API error, such as an inner interceptor's own
// plain error, is returned as it is and not retried. A timeout in the channel's
// method config bounds each attempt.
func UnaryClientInterceptor(opts ...ClientOption) grpc.UnaryClientInterceptor {
	return newClient(opts).unary
}

// A unaryCall is one call and the attempt under way. It is pooled, so that a
// call that succeeds allocates nothing.
type unaryCall struct {
	callSettings
	attempt
	base [5]grpc.CallOption // what every attempt gets of us; see attemptOptions

	ctx        context.Context //nolint:containedctx // as long as the call
	policy     *retry.Policy
	options    []grpc.CallOption // of every attempt
	method     string
	req, reply any
	cc         *grpc.ClientConn
	invoker    grpc.UnaryInvoker
}

var unaryCalls = sync.Pool{New: func() any {
	u := &unaryCall{}
	u.base = baseOptions(&u.attempt)
	return u
}}

// release returns u to the pool. It is only for calls whose first attempt
// succeeded: an inner interceptor may outlive a failed one, and would write into
// somebody else's call.
func (u *unaryCall) release() {
	if u.any {
		u.reset()
	}
	u.attempt = attempt{}
	u.ctx, u.req, u.reply, u.cc, u.invoker = nil, nil, nil, nil, nil
	unaryCalls.Put(u)
}

func (c *client) unary(
	ctx context.Context, method string, req, reply any,
	cc *grpc.ClientConn, invoker grpc.UnaryInvoker, opts ...grpc.CallOption,
) error {
	if ctx == nil || invoker == nil {
		return errNilArgument
	}
	u := unaryCalls.Get().(*unaryCall) //nolint:forcetypeassert // nothing else is in the pool
	if len(opts) > 0 {
		u.sort(opts)
	}
	switch {
	case c.err != nil:
		u.done(c.err)
		return c.err
	case u.standBack:
		u.release()
		return invoker(ctx, method, req, reply, cc, opts...)
	case u.nilPolicy:
		u.done(errNilCallPolicy)
		return errNilCallPolicy
	}
	u.ctx, u.method, u.req, u.reply, u.cc, u.invoker = ctx, method, req, reply, cc, invoker
	u.policy = c.policyFor(method, &u.callSettings)
	u.options = c.attemptOptions(&u.callSettings, u.base[:], u.policy)

	to := c.conn(cc)
	timedOut, err := u.try(0)
	if err == nil {
		u.policy.Succeeded(to.budget)
		u.done(nil)
		u.release()
		return nil
	}
	err = c.tryAgain(u, u.policy.Start(to.target, method, to.budget), timedOut, err)
	u.done(err)
	return err
}

// tryAgain is the rest of a call whose first attempt failed with err.
func (c *client) tryAgain(u *unaryCall, call retry.Call, timedOut bool, err error) error {
	safe := func() bool { return c.mayRepeat(u.method, &u.callSettings, u.req) }
	for {
		e, recognised := status.Recognize(err)
		failure := retry.Failure{Permanent: true}
		if recognised {
			failure = u.failure(u.policy, e, timedOut, safe)
		}
		failure.Err = err
		wait, again := call.Failed(u.ctx, failure)
		if !again || !await(u.ctx, u.cc, failure, wait) {
			if !recognised {
				e = nil
			}
			return c.result(u.ctx, &call, &u.attempt, err, e)
		}
		u.attempt = attempt{}
		resetReply(u.reply)
		if timedOut, err = u.try(call.Attempts()); err == nil {
			call.Succeeded()
			return nil
		}
	}
}

// try makes one attempt. It reports whether the policy's timeout for it has
// passed: before that, a word that time is up is the server's.
func (u *unaryCall) try(previous int) (timedOut bool, err error) {
	ctx := u.ctx
	if previous > 0 {
		if isClosed(u.cc) {
			return false, errClosing
		}
		ctx = metadata.AppendToOutgoingContext(ctx, previousAttemptsKey, strconv.Itoa(previous))
	}
	timeout := u.policy.AttemptTimeout()
	if timeout == 0 {
		return false, u.invoke(ctx)
	}
	end := time.Now().Add(timeout)
	ctx, cancel := context.WithDeadline(ctx, end)
	defer cancel()
	err = u.invoke(ctx)
	return !time.Now().Before(end), err
}

// invoke is the attempt itself. Of a call that gRPC repeated by itself, and whose
// stream was over again before the request was written to it, it tells nothing
// but io.EOF (v1.85): as the request did not leave, that is a call which never
// left.
func (u *unaryCall) invoke(ctx context.Context) error {
	err := u.invoker(ctx, u.method, u.req, u.reply, u.cc, u.options...)
	switch {
	case err == nil:
		return nil
	case u.trailer != nil && (err == io.EOF || exhaustedEOF(err)): //nolint:errorlint // the very same value, and of a stream
		u.attempt = attempt{}
		return errNotSent
	default:
		return err
	}
}

var errNotSent = grpcstatus.Error(codes.Unavailable, "the stream ended before the request was sent")

// done lets the caller's options speak of the attempt whose result it gets.
func (u *unaryCall) done(err error) {
	if u.any {
		u.publish(&u.attempt)
		u.finish(err)
	}
}
