package interceptors_test

import (
	"context"
	"io"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	grpcstatus "google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/errwire/errwire/interceptors"
	"github.com/errwire/errwire/retry"
	"github.com/errwire/errwire/status"
)

// An inner interceptor may do anything.
func TestStreamOfAStrangeInterceptor(t *testing.T) {
	t.Parallel()
	streamer := func(context.Context, *grpc.StreamDesc, *grpc.ClientConn, string, ...grpc.CallOption) (grpc.ClientStream, error) {
		return nil, nil //nolint:nilnil // that is the point
	}
	open := interceptors.StreamClientInterceptor()
	stream, err := open(t.Context(), serverStream, nil, "/a/b", streamer)
	assert.Nil(t, stream)
	require.Error(t, err)
	_, recognised := status.Recognize(err)
	assert.False(t, recognised)

	var none context.Context
	for _, try := range []func() (grpc.ClientStream, error){
		func() (grpc.ClientStream, error) { return open(none, serverStream, nil, "", streamer) },
		func() (grpc.ClientStream, error) { return open(t.Context(), nil, nil, "", streamer) },
		func() (grpc.ClientStream, error) { return open(t.Context(), serverStream, nil, "", nil) },
	} {
		_, err := try()
		require.Error(t, err)
	}

	_, err = stubbedErr(t.Context(), serverStream, func(*stub) error { return io.ErrNoProgress }, nil)
	assert.Same(t, io.ErrNoProgress, err, "a plain error stays as it is")
}

// grpc-go tells of a success when its own second try at a refused stream breaks
// while it sends again. Then nothing came, and what RecvMsg says next is true.
func TestStreamThatOnlySeemsToSucceed(t *testing.T) {
	t.Parallel()
	refusal := grpcstatus.Error(codes.Unavailable, "stream terminated by RST_STREAM with error code: REFUSED_STREAM")
	for name, attempts := range map[string]int{"one attempt": 1, "two": 2} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var told diary
			stream := stubbed(t.Context(), t, serverStream, func(s *stub) {
				n := 0
				s.recv = func(any) error {
					switch n++; {
					case s.number == 2:
						return s.finish(io.EOF, nil, answering) // a status of success alone
					case n == 1:
						return s.finish(io.EOF, nil, nil)
					default:
						return refusal
					}
				}
			}, []interceptors.ClientOption{interceptors.WithRetryPolicy(fast(t, retry.WithMaxAttempts(attempts), told.observer()))})
			_, err := receive(stream)
			assert.Equal(t, attempts == 2, err == io.EOF)
			assert.Len(t, told.all(), 1)
			assert.ErrorIs(t, told.all()[0].Err, refusal)
		})
	}
}

// What gRPC's own retries end with may hide the status of the last stream.
func TestStreamWhoseStatusIsKeptBack(t *testing.T) {
	t.Parallel()
	stream := stubbed(t.Context(), t, bothStream, func(s *stub) {
		n := 0
		s.recv = func(any) error {
			if n++; n == 1 {
				return errExhausted
			}
			return s.finish(errGone, nil, answering)
		}
	}, []interceptors.ClientOption{interceptors.WithoutRetry()})
	_, err := receive(stream)
	assertOnly(t, status.NotFound, err)
	assert.EqualError(t, err, status.FromError(errGone).Message())
	assert.Equal(t, status.OriginService, apiError(t, err).Origin())
}

// What SendMsg fails with is of this side, and no repeat will mend it, whatever it
// says.
func TestStreamSendIsRefused(t *testing.T) {
	t.Parallel()
	stream := stubbed(t.Context(), t, bothStream, func(s *stub) {
		s.send = func(any) error { return errDown }
	}, []interceptors.ClientOption{interceptors.WithRetryPolicy(fast(t))})
	err := stream.SendMsg(wrapperspb.String("a"))
	assertOnly(t, status.Unavailable, err)
	assert.Equal(t, 1, apiError(t, err).Attempts())
	assert.Equal(t, "stopped", whyStopped(t, err))
	_, again := receive(stream)
	assert.Same(t, err, again)
}

// An inner interceptor's stream that has messages and no header loses none of
// them without a word.
func TestStreamWithoutAHeader(t *testing.T) {
	t.Parallel()
	stream := stubbed(t.Context(), t, serverStream, func(s *stub) {
		s.header = func() (metadata.MD, error) { return nil, nil } //nolint:nilnil // that is the point
		s.recv = func(any) error { return nil }
	}, nil)
	header, err := stream.Header()
	require.NoError(t, err)
	assert.Nil(t, header)
	_, err = receive(stream)
	require.ErrorContains(t, err, "interceptors: ")
	assertOnly(t, status.OK, err)
}
