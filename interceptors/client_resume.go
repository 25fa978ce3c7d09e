package interceptors

import (
	"errors"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	"github.com/errwire/errwire/retry"
	"github.com/errwire/errwire/status"
)

// A ResumeFunc says how a server stream goes on that broke in the middle: given
// the request and the last message that was delivered, it returns the request
// whose answer continues right after that message, such as one with the page
// token or the offset that the message holds. nil means that it cannot go on, and
// so does a message of another type than the request's.
//
// Both arguments are its own to change and return. The next time it is given the
// request that it returned the last time. RecvMsg waits for it; a panic ends the
// stream and passes through RecvMsg.
//
// Make one by [ResumeAfter].
type ResumeFunc func(req, last proto.Message) proto.Message

// ResumeAfter makes a ResumeFunc of a function of the method's own types. Streams
// of other types do not go on, nor does any if next is nil.
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
// repeat, as f says; with nil it does not, whatever [WithResume] says. A break is
// a failure that the policy retries, once the stream has committed. If there was
// no message since the request was sent, that is sent again as it is, whatever its
// size. The method counts as one that may run twice. On other kinds of calls
// Resume does nothing, nor under a policy of one attempt such as [NoRetry]'s.
//
// Each resuming is a retry: it waits, it costs the budget, of which the next
// messages give back as much as four calls would, and there are as many attempts
// as the policy has until the next message arrives. What is not resumed after all
// is returned as it is.
//
// Header, Trailer and Peer speak of the attempt under way. A resumed stream keeps
// a copy of each message until the next one arrives.
func Resume(f ResumeFunc) grpc.CallOption { return callSetting{change: asResumed, resume: f} }

// WithResume sets by method how broken server streams go on; choose answers nil
// for those that do not. It is called for every server stream and must be quick.
// See [Resume].
func WithResume(choose func(fullMethod string) ResumeFunc) ClientOption {
	return func(c *client) error {
		if choose == nil {
			return errors.New("WithResume(nil): want a function")
		}
		c.methodResume = choose
		return nil
	}
}

func (c *client) resumeFor(desc *grpc.StreamDesc, method string, p *retry.Policy, s *callSettings) ResumeFunc {
	switch {
	case desc.ClientStreams, !desc.ServerStreams, p.MaxAttempts() == 1:
		return nil
	case !s.resumeSet && c.methodResume != nil:
		return c.methodResume(method)
	default:
		return s.resume
	}
}

// A resumption is what a stream needs to go on where it broke. But for request,
// which SendMsg sets before, it is RecvMsg's.
type resumption struct {
	resume  ResumeFunc // nil for most streams
	request proto.Message
	last    proto.Message // the last message delivered
	owed    int           // messages that still give back what resuming cost
}

// repays is how many messages after the first, which counts as the answer to a
// call anyway, repay a token of a budget with the default ratio.
const repays = 3

// delivered keeps what the caller was given.
func (s *clientStream) delivered(m any, first bool) {
	s.last = nil
	if last := reflected(m); last != nil {
		s.last = proto.Clone(last.Interface())
	}
	if !first && s.owed > 0 {
		s.owed--
		s.call.Succeeded()
	}
}

// broken is what becomes of a stream whose attempt a, which it had committed to,
// failed with err: it is the error of the stream, or nil when that goes on.
func (s *clientStream) broken(a *streamAttempt, err error) error {
	if s.resume == nil {
		return s.conclude(a, err)
	}
	s.mu.Lock()
	for s.reading { // whoever committed is on its way out
		s.cond.Wait()
	}
	s.reading = true
	s.mu.Unlock()
	defer s.stopReading()
	_, err = s.replace(a, err)
	return err
}

// uncommit takes back the commitment to a, which failed with err: the stream is
// one again that has sent its request and received nothing. It reports false
// when the stream cannot go on. It is for who reads and decides.
func (s *clientStream) uncommit(a *streamAttempt, err error) bool {
	next := s.continuation(a, err)
	if next == nil {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.request, s.sent = next, []proto.Message{next}
	s.live.Store(nil)
	if s.answered.Swap(false) {
		s.owed = repays
		s.call.Progressed()
	}
	return true
}

// continuation is the request that the stream goes on by, or nil.
func (s *clientStream) continuation(a *streamAttempt, err error) proto.Message {
	switch {
	case s.request == nil, !s.policy.Retries(status.CodeOf(err)): // without a ResumeFunc there is no request
		return nil
	case !s.answered.Load(): // nothing was delivered since that was sent
		return s.request
	case s.last == nil:
		return nil
	}
	answered := false
	defer func() {
		if !answered { // a panic
			_ = s.decided(a, err)
		}
	}()
	// The last message is not used again; the request may still be on its way.
	next := reflected(s.resume(proto.Clone(s.request), s.last))
	answered = true
	if next == nil || next.Descriptor() != s.request.ProtoReflect().Descriptor() {
		return nil
	}
	return proto.Clone(next.Interface())
}
