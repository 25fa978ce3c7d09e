package interceptors

import (
	"context"
	"sync"
	"sync/atomic"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"

	"github.com/errwire/errwire/retry"
)

// StreamClientInterceptor returns the interceptor that retries a stream until it
// commits and returns its failures as *status.Errors; io.EOF passes as it is.
// It covers all kinds of streams. [DialOptions] is the easier way to install it.
//
// A stream commits when the caller is given its first message or its header, or
// when more was sent than the replay buffer holds (see [WithStreamBuffer]), or a
// message that is not a proto message. Until then a failure that may be retried
// starts a new attempt, to which what was sent is sent again; the caller sees
// nothing of it. From then on nothing is retried and nothing is ever delivered
// twice: the error is returned as it is.
//
// A policy's timeout per attempt ends when the stream commits or, with a policy
// of one attempt, with the first message or header.
//
// Header, Trailer and Peer, as methods and as call options, speak of the attempt
// whose result the caller sees; OnFinish functions run once. As with grpc-go, a
// stream is to be read to its end or its context cancelled.
func StreamClientInterceptor(opts ...ClientOption) grpc.StreamClientInterceptor {
	return newClient(opts).stream
}

func (c *client) stream(
	ctx context.Context, desc *grpc.StreamDesc, cc *grpc.ClientConn, method string,
	streamer grpc.Streamer, opts ...grpc.CallOption,
) (grpc.ClientStream, error) {
	if ctx == nil || desc == nil || streamer == nil {
		return nil, errNilArgument
	}
	s := &clientStream{
		c: c, caller: ctx, desc: desc, cc: cc, method: method, streamer: streamer,
		deciding: true, // until there is an attempt
	}
	s.cond.L = &s.mu
	s.settings.sort(opts)
	switch {
	case c.err != nil:
		s.settings.finish(c.err)
		return nil, c.err
	case s.settings.standBack:
		return streamer(ctx, desc, cc, method, opts...)
	case s.settings.nilPolicy:
		s.settings.finish(errNilCallPolicy)
		return nil, errNilCallPolicy
	}
	s.policy = c.policyFor(method, &s.settings)
	s.resume = c.resumeFor(desc, method, s.policy, &s.settings)
	to := c.conn(cc)
	s.call = s.policy.Start(to.target, method, to.budget)
	s.ctx, s.cancel = context.WithCancel(ctx)
	a, err := s.open()
	if _, err = s.proceed(a, err); err != nil {
		return nil, err
	}
	return s, nil
}

// A clientStream is the caller's view of a stream, over one or more attempts.
//
// Until it commits, two things are done by one goroutine at a time, and the
// others wait: reading the current attempt (reading), and deciding what follows
// its end (deciding). Only who reads puts another attempt in its place. No lock
// is held across a call of an attempt's stream or of the caller's functions.
type clientStream struct {
	c        *client
	settings callSettings
	policy   *retry.Policy
	desc     *grpc.StreamDesc
	cc       *grpc.ClientConn
	method   string
	streamer grpc.Streamer

	caller context.Context    //nolint:containedctx // as long as the stream
	ctx    context.Context    //nolint:containedctx // the caller's, until the stream ends
	cancel context.CancelFunc // frees every attempt

	live     atomic.Pointer[streamAttempt] // the attempt that the stream has committed to
	answered atomic.Bool                   // live has delivered a message

	mu       sync.Mutex
	cond     sync.Cond // some of what follows has changed
	current  *streamAttempt
	reading  bool
	deciding bool
	call     retry.Call // used by who is deciding
	sent     []proto.Message
	size     int   // of sent
	closed   bool  // by CloseSend
	final    error // io.EOF after a success
	header   metadata.MD
	trailer  metadata.MD

	resumption // see Resume
}

var _ grpc.ClientStream = (*clientStream)(nil)

// Header waits for the header. It answers nil, nil when the stream fails before
// there is one, as grpc-go does: RecvMsg has the error.
func (s *clientStream) Header() (metadata.MD, error) {
	for {
		s.mu.Lock()
		a, over, header := s.current, s.final != nil, s.header
		s.mu.Unlock()
		if over {
			return copied(header), nil //nolint:nilerr // RecvMsg has the error
		}
		header, _ = a.stream.Header()
		if s.live.Load() == a {
			if header != nil {
				a.keep()
			}
			return header, nil
		}
		if header != nil && a.keep() && s.commitCurrent(a) {
			return header, nil
		}
		s.awaitVerdict(a)
	}
}

// Trailer returns the trailer once the stream has ended, and nil before.
func (s *clientStream) Trailer() metadata.MD {
	s.mu.Lock()
	defer s.mu.Unlock()
	return copied(s.trailer)
}

// copied is Copy, but that nothing stays nothing.
func copied(md metadata.MD) metadata.MD {
	if md == nil {
		return nil
	}
	return md.Copy()
}

// Context ends with the stream. Its values are the caller's and, once the stream
// has committed, those of its attempt, such as the peer.
func (s *clientStream) Context() context.Context { return streamContext{s.ctx, s} }

type streamContext struct {
	context.Context //nolint:containedctx // it is one
	s               *clientStream
}

func (c streamContext) Value(key any) any {
	if live := c.s.live.Load(); live != nil {
		return live.stream.Context().Value(key)
	}
	return c.Context.Value(key)
}
