package interceptors_test

import (
	"io"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/dynamicpb"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/errwire/errwire/interceptors"
	"github.com/errwire/errwire/retry"
	"github.com/errwire/errwire/status"
)

type (
	texts = wrapperspb.StringValue
	ints  = wrapperspb.Int64Value
	// embedded is a message by what it embeds.
	embedded struct{ *texts }
)

func always(next proto.Message) interceptors.ResumeFunc {
	return func(_, _ proto.Message) proto.Message { return next }
}

// A ResumeFunc that cannot say how to go on leaves the stream with its error, as
// if there were none.
func TestResumeFuncCannotGoOn(t *testing.T) {
	t.Parallel()
	for name, hook := range map[string]interceptors.ResumeFunc{
		"none":                     nil,
		"nil":                      always(nil),
		"typed nil":                always((*texts)(nil)),
		"another message":          always(wrapperspb.Int64(1)),
		"embeds nil":               always(embedded{}),
		"ResumeAfter(nil)":         interceptors.ResumeAfter[*texts, *texts](nil),
		"ResumeAfter, typed nil":   interceptors.ResumeAfter(func(_, _ *texts) *texts { return nil }),
		"ResumeAfter, the request": interceptors.ResumeAfter(func(r *ints, _ *texts) *ints { return wrapperspb.Int64(r.Value) }),
		"ResumeAfter, the message": interceptors.ResumeAfter(func(_ *texts, l *ints) *texts { return wrapperspb.String(string(rune(l.Value))) }),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var told diary
			var finished []error
			n := &novel{chapters: []chapter{{[]string{"a", "b"}, errDown}}}
			policy := interceptors.WithRetryPolicy(fast(t, told.observer()))
			stream := n.open(t.Context(), t, []interceptors.ClientOption{policy}, interceptors.Resume(hook),
				grpc.OnFinish(func(err error) { finished = append(finished, err) }))
			got, err := receiveAll(stream)
			assert.Equal(t, []string{"a", "b"}, got)
			assertOnly(t, status.Unavailable, err)
			assert.Equal(t, 1, apiError(t, err).Attempts())
			assert.Equal(t, "already_delivered", whyStopped(t, err))
			assert.Equal(t, []retry.Decision{retry.DecisionDoneCommitted}, told.decisions())
			assert.Equal(t, []error{err}, finished)
			assert.Equal(t, []string{"q"}, n.requests)
		})
	}
}

// What counts is what the messages are, not the Go types that hold them.
func TestResumeFuncOfOtherGoTypes(t *testing.T) {
	t.Parallel()
	descriptor := (&texts{}).ProtoReflect().Descriptor()
	for name, next := range map[string]func(string) proto.Message{
		"embedded": func(text string) proto.Message { return embedded{wrapperspb.String(text)} },
		"dynamic": func(text string) proto.Message {
			m := dynamicpb.NewMessage(descriptor)
			m.Set(descriptor.Fields().ByName("value"), wrapperspb.String(text).ProtoReflect().Get(descriptor.Fields().ByName("value")))
			return m
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := &phoenix{perLife: 3, upTo: 6}
			p.rise(t, newListener(t))
			hook := func(_, last proto.Message) proto.Message { return next(last.(*texts).GetValue()) }
			stream := openStream(t.Context(), t, reconnecting(t, p.addr), serverStream, interceptors.Resume(hook))
			sendAll(t, stream, "0")
			got := readTo(t, stream, 3)
			p.restart(t, stopped)
			rest, err := receiveAll(stream)
			require.NoError(t, err)
			assert.Equal(t, numbers(6), append(got, rest...))
		})
	}
}

// Nobody's later changes reach what the stream goes on by: the caller's own
// messages, and the arguments and results of the ResumeFunc, are theirs.
func TestResumeKeepsCopies(t *testing.T) {
	t.Parallel()
	n := &novel{chapters: []chapter{{[]string{"a", "b"}, errDown}, {[]string{"c"}, errDown}, {nil, errDown}, {nil, nil}}}
	var asked []string
	var known []*texts
	spoil := func() {
		for _, m := range known {
			m.Value = "spoilt"
		}
	}
	hook := interceptors.ResumeAfter(func(req, last *texts) *texts {
		spoil()
		asked = append(asked, req.GetValue()+" "+last.GetValue())
		next := wrapperspb.String("after " + last.GetValue())
		known = append(known, req, last, next)
		return next
	})
	stream := stubbed(t.Context(), t, serverStream, n.prepare,
		[]interceptors.ClientOption{interceptors.WithRetryPolicy(fast(t))}, interceptors.Resume(hook))
	req, m := wrapperspb.String("q"), &texts{}
	known = append(known, req, m)
	require.NoError(t, stream.SendMsg(req))
	require.NoError(t, stream.CloseSend())
	var got []string
	err := stream.RecvMsg(m)
	for ; err == nil; err = stream.RecvMsg(m) {
		got = append(got, m.GetValue())
		spoil()
	}
	assert.Same(t, io.EOF, err)
	assert.Equal(t, []string{"a", "b", "c"}, got)
	assert.Equal(t, []string{"q b", "after b c"}, asked)
	assert.Equal(t, []string{"q", "after b", "after c", "after c"}, n.requests)
}

