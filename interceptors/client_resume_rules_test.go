package interceptors_test

import (
	"io"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/errwire/errwire/interceptors"
	"github.com/errwire/errwire/retry"
	"github.com/errwire/errwire/status"
)

const again = retry.DecisionRetry

// Which breaks a stream goes on from, what the observer is told, and what the
// server is asked.
func TestResumeRules(t *testing.T) {
	t.Parallel()
	three := retry.WithMaxAttempts(3)
	for _, test := range []struct {
		name     string
		policy   []retry.Option
		call     []grpc.CallOption
		chapters []chapter
		want     status.Code
		events   []retry.Decision
		requests []string
	}{
		{
			"no break", nil, nil, []chapter{{[]string{"a", "b"}, nil}},
			status.OK, nil, []string{"q"},
		},
		{
			"empty", nil, nil, []chapter{{nil, nil}},
			status.OK, nil, []string{"q"},
		},
		{
			"break before the first message", nil, nil, []chapter{down, {[]string{"a"}, nil}},
			status.OK, []retry.Decision{again}, []string{"q", "q"},
		},
		{
			"breaks", nil, nil, []chapter{breaks("a", "b"), breaks("c"), {[]string{"d"}, nil}},
			status.OK, []retry.Decision{again, again}, []string{"q", "qb", "qbc"},
		},
		{
			"break after the last message", nil, nil, []chapter{breaks("a"), {nil, nil}},
			status.OK, []retry.Decision{again}, []string{"q", "qa"},
		},
		{
			"another code", nil, nil, []chapter{{[]string{"a"}, errGone}},
			status.NotFound, []retry.Decision{retry.DecisionDoneCode}, []string{"q"},
		},
		{
			"another code later", nil, nil, []chapter{breaks("a"), {[]string{"b"}, errGone}},
			status.NotFound, []retry.Decision{again, retry.DecisionDoneCode}, []string{"q", "qa"},
		},
		{
			"another code at once", nil, nil, []chapter{breaks("a"), {nil, errGone}},
			status.NotFound, []retry.Decision{again, retry.DecisionDoneCode}, []string{"q", "qa"},
		},
		{
			"the policy's codes", []retry.Option{retry.WithCodes(status.NotFound)}, nil,
			[]chapter{{[]string{"a"}, errGone}, breaks("b")},
			status.Unavailable, []retry.Decision{again, retry.DecisionDoneCode}, []string{"q", "qa"},
		},
		{
			"a plain error", []retry.Option{retry.WithCodes(status.Unknown)}, nil, []chapter{{[]string{"a"}, io.ErrNoProgress}},
			status.OK, []retry.Decision{retry.DecisionDoneStop}, []string{"q"},
		},
		{
			"attempts until the next message", []retry.Option{three}, nil,
			[]chapter{breaks("a"), down, breaks("b"), down, down},
			status.Unavailable, []retry.Decision{again, again, again, again, retry.DecisionDoneAttempts},
			[]string{"q", "qa", "qa", "qab", "qab"},
		},
		{
			"one attempt", []retry.Option{retry.WithMaxAttempts(1)}, nil, []chapter{breaks("a")},
			status.Unavailable, []retry.Decision{retry.DecisionDoneCommitted}, []string{"q"},
		},
		{
			"NoRetry", nil, []grpc.CallOption{interceptors.NoRetry()}, []chapter{breaks("a")},
			status.Unavailable, nil, []string{"q"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var told diary
			n := &novel{chapters: test.chapters}
			policy := interceptors.WithRetryPolicy(fast(t, slices.Concat(test.policy, []retry.Option{told.observer()})...))
			stream := n.open(t.Context(), t, []interceptors.ClientOption{policy},
				append(test.call, interceptors.Resume(appending))...)
			got, err := receiveAll(stream)
			var said []string
			for _, c := range test.chapters {
				said = append(said, c.says...)
			}
			assert.Equal(t, said, got)
			assertOnly(t, test.want, err)
			assert.Equal(t, test.events, told.decisions())
			for i, event := range told.all() {
				assert.Equal(t, i+1, event.Attempt)
				assert.ErrorIs(t, event.Err, test.chapters[i].end)
			}
			if test.want != status.OK {
				assert.Equal(t, len(test.requests), apiError(t, err).Attempts())
			}
			assert.Equal(t, test.requests, n.requests)
		})
	}
}

