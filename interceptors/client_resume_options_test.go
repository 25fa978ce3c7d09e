package interceptors_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	"github.com/errwire/errwire/interceptors"
	"github.com/errwire/errwire/retry"
	"github.com/errwire/errwire/status"
)

// tellsItself is a ResumeFunc whose requests bear its name.
func tellsItself(name string) interceptors.ResumeFunc {
	return interceptors.ResumeAfter(func(_, _ *texts) *texts { return &texts{Value: name} })
}

// Whose ResumeFunc is asked: the call's, or else the method's.
func TestResumeOptions(t *testing.T) {
	t.Parallel()
	byMethod := func(f interceptors.ResumeFunc) []interceptors.ClientOption {
		return []interceptors.ClientOption{interceptors.WithResume(func(method string) interceptors.ResumeFunc {
			if method == "/talk.Talk/Talk" {
				return f
			}
			return tellsItself(method)
		})}
	}
	quick := interceptors.WithRetryPolicy(fast(t))
	ours := func(opts ...interceptors.ClientOption) []grpc.DialOption {
		return interceptors.DialOptions(append([]interceptors.ClientOption{quick}, opts...)...)
	}
	bare := func(opts ...interceptors.ClientOption) grpc.DialOption {
		opts = append([]interceptors.ClientOption{quick}, opts...)
		return grpc.WithChainStreamInterceptor(interceptors.StreamClientInterceptor(opts...))
	}
	call, method := tellsItself("call"), tellsItself("method")
	for _, test := range []struct {
		name string
		dial []grpc.DialOption
		call []grpc.CallOption
		want []string // the requests
	}{
		{"none", ours(), nil, []string{"q"}},
		{"Resume", ours(), []grpc.CallOption{interceptors.Resume(call)}, []string{"q", "call", "call"}},
		{"the later Resume", ours(), []grpc.CallOption{interceptors.Resume(method), interceptors.Resume(call)}, []string{"q", "call", "call"}},
		{"WithResume", ours(byMethod(method)...), nil, []string{"q", "method", "method"}},
		{"WithResume, nil", ours(byMethod(nil)...), nil, []string{"q"}},
		{"Resume beats WithResume", ours(byMethod(method)...), []grpc.CallOption{interceptors.Resume(call)}, []string{"q", "call", "call"}},
		{"Resume(nil) beats WithResume", ours(byMethod(method)...), []grpc.CallOption{interceptors.Resume(nil)}, []string{"q"}},
		{"Resume where WithResume has nil", ours(byMethod(nil)...), []grpc.CallOption{interceptors.Resume(call)}, []string{"q", "call", "call"}},
		{"as an option of the channel", append(ours(), grpc.WithDefaultCallOptions(interceptors.Resume(call))), nil, []string{"q", "call", "call"}},
		{"bare", []grpc.DialOption{bare(byMethod(method)...)}, nil, []string{"q", "method", "method"}},
		{"bare, two layers", []grpc.DialOption{bare(byMethod(method)...), bare(byMethod(call)...)}, nil, []string{"q", "method", "method"}},
		{"WithoutRetry", ours(append(byMethod(method), interceptors.WithoutRetry())...), nil, []string{"q"}},
		{
			"WithoutRetry, CallPolicy", ours(append(byMethod(method), interceptors.WithoutRetry())...),
			[]grpc.CallOption{interceptors.CallPolicy(fast(t))}, []string{"q", "method", "method"},
		},
		{"not ours", nil, []grpc.CallOption{interceptors.Resume(call)}, []string{"q"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			requests := make(chan string, 10)
			server := startTalk(t, func(stream int, s talk) error {
				request, _ := s.read()
				requests <- request
				_ = s.say("a")
				if stream < 3 {
					return errDown
				}
				return nil
			})
			// gRPC's own retries, where they are on, must not make it more.
			conn := plainConn(t, server.addr, append(test.dial, nativeRetry)...)
			stream := openStream(t.Context(), t, conn, serverStream, test.call...)
			sendAll(t, stream, "q")
			got, err := receiveAll(stream)
			assert.Len(t, got, len(test.want))
			assert.Equal(t, len(test.want) == 1, status.IsUnavailable(err))
			close(requests)
			var asked []string
			for request := range requests {
				asked = append(asked, request)
			}
			assert.Equal(t, test.want, asked)
		})
	}
}

// gRPC's own retries do not multiply the attempts between a break and the next
// message.
func TestResumeBesideNativeRetry(t *testing.T) {
	t.Parallel()
	policy := interceptors.WithRetryPolicy(fast(t, retry.WithMaxAttempts(3)))
	for name, dial := range map[string][]grpc.DialOption{
		"DialOptions": interceptors.DialOptions(policy),
		"bare":        {grpc.WithChainStreamInterceptor(interceptors.StreamClientInterceptor(policy))},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := startTalk(t, func(stream int, s talk) error {
				_, _ = s.read()
				if stream == 1 {
					_ = s.say("a")
				}
				return errDown
			})
			stream := openStream(t.Context(), t, plainConn(t, server.addr, append(dial, nativeRetry)...), serverStream,
				interceptors.Resume(afterLast))
			sendAll(t, stream, "q")
			got, err := receiveAll(stream)
			assert.Equal(t, []string{"a"}, got)
			assertOnly(t, status.Unavailable, err)
			assert.Equal(t, 3, apiError(t, err).Attempts())
			assert.EqualValues(t, 3, server.streams.Load())
		})
	}
}

// WithoutTranslation leaves the error of the last attempt as it is.
func TestResumeWithoutTranslation(t *testing.T) {
	t.Parallel()
	n := &novel{chapters: []chapter{breaks("a"), breaks("b"), {[]string{"c"}, errGone}}}
	stream := n.open(t.Context(), t, []interceptors.ClientOption{interceptors.WithoutTranslation()}, interceptors.Resume(appending))
	got, err := receiveAll(stream)
	assert.Equal(t, []string{"a", "b", "c"}, got)
	assert.Same(t, errGone, err)
	assert.Equal(t, []string{"q", "qa", "qab"}, n.requests)
}

// WithResume(nil) is told by each call, as a plain error.
func TestResumeBadOption(t *testing.T) {
	t.Parallel()
	conn := retryingConn(t, "127.0.0.1:1", interceptors.WithResume(nil))
	for range 2 {
		_, err := conn.NewStream(t.Context(), serverStream, "/a/b")
		require.ErrorContains(t, err, "interceptors: WithResume(nil): want a function")
		assertOnly(t, status.OK, err)
	}
}

// The function of WithResume is asked for server streams only, and under a
// policy that retries.
func TestResumeIsNotChosen(t *testing.T) {
	t.Parallel()
	asked := 0
	choose := interceptors.WithResume(func(string) interceptors.ResumeFunc {
		asked++
		return func(req, _ proto.Message) proto.Message { return req }
	})
	open := func(desc *grpc.StreamDesc, opts ...grpc.CallOption) int {
		asked = 0
		stubbed(t.Context(), t, desc, func(*stub) {}, []interceptors.ClientOption{choose}, opts...)
		return asked
	}
	assert.Equal(t, 1, open(serverStream))
	assert.Zero(t, open(clientStream))
	assert.Zero(t, open(bothStream))
	assert.Zero(t, open(&grpc.StreamDesc{}))
	assert.Zero(t, open(serverStream, interceptors.NoRetry()))
	assert.Zero(t, open(serverStream, interceptors.Resume(afterLast)))
}
