package interceptors_test

import (
	"context"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/encoding/gzip"
	"google.golang.org/grpc/stats"
	grpcstatus "google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/errwire/errwire/interceptors"
	"github.com/errwire/errwire/status"
)

// What is kept for a replay is bounded: beyond it, and with messages that cannot
// be kept, the stream commits to its attempt.
func TestStreamReplayBuffer(t *testing.T) {
	t.Parallel()
	const kilobyte = 1 << 10
	text := strings.Repeat("x", kilobyte-8) // 5 bytes of gRPC and 3 of protobuf make it a kilobyte
	plain := func(tb testing.TB, _ grpc.ClientStream) any { return wrapperspb.String(text) }
	for _, test := range []struct {
		name     string
		buffer   int // -1 is the default
		messages int
		message  func(testing.TB, grpc.ClientStream) any
		retried  bool
	}{
		{"as much as there is room for", -1, 64, plain, true},
		{"more", -1, 65, plain, false},
		{"as much as there is room for, smaller", 2 * kilobyte, 2, plain, true},
		{"more, smaller", 2 * kilobyte, 3, plain, false},
		{"a byte too much", kilobyte - 1, 1, plain, false},
		{"none", 0, 1, plain, false},
		{"none, nothing sent", 0, 0, plain, true},
		{"larger", 1 << 20, 1000, plain, true},
		{"nil message", -1, 1, func(testing.TB, grpc.ClientStream) any { return (*wrapperspb.StringValue)(nil) }, false},
		{"prepared message", -1, 1, func(tb testing.TB, stream grpc.ClientStream) any {
			tb.Helper()
			var m grpc.PreparedMsg
			require.Error(tb, m.Encode(stream, wrapperspb.String("x")), "before the stream commits it has no codec")
			return &m
		}, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			server := startTalk(t, func(stream int, s talk) error {
				_, err := s.readAll() // the client's SendMsg is never told
				if err == nil && stream == 1 {
					err = errDown
				}
				return err
			})
			var opts []interceptors.ClientOption
			if test.buffer >= 0 {
				opts = append(opts, interceptors.WithStreamBuffer(test.buffer))
			}
			stream := openStream(t.Context(), t, retryingConn(t, server.addr, opts...), bothStream)
			for range test.messages {
				if err := stream.SendMsg(test.message(t, stream)); err != nil {
					require.Same(t, io.EOF, err)
				}
			}
			require.NoError(t, stream.CloseSend())
			_, err := receive(stream)
			if test.retried {
				assert.Same(t, io.EOF, err)
				assert.EqualValues(t, 2, server.streams.Load())
			} else {
				assertOnly(t, status.Unavailable, err)
				assert.Equal(t, 1, apiError(t, err).Attempts())
				assert.Equal(t, "already_delivered", whyStopped(t, err))
			}
		})
	}
}

// What is sent again is compressed as it was before.
func TestStreamReplayCompressed(t *testing.T) {
	t.Parallel()
	var seen compressions
	server := startTalk(t, func(stream int, s talk) error {
		all, err := s.readAll()
		if stream == 1 {
			return errDown
		}
		_ = s.say(all...)
		return err
	}, grpc.StatsHandler(&seen))
	stream := openStream(t.Context(), t, retryingConn(t, server.addr), bothStream, grpc.UseCompressor(gzip.Name))
	texts := []string{"a", "b", strings.Repeat("c", 1000)}
	sendAll(t, stream, texts...)
	got, err := receiveAll(stream)
	require.NoError(t, err)
	assert.Equal(t, texts, got)
	assert.Equal(t, []string{gzip.Name, gzip.Name}, seen.used())
}

// compressions notes how the client compresses each stream.
type compressions struct {
	mu   sync.Mutex
	list []string
}

func (c *compressions) used() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.list)
}

func (c *compressions) HandleRPC(_ context.Context, s stats.RPCStats) {
	if header, ok := s.(*stats.InHeader); ok {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.list = append(c.list, header.Compression)
	}
}

func (*compressions) TagRPC(ctx context.Context, _ *stats.RPCTagInfo) context.Context   { return ctx }
func (*compressions) TagConn(ctx context.Context, _ *stats.ConnTagInfo) context.Context { return ctx }
func (*compressions) HandleConn(context.Context, stats.ConnStats)                       {}

// SendMsg's io.EOF need not mean that the attempt is over: grpc-go may be about
// to open it again by itself, with all that was sent. Nobody stops sending.
func TestStreamThatIsOpenedAgainByGRPC(t *testing.T) {
	t.Parallel()
	for _, failing := range []int{0, 1} { // the second attempt is a replay
		var attempt *stub
		sent := map[int][]string{}
		conn := stubConn(t, func(s *stub) {
			attempt = s
			s.send = func(m any) error {
				text := m.(*wrapperspb.StringValue).GetValue()
				sent[s.number] = append(sent[s.number], text)
				if text == "b" {
					return io.EOF
				}
				return nil
			}
			if s.number <= failing {
				s.recv = func(any) error { return s.finish(errDown, nil, answering) }
				return
			}
			s.recv = func(any) error { return s.finish(io.EOF, answering, answering) }
		}, interceptors.WithRetryPolicy(fast(t)))
		stream := openStream(t.Context(), t, conn, bothStream)
		sendAll(t, stream, "a", "b", "c")
		_, err := receive(stream)
		require.Same(t, io.EOF, err)
		require.Eventually(t, func() bool { return attempt.closed.Load() == 1 }, eventually, tick)
		assert.Equal(t, []string{"a", "b", "c"}, sent[failing+1])
	}
}

// An inner interceptor may refuse a message that was accepted before.
func TestStreamReplayRefused(t *testing.T) {
	t.Parallel()
	refusal := grpcstatus.Error(codes.PermissionDenied, "not again")
	stream := stubbed(t.Context(), t, bothStream, func(s *stub) {
		if s.number == 1 {
			s.recv = func(any) error { return s.finish(errDown, nil, answering) }
			return
		}
		s.send = func(any) error { return refusal }
		s.recv = func(any) error {
			<-s.ctx.Done()
			return s.finish(context.Cause(s.ctx), nil, nil)
		}
	}, []interceptors.ClientOption{interceptors.WithRetryPolicy(fast(t))})
	sendAll(t, stream, "a")
	_, err := receive(stream)
	assertOnly(t, status.PermissionDenied, err)
	assert.Equal(t, 2, apiError(t, err).Attempts())
	assert.Same(t, io.EOF, stream.SendMsg(wrapperspb.String("b")))
}
