package interceptors_test

import (
	"context"
	"io"
	"net"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"
	grpcstatus "google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/errwire/errwire/interceptors"
	"github.com/errwire/errwire/status"
)

// A talkServer is a real grpc.Server that runs one function for every stream of
// every method. Messages are wrapperspb.StringValue.
type talkServer struct {
	addr    string
	server  *grpc.Server
	streams atomic.Int32
}

// A talkFunc is told which stream it is; the first is 1.
type talkFunc func(stream int, s talk) error

// A talk is the server's side of a stream.
type talk struct{ grpc.ServerStream }

func (s talk) read() (string, error) {
	var m wrapperspb.StringValue
	err := s.RecvMsg(&m)
	return m.GetValue(), err
}

// readAll reads until the client has sent all.
func (s talk) readAll() (all []string, err error) {
	for {
		text, err := s.read()
		if err != nil {
			return all, withoutEOF(err)
		}
		all = append(all, text)
	}
}

func (s talk) say(texts ...string) error {
	for _, text := range texts {
		if err := s.SendMsg(wrapperspb.String(text)); err != nil {
			return err
		}
	}
	return nil
}

func startTalk(tb testing.TB, run talkFunc, opts ...grpc.ServerOption) *talkServer {
	tb.Helper()
	return startTalkOn(tb, newListener(tb), run, opts...)
}

func startTalkOn(tb testing.TB, listener net.Listener, run talkFunc, opts ...grpc.ServerOption) *talkServer {
	tb.Helper()
	t := &talkServer{addr: listener.Addr().String()}
	t.server = grpc.NewServer(append(opts, grpc.UnknownServiceHandler(func(_ any, s grpc.ServerStream) error {
		return run(int(t.streams.Add(1)), talk{s})
	}))...)
	go func() { _ = t.server.Serve(listener) }()
	tb.Cleanup(t.server.Stop)
	return t
}

// openStream opens a stream of that kind.
func openStream(
	ctx context.Context, tb testing.TB, conn *grpc.ClientConn, desc *grpc.StreamDesc, opts ...grpc.CallOption,
) grpc.ClientStream {
	tb.Helper()
	stream, err := conn.NewStream(ctx, desc, "/talk.Talk/Talk", opts...)
	require.NoError(tb, err)
	return stream
}

// sendAll sends texts, and that there are no more.
func sendAll(tb testing.TB, stream grpc.ClientStream, texts ...string) {
	tb.Helper()
	for _, text := range texts {
		require.NoError(tb, stream.SendMsg(wrapperspb.String(text)))
	}
	require.NoError(tb, stream.CloseSend())
}

var errDown = grpcstatus.Error(codes.Unavailable, "down")

// The caller of a server stream sees one attempt: messages, error, header,
// trailer and OnFinish.
func TestStreamOfServerIsRetriedUntilItsFirstMessage(t *testing.T) {
	t.Parallel()
	server := startTalk(t, func(stream int, s talk) error {
		if stream < 3 {
			_ = s.SendHeader(metadata.Pairs("attempt", "early")) // by which gRPC's own retries are off
			return errDown
		}
		_ = s.say("a", "b", "c")
		s.SetTrailer(metadata.Pairs("t", "last"))
		return errDown
	})
	var header, trailer metadata.MD
	var finished []error
	stream := openStream(t.Context(), t, retryingConn(t, server.addr), serverStream,
		grpc.Header(&header), grpc.Trailer(&trailer), grpc.OnFinish(func(err error) { finished = append(finished, err) }))
	sendAll(t, stream, "q")
	got, err := receiveAll(stream)
	assert.Equal(t, []string{"a", "b", "c"}, got, "nothing twice")
	assertOnly(t, status.Unavailable, err)
	assert.Equal(t, "down", err.Error())
	assert.Equal(t, 3, apiError(t, err).Attempts())
	assert.Equal(t, "already_delivered", whyStopped(t, err))
	assert.Equal(t, []error{err}, finished)
	assert.EqualValues(t, 3, server.streams.Load())
	assert.NotContains(t, header, "attempt")
	assert.Equal(t, []string{"last"}, trailer["t"])
	assert.Equal(t, []string{"last"}, stream.Trailer()["t"])
	_, again := receive(stream)
	assert.Same(t, err, again, "it stays as it is")
	_, err = stream.Header()
	require.NoError(t, err)
}

