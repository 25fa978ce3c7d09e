package interceptors

import (
	"context"
	"errors"
	"io"
	"sync"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"

	"github.com/errwire/errwire/retry"
	"github.com/errwire/errwire/status"
)

// A ResumeFunc says how a server stream goes on that broke in the middle: given
// the request and the last message that was delivered, it returns the request
// whose answer continues right after that message, such as one with the page
// token or the offset that the message holds. nil means that it cannot go on.
// Both arguments are its own to change and return. Make one by [ResumeAfter].
type ResumeFunc func(req, last proto.Message) proto.Message

// ResumeAfter makes a ResumeFunc of a function of the method's own types.
//
//	interceptors.ResumeAfter(func(req *pb.ListBooksRequest, last *pb.Book) *pb.ListBooksRequest {
//		req.AfterIsbn = last.Isbn
//		return req
//	})
func ResumeAfter[Req, Resp proto.Message](next func(req Req, last Resp) Req) ResumeFunc {
	return func(req, last proto.Message) proto.Message {
		typedReq, ok := req.(Req)
		typedLast, ok2 := last.(Resp)
		if !ok || !ok2 || next == nil {
			return nil
		}
		return next(typedReq, typedLast)
	}
}

// Resume lets this server stream go on where it broke, without a gap or a
// repeat, as f says. A break is a failure that the policy retries. Each resuming
// is a retry: it waits, it costs the budget, and there are as many attempts as
// the policy has until the next message arrives. On other kinds of calls it does
// nothing.
//
// A resumed stream keeps a copy of each message until the next one arrives.
func Resume(f ResumeFunc) grpc.CallOption { return callSetting{change: asResumed, resume: f} }

// WithResume sets by method how broken server streams go on; choose answers nil
// for those that do not. See [Resume].
func WithResume(choose func(fullMethod string) ResumeFunc) ClientOption {
	return func(c *client) error {
		if choose == nil {
			return errors.New("WithResume(nil): want a function")
		}
		c.methodResume = choose
		return nil
	}
}

func (c *client) resumeFor(method string, s *callSettings) ResumeFunc {
	if s.resume == nil && c.methodResume != nil {
		return c.methodResume(method)
	}
	return s.resume
}

// A resumingStream is a loop around streams that retry until they commit: it
// opens the next one when a committed one breaks.
type resumingStream struct {
	settings callSettings // the caller's
	attempt               // what the stream under way tells
	open     func() (grpc.ClientStream, error)
	resume   ResumeFunc
	policy   *retry.Policy
	start    func() retry.Call

	ctx    context.Context //nolint:containedctx // as long as the stream
	cancel context.CancelFunc
	ended  sync.Once

	mu     sync.Mutex
	inner  grpc.ClientStream
	header metadata.MD // of the first stream

	// These are RecvMsg's, but for req, which SendMsg sets before.
	req      proto.Message
	last     proto.Message // the last message delivered
	fresh    bool          // it came from the stream under way
	call     retry.Call    // since the last message
	attempts int           // of the streams before
}

func (c *client) resuming(
	ctx context.Context, desc *grpc.StreamDesc, cc *grpc.ClientConn, method string,
	streamer grpc.Streamer, settings callSettings, resume ResumeFunc,
) (grpc.ClientStream, error) {
	to := c.conn(cc)
	r := &resumingStream{settings: settings, resume: resume, policy: c.policyFor(method, &settings)}
	r.ctx, r.cancel = context.WithCancel(ctx)
	r.start = func() retry.Call { return r.policy.Start(to.target, method, to.budget) }
	r.call = r.start()
	inner := settings
	inner.resumed = true
	inner.headers = []*metadata.MD{&r.attempt.header}
	inner.trailers = []*metadata.MD{&r.attempt.trailer}
	inner.peers = nil
	inner.peers = append(inner.peers, &r.attempt.peer)
	inner.finishes = []func(error){r.innerFinished}
	r.open = func() (grpc.ClientStream, error) { return c.newStream(r.ctx, desc, cc, method, streamer, inner) }
	var err error
	if r.inner, err = r.open(); err != nil {
		r.end(err)
		return nil, err
	}
	return r, nil
}

func (r *resumingStream) current() grpc.ClientStream {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.inner
}

// SendMsg sends the request and keeps a copy of it.
func (r *resumingStream) SendMsg(m any) error {
	if req, ok := m.(proto.Message); ok && req.ProtoReflect().IsValid() {
		r.req = proto.Clone(req)
	}
	return r.current().SendMsg(m)
}

