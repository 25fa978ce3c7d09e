package interceptors_test

import (
	"io"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"

	"github.com/errwire/errwire/interceptors"
)

// A ResumeFunc is asked about breaks only, and not about an end of the stream or
// before its first message.
func TestResumeFuncIsNotAsked(t *testing.T) {
	t.Parallel()
	for name, chapters := range map[string][]chapter{
		"good end":                  {{[]string{"a"}, nil}},
		"another code":              {{[]string{"a"}, errGone}},
		"cancelled":                 {{[]string{"a"}, errCancelled}},
		"plain error":               {{[]string{"a"}, io.ErrNoProgress}},
		"before the first message":  {down, {[]string{"a"}, nil}},
		"nothing but breaks":        {down, down, down, down, down},
		"another code, a bit later": {down, {[]string{"a"}, errGone}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := &novel{chapters: chapters}
			stream := n.open(t.Context(), t, nil, interceptors.Resume(func(req, _ proto.Message) proto.Message {
				assert.Fail(t, "asked")
				return req
			}))
			_, _ = receiveAll(stream)
			assert.Len(t, n.requests, len(chapters))
		})
	}
}

// The request that a ResumeFunc is given may still be on its way to a server that
// answered before it had all of it.
func TestResumeOfARequestOnItsWay(t *testing.T) {
	t.Parallel()
	changed, sent := make(chan struct{}), make(chan string, 1)
	asked := 0
	hook := interceptors.ResumeAfter(func(req, _ *texts) *texts {
		if asked++; asked == 1 {
			return &texts{Value: "second"}
		}
		req.Value = "third"
		close(changed)
		return req
	})
	stream := stubbed(t.Context(), t, serverStream, func(s *stub) {
		n := 0
		s.recv = func(any) error {
			switch n++; {
			case s.number == 3:
				return s.finish(io.EOF, answering, answering)
			case n == 1:
				return nil
			default:
				return s.finish(errDown, answering, answering)
			}
		}
		if s.number == 2 {
			s.send = func(m any) error {
				<-changed
				sent <- m.(*texts).GetValue()
				return nil
			}
		}
	}, []interceptors.ClientOption{interceptors.WithRetryPolicy(fast(t))}, interceptors.Resume(hook))
	sendAll(t, stream, "first")
	got, err := receiveAll(stream)
	require.NoError(t, err)
	assert.Len(t, got, 2)
	assert.Equal(t, "second", <-sent)
}

// A request that a replay buffer has no room for is kept all the same.
func TestResumeOfALargeRequest(t *testing.T) {
	t.Parallel()
	n := &novel{chapters: []chapter{down, breaks("a"), {[]string{"b"}, nil}}}
	stream := n.open(t.Context(), t, []interceptors.ClientOption{interceptors.WithStreamBuffer(0)}, interceptors.Resume(appending))
	got, err := receiveAll(stream)
	require.NoError(t, err)
	assert.Equal(t, []string{"a", "b"}, got)
	assert.Equal(t, []string{"q", "q", "qa"}, n.requests)
}