// What an attempt that failed has left in the caller's message is not mixed with
// what follows.
func TestResumeResetsTheMessage(t *testing.T) {
	t.Parallel()
	stream := stubbed(t.Context(), t, serverStream, func(s *stub) {
		n := 0
		s.recv = func(m any) error {
			switch n++; {
			case n == 1 && s.number == 1:
				put(m, "a")
				return nil
			case n == 1:
				return nil // an empty message
			case s.number == 1: // an inner interceptor takes offence at a message
				put(m, "half")
				return s.finish(errDown, answering, answering)
			default:
				return s.finish(io.EOF, answering, answering)
			}
		}
	}, []interceptors.ClientOption{interceptors.WithRetryPolicy(fast(t))}, interceptors.Resume(afterLast))
	sendAll(t, stream, "q")
	got, err := receiveAll(stream)
	require.NoError(t, err)
	assert.Equal(t, []string{"a", ""}, got)
}

// A stream does not go on from what is no proto message, nor after it: not from an
// earlier one either.
func TestResumeOfOtherMessages(t *testing.T) {
	t.Parallel()
	plain := "no proto message"
	for _, test := range []struct {
		name     string
		request  any
		messages []any
	}{
		{"request", &plain, []any{&texts{}, &texts{}}},
		{"message", &texts{}, []any{&plain, &plain}},
		{"later message", &texts{}, []any{&texts{}, &plain}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			attempts := 0
			stream := stubbed(t.Context(), t, serverStream, func(s *stub) {
				attempts++
				n := 0
				s.recv = func(any) error {
					if n++; n <= len(test.messages) {
						return nil
					}
					return s.finish(errDown, answering, answering)
				}
			}, []interceptors.ClientOption{interceptors.WithRetryPolicy(fast(t))},
				interceptors.Resume(func(_, _ proto.Message) proto.Message { return &texts{} }))
			require.NoError(t, stream.SendMsg(test.request))
			require.NoError(t, stream.CloseSend())
			for _, m := range test.messages {
				require.NoError(t, stream.RecvMsg(m))
			}
			_, err := receive(stream)
			assertOnly(t, status.Unavailable, err)
			assert.Equal(t, "already_delivered", whyStopped(t, err))
			assert.Equal(t, 1, attempts)
		})
	}
}

// A ResumeFunc that does not return ends the stream: whoever waits is told, and
// nothing is left.
//
//nolint:paralleltest // it counts the goroutines that are left
func TestResumeFuncThatDoesNotReturn(t *testing.T) {
	for name, leave := range map[string]func(){
		"panic":  func() { panic(errGone) },
		"Goexit": runtime.Goexit,
	} {
		t.Run(name, func(t *testing.T) {
			before := streamGoroutines()
			server := startTalk(t, func(_ int, s talk) error { _ = s.say("a"); return errDown })
			conn := retryingConn(t, server.addr)
			var finished []error
			var stream grpc.ClientStream
			hook := func(_, _ proto.Message) proto.Message {
				header, err := stream.Header()
				assert.NoError(t, err)
				assert.NotEmpty(t, header, "it may ask the stream that broke")
				leave()
				return nil
			}
			stream = openStream(t.Context(), t, conn, serverStream, interceptors.Resume(hook),
				grpc.OnFinish(func(err error) { finished = append(finished, err) }))
			sendAll(t, stream, "q")
			readTo(t, stream, 1)
			recovered := make(chan any)
			go func() {
				defer func() { recovered <- recover() }()
				_, _ = receive(stream)
			}()
			if name == "panic" {
				assert.Equal(t, errGone, <-recovered)
			} else {
				assert.Nil(t, <-recovered)
			}
			_, err := receive(stream)
			assertOnly(t, status.Unavailable, err)
			assert.Equal(t, "already_delivered", whyStopped(t, err))
			assert.Equal(t, []error{err}, finished)
			_, err = stream.Header()
			require.NoError(t, err)
			require.Error(t, stream.Context().Err())
			assert.EqualValues(t, 1, server.streams.Load())
			require.NoError(t, conn.Close())
			assertNoStreams(t, before)
		})
	}
}