func (r *resumingStream) CloseSend() error         { return r.current().CloseSend() }
func (r *resumingStream) Trailer() metadata.MD     { return r.current().Trailer() }
func (r *resumingStream) Context() context.Context { return resumingContext{r.ctx, r} }

// Header is that of the first stream.
func (r *resumingStream) Header() (metadata.MD, error) {
	r.mu.Lock()
	header, inner := r.header, r.inner
	r.mu.Unlock()
	if header != nil {
		return header.Copy(), nil
	}
	return inner.Header()
}

type resumingContext struct {
	context.Context //nolint:containedctx // it is one
	r               *resumingStream
}

func (c resumingContext) Value(key any) any { return c.r.current().Context().Value(key) }

// RecvMsg receives the next message, from whichever stream has it.
func (r *resumingStream) RecvMsg(m any) error {
	for {
		err := r.current().RecvMsg(m)
		switch err { //nolint:errorlint // grpc's promise is the very same value
		case nil:
			r.delivered(m)
			return nil
		case io.EOF:
			r.end(nil)
			return io.EOF
		}
		if err = r.goOn(err); err != nil {
			r.end(err)
			return err
		}
		resetReply(m)
	}
}

func (r *resumingStream) delivered(m any) {
	if last, ok := m.(proto.Message); ok {
		r.last, r.fresh = proto.Clone(last), true
	}
	r.call.Succeeded()
	if r.call.Attempts() > 0 {
		r.call = r.start()
	}
}

// goOn opens the stream that continues after the last message. The error is that
// of the whole stream, when it does not go on: broken, if nothing follows from
// it.
func (r *resumingStream) goOn(broken error) error {
	e, recognised := status.Recognize(broken)
	if !recognised || !r.fresh || !r.policy.Retries(e.Code()) {
		return broken
	}
	r.attempts += max(e.Attempts(), 1)
	failure := retry.Failure{Err: broken, Code: e.Code(), Reach: retry.Lost, Safe: true}
	failure.Delay, failure.Asked = e.RetryDelay()
	if delay, refused, ok := pushback(r.current().Trailer()); ok {
		failure.Delay, failure.Asked, failure.Refuse = max(failure.Delay, delay), true, refused
	}
	next := r.nextRequest()
	if next == nil {
		r.call.FailedForGood(r.ctx, failure, retry.DecisionDoneCommitted)
		return broken
	}
	wait, again := r.call.Failed(r.ctx, failure)
	if !again || !retry.Sleep(r.ctx, wait) {
		return r.result(e, broken)
	}
	return r.reopen(next)
}

// nextRequest asks the ResumeFunc. It is nil when the stream cannot go on.
func (r *resumingStream) nextRequest() proto.Message {
	if r.req == nil {
		return nil
	}
	next := r.resume(proto.Clone(r.req), r.last)
	if next == nil || !next.ProtoReflect().IsValid() {
		return nil
	}
	return next
}

func (r *resumingStream) reopen(req proto.Message) error {
	if header, _ := r.current().Header(); r.header == nil {
		r.mu.Lock()
		r.header = header
		r.mu.Unlock()
	}
	r.req, r.fresh = proto.Clone(req), false
	inner, err := r.open()
	if err != nil {
		return err
	}
	r.mu.Lock()
	r.inner = inner
	r.mu.Unlock()
	if err := inner.SendMsg(req); err != nil && err != io.EOF { //nolint:errorlint // as in RecvMsg
		return err
	}
	return inner.CloseSend()
}

// result is broken with all attempts of all streams counted.
func (r *resumingStream) result(e *status.Error, broken error) error {
	if _, translated := broken.(*status.Error); !translated { //nolint:errorlint // see WithoutTranslation
		return broken
	}
	why := r.call.Decision()
	if why == retry.DecisionRetry {
		e, why = e.WithContextError(r.ctx), retry.DecisionDoneContext
	}
	return e.WithAttempts(r.attempts, why.String())
}

// end makes the outcome known, once.
func (r *resumingStream) end(err error) {
	r.ended.Do(func() {
		r.settings.publish(&r.attempt)
		r.cancel()
		r.settings.finish(err)
	})
}

// innerFinished hears that a stream is over. RecvMsg finds out by itself; this is
// for streams that nobody reads any more.
func (r *resumingStream) innerFinished(err error) {
	if r.ctx.Err() != nil || status.IsCancelled(err) {
		r.end(err)
	}
}
