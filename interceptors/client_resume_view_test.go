package interceptors_test

import (
	"context"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"

	"github.com/errwire/errwire/interceptors"
	"github.com/errwire/errwire/status"
)

// Header, trailer and peer of a resumed stream are those of the attempt under
// way, its context is one to the end, and OnFinish runs once, however it ends.
func TestResumeIsOneStream(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]error{"well": nil, "not found": errGone} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			const lives = 3
			var previous []string
			server := startTalk(t, func(stream int, s talk) error {
				md, _ := metadata.FromIncomingContext(s.Context())
				previous = append(previous, md.Get("grpc-previous-rpc-attempts")...)
				life := strconv.Itoa(stream)
				_ = s.SetHeader(metadata.Pairs("life", life))
				s.SetTrailer(metadata.Pairs("life", life))
				_ = s.say(life)
				if stream == lives {
					return end
				}
				return errDown
			})
			type key struct{}
			var header, trailer metadata.MD
			var from peer.Peer
			var finished []error
			stream := openStream(context.WithValue(t.Context(), key{}, "caller's"), t, retryingConn(t, server.addr), serverStream,
				interceptors.Resume(afterLast), grpc.Header(&header), grpc.Trailer(&trailer), grpc.Peer(&from),
				grpc.OnFinish(func(err error) { finished = append(finished, err) }))
			of := stream.Context()
			sendAll(t, stream, "q")
			for life := range lives {
				want := []string{strconv.Itoa(life + 1)}
				assert.Equal(t, want, readTo(t, stream, 1))
				md, err := stream.Header()
				require.NoError(t, err)
				assert.Equal(t, want, md["life"])
				assert.Nil(t, stream.Trailer())
				require.NoError(t, of.Err())
				assert.Equal(t, "caller's", of.Value(key{}))
				assert.NotNil(t, peerOf(of))
				assert.Empty(t, finished)
				assert.Empty(t, header, "the options speak at the end")
			}
			_, err := receiveAll(stream)
			last := []string{strconv.Itoa(lives)}
			if end == nil {
				require.NoError(t, err)
			} else {
				assertOnly(t, status.NotFound, err)
				assert.Equal(t, lives, apiError(t, err).Attempts())
				assert.Equal(t, status.OriginService, apiError(t, err).Origin())
			}
			assert.Equal(t, []error{err}, finished)
			assert.Equal(t, last, header["life"])
			assert.Equal(t, last, trailer["life"])
			assert.Equal(t, last, stream.Trailer()["life"])
			assert.Equal(t, server.addr, from.Addr.String())
			md, err := stream.Header()
			require.NoError(t, err)
			assert.Equal(t, last, md["life"])
			require.Error(t, of.Err())
			assert.Equal(t, []string{"1", "2"}, previous)
		})
	}
}