// What was sent is sent again, as it was when it was sent.
func TestStreamReplaysWhatWasSent(t *testing.T) {
	t.Parallel()
	server := startTalk(t, func(stream int, s talk) error {
		if stream < 3 {
			for range stream {
				_, _ = s.read()
			}
			return errDown
		}
		all, err := s.readAll()
		_ = s.say(all...)
		return err
	})
	stream := openStream(t.Context(), t, retryingConn(t, server.addr), bothStream)
	m := &wrapperspb.StringValue{}
	for _, text := range []string{"a", "b", "c", "d"} {
		m.Value = text
		require.NoError(t, stream.SendMsg(m))
		m.Value = "changed after it was sent"
	}
	require.NoError(t, stream.CloseSend())
	got, err := receiveAll(stream)
	require.NoError(t, err)
	assert.Equal(t, []string{"a", "b", "c", "d"}, got)
}

// A caller that only sends, and is not told that the stream was over.
func TestStreamOfClientIsRetriedWhileItSends(t *testing.T) {
	t.Parallel()
	const messages = 1000
	server := startTalk(t, func(stream int, s talk) error {
		if stream < 3 {
			return errDown
		}
		all, err := s.readAll()
		if err == nil && assert.Len(t, all, messages) {
			return s.say("all")
		}
		return err
	})
	stream := openStream(t.Context(), t, retryingConn(t, server.addr), clientStream)
	for range messages {
		require.NoError(t, stream.SendMsg(wrapperspb.String("x")))
	}
	require.NoError(t, stream.CloseSend())
	got, err := receive(stream)
	require.NoError(t, err)
	assert.Equal(t, "all", got)
	_, err = receive(stream)
	assert.Same(t, io.EOF, err)
}

// Header waits for that of the attempt that answers, and commits to it.
func TestStreamHeaderCommits(t *testing.T) {
	t.Parallel()
	server := startTalk(t, func(stream int, s talk) error {
		if stream == 3 {
			_ = s.SendHeader(metadata.Pairs("attempt", "third"))
			_, _ = s.readAll()
		}
		return errDown
	})
	stream := openStream(t.Context(), t, retryingConn(t, server.addr), bothStream)
	header, err := stream.Header()
	require.NoError(t, err)
	assert.Equal(t, []string{"third"}, header["attempt"])
	require.NoError(t, stream.CloseSend())
	_, err = receive(stream)
	assertOnly(t, status.Unavailable, err)
	assert.Equal(t, 3, apiError(t, err).Attempts())
	again, err := stream.Header()
	require.NoError(t, err)
	assert.Equal(t, header, again)
}

// After a failure Header is that of the answer, as without us, and nil without
// one.
func TestStreamHeaderOfAFailure(t *testing.T) {
	t.Parallel()
	for _, early := range []bool{false, true} {
		server := startTalk(t, func(_ int, s talk) error {
			if early {
				_ = s.SendHeader(metadata.Pairs("k", "v"))
			}
			return errGone
		})
		stream := openStream(t.Context(), t, retryingConn(t, server.addr), serverStream)
		_, err := receive(stream)
		assertOnly(t, status.NotFound, err)
		header, err := stream.Header()
		require.NoError(t, err)
		assert.Equal(t, early, header != nil)
		assert.Equal(t, early, len(header["k"]) == 1)
	}
}

// Context ends with the stream, and has the values of the caller's and of the
// attempt that the stream has committed to.
func TestStreamContext(t *testing.T) {
	t.Parallel()
	type key struct{}
	server := startTalk(t, func(stream int, s talk) error {
		if stream < 2 {
			return errDown
		}
		return s.say("a")
	})
	ctx := context.WithValue(t.Context(), key{}, "caller's")
	stream := openStream(ctx, t, retryingConn(t, server.addr), serverStream)
	of := stream.Context()
	assert.Equal(t, "caller's", of.Value(key{}))
	assert.Nil(t, peerOf(of), "that would bind the stream to its first attempt")
	_, err := receive(stream)
	require.NoError(t, err)
	assert.NotNil(t, peerOf(of))
	assert.Equal(t, "caller's", of.Value(key{}))
	require.NoError(t, of.Err())
	_, err = receive(stream)
	assert.Same(t, io.EOF, err)
	assert.ErrorIs(t, of.Err(), context.Canceled)
}

func peerOf(ctx context.Context) any {
	if p, ok := peer.FromContext(ctx); ok {
		return p
	}
	return nil
}

// Every error is of the kit's type, or, without translation, gRPC's own.
func TestStreamWithoutTranslation(t *testing.T) {
	t.Parallel()
	server := startTalk(t, func(stream int, s talk) error {
		if stream < 3 {
			return errDown
		}
		_ = s.say("a")
		return errGone
	})
	stream := openStream(t.Context(), t, retryingConn(t, server.addr, interceptors.WithoutTranslation()), serverStream)
	_, err := receive(stream)
	require.NoError(t, err)
	_, err = receive(stream)
	assert.Equal(t, errGone.Error(), err.Error())
	assert.NotErrorAs(t, err, new(*status.Error))
}
