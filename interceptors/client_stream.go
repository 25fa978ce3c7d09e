package interceptors

import (
	"context"
	"io"
	"sync"
	"sync/atomic"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"

	"github.com/errwire/errwire/retry"
	"github.com/errwire/errwire/status"
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
	var settings callSettings
	settings.sort(opts)
	switch {
	case settings.standBack:
		return streamer(ctx, desc, cc, method, opts...)
	case c.err != nil:
		return nil, c.err
	case settings.nilPolicy:
		return nil, errNilCallPolicy
	}
	if resume := c.resumeFor(method, &settings); resume != nil && desc.ServerStreams && !desc.ClientStreams {
		return c.resuming(ctx, desc, cc, method, streamer, settings, resume)
	}
	return c.newStream(ctx, desc, cc, method, streamer, settings)
}

// newStream opens a stream, retrying as long as nothing was committed.
func (c *client) newStream(
	ctx context.Context, desc *grpc.StreamDesc, cc *grpc.ClientConn, method string,
	streamer grpc.Streamer, settings callSettings,
) (grpc.ClientStream, error) {
	to := c.conn(cc)
	s := &clientStream{
		c: c, settings: settings, policy: c.policyFor(method, &settings),
		caller: ctx, desc: desc, cc: cc, method: method, streamer: streamer,
	}
	s.cond.L = &s.mu
	s.call = s.policy.Start(to.target, method, to.budget)
	s.ctx, s.cancel = context.WithCancel(ctx)
	a, err := s.open(0)
	if err != nil {
		if a, err = s.replace(a, err); err != nil {
			return nil, err
		}
	}
	s.mu.Lock()
	s.current = a
	if s.policy.MaxAttempts() == 1 {
		s.live.Store(a) // there will be no other attempt: nothing to keep
	}
	s.mu.Unlock()
	return s, nil
}

// A clientStream is the caller's view of a stream, over one or more attempts.
//
// Until it commits, two things are done by one goroutine at a time, and the
// others wait: reading the current attempt (reading), and deciding what follows
// a failure (deciding). No lock is held across a call that may block: only
// SendMsg is called under mu, and while the buffer is not full it cannot block,
// for grpc-go takes 64 KiB per stream before it waits for the network.
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

	live     atomic.Pointer[streamAttempt] // set once: the attempt that the stream committed to
	answered atomic.Bool                   // live has answered

	mu       sync.Mutex
	cond     sync.Cond
	current  *streamAttempt
	reading  bool
	deciding bool
	call     retry.Call // used by who is deciding
	sent     []proto.Message
	size     int
	closed   bool
	final    error // io.EOF after a success
	trailer  metadata.MD
}

var _ grpc.ClientStream = (*clientStream)(nil)

// RecvMsg receives into m. Its error is io.EOF, as the very same value, or that
// of the whole stream.
func (s *clientStream) RecvMsg(m any) error {
	if live := s.live.Load(); live != nil {
		return s.receive(live, m)
	}
	live, err := s.startReading(nil)
	switch {
	case err != nil:
		return err
	case live != nil:
		return s.receive(live, m)
	}
	defer s.stopReading()
	a := s.current // nobody else changes it now
	for {
		err = a.stream.RecvMsg(m)
		switch {
		case err == io.EOF: //nolint:errorlint // grpc's promise is the very same value
			return s.succeed(a)
		case err == nil && a.keep():
			s.commit(a)
			return s.received(a)
		case err == nil: // it came too late
			a.drain()
			err = errAttemptTimeout
		}
		if a, err = s.replace(a, err); err != nil {
			return err
		}
		resetReply(m)
	}
}

// receive is RecvMsg on a stream that has committed.
func (s *clientStream) receive(a *streamAttempt, m any) error {
	switch err := a.stream.RecvMsg(m); err { //nolint:errorlint // as in RecvMsg
	case nil:
		return s.received(a)
	case io.EOF:
		return s.succeed(a)
	default:
		return s.conclude(a, err, retry.DecisionDoneCommitted)
	}
}

// received is what follows a message. grpc-go has read a stream of one message
// to its end by then.
func (s *clientStream) received(a *streamAttempt) error {
	if !s.answered.Load() && !s.answered.Swap(true) {
		s.call.Succeeded()
	}
	if !s.desc.ServerStreams {
		_ = s.succeed(a)
	}
	return nil
}

// Header waits for the header. It answers nil, nil when the stream fails before
// there is one, as grpc-go does: RecvMsg has the error.
func (s *clientStream) Header() (metadata.MD, error) {
	for {
		if live := s.live.Load(); live != nil {
			md, err := live.stream.Header()
			return md, s.translate(live, err)
		}
		s.mu.Lock()
		a, final := s.current, s.final
		s.mu.Unlock()
		if final != nil {
			return nil, nil //nolint:nilnil // grpc-go's contract
		}
		if md, _ := a.stream.Header(); len(md) > 0 && a.keep() && s.commitCurrent(a) {
			return md, nil
		}
		s.awaitVerdict(a)
	}
}

// Trailer returns the trailer once the stream has ended, and nil before.
func (s *clientStream) Trailer() metadata.MD {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.trailer.Copy()
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

// translate is for the errors of a live stream that do not end it.
func (s *clientStream) translate(a *streamAttempt, err error) error {
	e, recognised := status.Recognize(err)
	if !recognised || !s.c.translates {
		return err
	}
	return a.translate(s.caller, e)
}
