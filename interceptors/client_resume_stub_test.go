package interceptors_test

import (
	"context"
	"errors"
	"io"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/errwire/errwire/interceptors"
)

// A chapter is what one attempt at a server stream answers once it has the
// request: messages, and how it ends; nil is io.EOF.
type chapter struct {
	says []string
	end  error
}

// breaks is a chapter that says something and breaks.
func breaks(says ...string) chapter { return chapter{says, errDown} }

var down = breaks()

// errSilent ends a chapter that has no end: the attempt is silent until somebody
// else ends it.
var errSilent = errors.New("silent")

// A novel is a server stream of stubs that answer one chapter after the other.
type novel struct {
	chapters []chapter
	gate     chan struct{} // if there is one, each RecvMsg waits for it

	mu       sync.Mutex
	requests []string
}

func (n *novel) prepare(s *stub) {
	c := chapter{end: errGone}
	if s.number <= len(n.chapters) {
		c = n.chapters[s.number-1]
	}
	sent := make(chan struct{})
	s.send = func(m any) error {
		n.mu.Lock()
		n.requests = append(n.requests, m.(*wrapperspb.StringValue).Value)
		n.mu.Unlock()
		close(sent)
		return nil
	}
	s.header = func() (metadata.MD, error) { <-sent; return answering, nil }
	s.recv = func(m any) error {
		<-sent
		if n.gate != nil {
			<-n.gate
		}
		if len(c.says) > 0 {
			put(m, c.says[0])
			c.says = c.says[1:]
			return nil
		}
		switch c.end {
		case nil:
			return s.finish(io.EOF, answering, answering)
		case errSilent:
			<-s.ctx.Done()
			return s.finish(context.Cause(s.ctx), answering, nil)
		default:
			return s.finish(c.end, answering, answering)
		}
	}
}

// open opens the stream under the policy of fast, unless another is given, and
// sends "q".
func (n *novel) open(
	ctx context.Context, tb testing.TB, opts []interceptors.ClientOption, callOpts ...grpc.CallOption,
) grpc.ClientStream {
	tb.Helper()
	opts = append([]interceptors.ClientOption{interceptors.WithRetryPolicy(fast(tb))}, opts...)
	stream := stubbed(ctx, tb, serverStream, n.prepare, opts, callOpts...)
	sendAll(tb, stream, "q")
	return stream
}

// appending is a ResumeFunc whose requests tell what it was given, as often as
// it was asked.
var appending = interceptors.ResumeAfter(func(req, last *wrapperspb.StringValue) *wrapperspb.StringValue {
	req.Value += last.GetValue()
	return req
})

// afterLast is a ResumeFunc for servers whose request is the last message that
// the caller has.
var afterLast = interceptors.ResumeAfter(func(_, last *wrapperspb.StringValue) *wrapperspb.StringValue { return last })

// readTo reads that many messages.
func readTo(tb testing.TB, stream grpc.ClientStream, count int) (all []string) {
	tb.Helper()
	for range count {
		text, err := receive(stream)
		require.NoError(tb, err)
		all = append(all, text)
	}
	return all
}