// The waits are those of a new call after each message, and what a server asks
// for holds: a wait, no more than the policy allows, or no retry.
func TestResumeWaits(t *testing.T) {
	t.Parallel()
	asks := func(wait time.Duration) error { return asking(t, durationpb.New(wait)) }
	for _, test := range []struct {
		name     string
		chapters []chapter
		waits    []int // in seconds
		stopped  string
	}{
		{"backoff", []chapter{breaks("a"), down, breaks("b"), down, {nil, nil}}, []int{1, 2, 1, 2}, ""},
		{"asked to wait", []chapter{{[]string{"a"}, asks(40 * time.Second)}, {nil, nil}}, []int{40}, ""},
		{"asked for too long", []chapter{{[]string{"a"}, asks(time.Hour)}}, nil, retry.DecisionDoneServerDelay.String()},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var told diary
				policy := fast(t, retry.WithBackoff(time.Second, time.Minute), retry.WithMultiplier(2), told.observer())
				n := &novel{chapters: test.chapters}
				stream := n.open(t.Context(), t, []interceptors.ClientOption{interceptors.WithRetryPolicy(policy)},
					interceptors.Resume(appending))
				start := time.Now()
				_, err := receiveAll(stream)
				var total time.Duration
				for i, wait := range test.waits {
					require.Equal(t, again, told.all()[i].Decision)
					assert.InEpsilon(t, time.Duration(wait)*time.Second, told.all()[i].Delay, 0.2001)
					total += told.all()[i].Delay
				}
				assert.Equal(t, total, time.Since(start))
				if test.stopped == "" {
					require.NoError(t, err)
				} else {
					assertOnly(t, status.Unavailable, err)
					assert.Equal(t, test.stopped, whyStopped(t, err))
					assert.Equal(t, 1, apiError(t, err).Attempts())
				}
			})
		})
	}
}

// A server that wants no retry says so in its trailer, after messages too.
func TestResumeIsRefused(t *testing.T) {
	t.Parallel()
	server := startTalk(t, func(_ int, s talk) error {
		s.SetTrailer(metadata.Pairs("grpc-retry-pushback-ms", "-1"))
		_ = s.say("a")
		return errDown
	})
	stream := openStream(t.Context(), t, retryingConn(t, server.addr), serverStream, interceptors.Resume(afterLast))
	sendAll(t, stream, "q")
	got, err := receiveAll(stream)
	assert.Equal(t, []string{"a"}, got)
	assertOnly(t, status.Unavailable, err)
	assert.Equal(t, retry.DecisionDonePushback.String(), whyStopped(t, err))
	assert.EqualValues(t, 1, server.streams.Load())
}

// A timeout for each attempt holds for what follows a break, until it flows.
func TestResumeTimeout(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var told diary
		n := &novel{
			chapters: []chapter{breaks("a"), {nil, errSilent}, {[]string{"b", "c"}, nil}},
			gate:     make(chan struct{}, 5), // up to c
		}
		for range cap(n.gate) {
			n.gate <- struct{}{}
		}
		stream := n.open(t.Context(), t, timed(t, &told), interceptors.Resume(appending))
		readTo(t, stream, 1)
		start := time.Now()
		readTo(t, stream, 1)
		assert.GreaterOrEqual(t, time.Since(start), attemptTimeout)
		time.AfterFunc(time.Hour, func() { close(n.gate) })
		_, err := receiveAll(stream)
		require.NoError(t, err)
		assert.Equal(t, []retry.Decision{again, again}, told.decisions())
		assert.True(t, status.IsDeadlineExceeded(told.all()[1].Err))
		assert.Equal(t, []string{"q", "qa", "qa"}, n.requests)
	})
}

// On other kinds of streams Resume does nothing: they do not go on, and do not
// count as ones that may run twice.
func TestResumeOfOtherKinds(t *testing.T) {
	t.Parallel()
	hook := interceptors.Resume(func(req, _ proto.Message) proto.Message {
		assert.Fail(t, "asked")
		return req
	})
	for name, desc := range map[string]*grpc.StreamDesc{"client stream": clientStream, "both": bothStream, "unary": {}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			lost := stubbed(t.Context(), t, desc, func(s *stub) {
				s.recv = func(any) error { return s.finish(errDown, nil, nil) }
			}, []interceptors.ClientOption{interceptors.WithRetryPolicy(fast(t))}, hook)
			sendAll(t, lost, "q")
			_, err := receive(lost)
			assert.Equal(t, retry.DecisionDoneUnsafe.String(), whyStopped(t, err))
			assert.Equal(t, 1, apiError(t, err).Attempts())
			if !desc.ServerStreams {
				return
			}
			n := &novel{chapters: []chapter{breaks("a")}}
			broken := stubbed(t.Context(), t, desc, n.prepare, []interceptors.ClientOption{interceptors.WithRetryPolicy(fast(t))}, hook)
			sendAll(t, broken, "q")
			got, err := receiveAll(broken)
			assert.Equal(t, []string{"a"}, got)
			assert.Equal(t, "already_delivered", whyStopped(t, err))
		})
	}
}
