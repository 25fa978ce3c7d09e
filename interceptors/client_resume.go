package interceptors

import (
	"errors"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	"github.com/errwire/errwire/status"
)

// A ResumeFunc says how a server stream goes on that broke in the middle: given
// the request and the last message that was delivered, it returns the request
// whose answer continues right after that message, such as one with the page
// token or the offset that the message holds. nil means that it cannot go on, and
// so does a message of another type than the request's. Both arguments are its
// own to change and return; after it was resumed, the request is the one that the
// ResumeFunc returned. A panic ends the stream and passes through RecvMsg.
//
// Make one by [ResumeAfter].
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
// repeat, as f says. A break is a failure that the policy retries, after a first
// message. Each resuming is a retry: it waits, it costs the budget, of which the
// next messages give back as much as four calls would, and there are as many
// attempts as the policy has until the next message arrives. The method counts as
// one that may run twice. On other kinds of calls Resume does nothing.
//
// Header, Trailer and Peer speak of the attempt under way. A resumed stream keeps
// a copy of each message until the next one arrives.
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

func (c *client) resumeFor(desc *grpc.StreamDesc, method string, s *callSettings) ResumeFunc {
	switch {
	case desc.ClientStreams || !desc.ServerStreams:
		return nil
	case s.resume == nil && c.methodResume != nil:
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
func (s *clientStream) delivered(m any) {
	s.last = nil
	if last := reflected(m); last != nil {
		s.last = proto.Clone(last.Interface())
	}
	if s.owed > 0 {
		s.owed--
		s.call.Succeeded()
	}
}

// goOn takes back a commitment to a, which failed with err, where the stream can
// go on after the last message, and puts another attempt in its place. Its error
// is that of the whole stream.
func (s *clientStream) goOn(a *streamAttempt, err error) error {
	next := s.nextRequest(a, err)
	if next == nil {
		return s.conclude(a, err)
	}
	if final := s.uncommit(next); final != nil {
		return final
	}
	defer s.stopReading()
	_, err = s.proceed(a, err)
	return err
}

// nextRequest asks the ResumeFunc. It is nil when the stream cannot go on.
func (s *clientStream) nextRequest(a *streamAttempt, err error) proto.Message {
	if s.last == nil || s.request == nil || !s.policy.Retries(status.CodeOf(err)) {
		return nil
	}
	answered := false
	defer func() {
		if !answered {
			_ = s.conclude(a, err)
		}
	}()
	next := reflected(s.resume(proto.Clone(s.request), proto.Clone(s.last)))
	answered = true
	if next == nil || next.Descriptor() != s.request.ProtoReflect().Descriptor() {
		return nil
	}
	return proto.Clone(next.Interface())
}

// uncommit makes the stream one that was sent next and has received nothing,
// with this goroutine reading and deciding.
func (s *clientStream) uncommit(next proto.Message) (final error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for (s.reading || s.deciding) && s.final == nil { // whoever committed is on its way out
		s.cond.Wait()
	}
	if s.final != nil {
		return s.final
	}
	s.reading, s.deciding = true, true
	s.request, s.sent, s.closed = next, []proto.Message{next}, true
	s.live.Store(nil)
	s.owed = repays
	if s.answered.Swap(false) {
		s.call.Progressed()
	}
	return nil
}
