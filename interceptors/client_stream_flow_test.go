package interceptors_test

import (
	"context"
	"errors"
	"io"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/encoding"
	"google.golang.org/grpc/mem"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/errwire/errwire/interceptors"
	"github.com/errwire/errwire/status"
)

// fat is a codec that makes messages much larger on the wire than they are for
// protobuf, as JSON does.
type fat struct{ encoding.CodecV2 }

const fatness = 4 << 10

func newFat() fat { return fat{encoding.GetCodecV2("proto")} }

func (fat) Name() string { return "fat" }

func (f fat) Marshal(v any) (mem.BufferSlice, error) {
	data, err := f.CodecV2.Marshal(v)
	return append(data, mem.SliceBuffer(make([]byte, fatness))), err
}

func (f fat) Unmarshal(data mem.BufferSlice, v any) error {
	all := data.Materialize()
	return f.CodecV2.Unmarshal(mem.BufferSlice{mem.SliceBuffer(all[:len(all)-fatness])}, v)
}

// smallWindows are the least that a server takes without reading, which by default
// grows with what it has read.
var smallWindows = []grpc.ServerOption{grpc.InitialWindowSize(64 << 10), grpc.InitialConnWindowSize(64 << 10)}

// A sender and a receiver need not wait for one another, however much there is to
// send, or to send again, and whoever reads first: the server here reads no more
// than it can say.
func TestStreamReplayRespectsFlowControl(t *testing.T) {
	t.Parallel()
	const messages = 1000 // 4 MB on the wire, 10 KB for the replay buffer
	server := startTalk(t, func(stream int, s talk) error {
		if stream < 3 {
			_, _ = s.readAll()
			return errDown
		}
		for {
			text, err := s.read()
			if err != nil {
				return withoutEOF(err)
			}
			if err := s.say(text); err != nil {
				return err
			}
		}
	}, append(smallWindows, grpc.ForceServerCodecV2(newFat()))...)
	stream := openStream(t.Context(), t, retryingConn(t, server.addr), bothStream, grpc.ForceCodecV2(newFat()))
	sent := make(chan error, 1)
	go func() {
		defer close(sent)
		for n := range messages {
			if err := stream.SendMsg(wrapperspb.String(strconv.Itoa(n))); err != nil {
				sent <- err
				return
			}
		}
		_ = stream.CloseSend()
	}()
	for n := range messages {
		got, err := receive(stream)
		require.NoError(t, err)
		require.Equal(t, strconv.Itoa(n), got)
	}
	_, err := receive(stream)
	assert.Same(t, io.EOF, err)
	require.NoError(t, <-sent)
}

// A message can be received while a SendMsg waits for a server that does not
// read, and the server may wait for just that.
func TestStreamReceivesWhileItSends(t *testing.T) {
	t.Parallel()
	for _, failing := range []int{0, 1} {
		received := make(chan struct{})
		server := startTalk(t, func(stream int, s talk) error {
			if stream <= failing {
				return errDown
			}
			if err := s.say("a"); err != nil {
				return err
			}
			select {
			case <-received:
			case <-s.Context().Done():
				return s.Context().Err()
			}
			_, err := s.readAll()
			return err
		}, grpc.ForceServerCodecV2(newFat()))
		stream := openStream(t.Context(), t, retryingConn(t, server.addr), bothStream, grpc.ForceCodecV2(newFat()))
		sent := make(chan error, 1)
		go func() {
			for range 500 { // 2 MB, more than anybody takes who does not read
				if err := stream.SendMsg(wrapperspb.String("x")); err != nil {
					sent <- err
					return
				}
			}
			sent <- stream.CloseSend()
		}()
		got, err := receive(stream)
		require.NoError(t, err)
		assert.Equal(t, "a", got)
		close(received)
		_, err = receive(stream)
		assert.Same(t, io.EOF, err)
		require.NoError(t, <-sent)
	}
}

// A replay that is larger than what the server takes without reading waits for as
// long as the caller has patience, and holds nobody up who does not send.
//
//nolint:paralleltest // it counts the goroutines that are left
func TestStreamReplayToAServerThatDoesNotRead(t *testing.T) {
	const messages, kilobyte = 500, 1 << 10
	for name, end := range map[string]func(*grpc.ClientConn, context.CancelFunc){
		"context ends":      func(_ *grpc.ClientConn, cancel context.CancelFunc) { cancel() },
		"connection closed": func(conn *grpc.ClientConn, _ context.CancelFunc) { _ = conn.Close() },
	} {
		t.Run(name, func(t *testing.T) {
			before := streamGoroutines()
			second := make(chan struct{})
			server := startTalk(t, func(stream int, s talk) error {
				if stream == 1 {
					for range messages {
						_, _ = s.read()
					}
					return errDown
				}
				close(second)
				<-s.Context().Done()
				return s.Context().Err()
			}, smallWindows...)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			conn := retryingConn(t, server.addr, interceptors.WithStreamBuffer(2*messages*kilobyte))
			finished := make(chan error, 2)
			stream := openStream(ctx, t, conn, bothStream, grpc.OnFinish(func(err error) { finished <- err }))
			text := strings.Repeat("x", kilobyte)
			for range messages {
				require.NoError(t, stream.SendMsg(wrapperspb.String(text)))
			}
			received, sent := make(chan error, 1), make(chan error, 1)
			go func() { _, err := receive(stream); received <- err }()
			<-second
			go func() {
				var err error
				for err == nil {
					err = stream.SendMsg(wrapperspb.String(text))
				}
				sent <- err
			}()
			assert.Nil(t, stream.Trailer())
			require.NoError(t, stream.Context().Err())
			assert.Empty(t, sent, "it waits for the replay")

			end(conn, cancel)
			err := <-received
			assertOnly(t, status.Cancelled, err)
			assert.Equal(t, name == "context ends", errors.Is(err, context.Canceled))
			assert.Equal(t, 2, apiError(t, err).Attempts())
			assert.Same(t, io.EOF, <-sent)
			assert.Same(t, err, <-finished)
			assert.Empty(t, finished)
			assertNoStreams(t, before)
		})
	}
}
