package interceptors_test

import (
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/errwire/errwire/interceptors"
	"github.com/errwire/errwire/status"
)

// A stream of one answer that gets several: grpc-go says so and leaves the stream
// open, so that header, trailer and peer are not known yet, and are written when
// the attempt is given up (which the race detector sees).
func TestStreamWithMoreThanOneAnswer(t *testing.T) {
	t.Parallel()
	for answers := 2; answers <= 6; answers++ {
		for _, goesOn := range []bool{false, true} {
			t.Run(strconv.Itoa(answers)+" answers, and goes on: "+strconv.FormatBool(goesOn), func(t *testing.T) {
				t.Parallel()
				server := startTalk(t, func(_ int, s talk) error {
					if _, err := s.readAll(); err != nil {
						return err
					}
					if err := s.SendHeader(metadata.Pairs("k", "v")); err != nil {
						return err
					}
					for range answers {
						if err := s.say("again"); err != nil {
							return err
						}
					}
					if goesOn {
						<-s.Context().Done()
					}
					return nil
				})
				var p peer.Peer
				stream := openStream(t.Context(), t, retryingConn(t, server.addr), &grpc.StreamDesc{ClientStreams: true},
					grpc.Peer(&p), interceptors.Idempotent())
				sendAll(t, stream, "one")
				err := stream.RecvMsg(&wrapperspb.StringValue{})
				require.ErrorContains(t, err, "cardinality violation: expected <EOF>")
				assertOnly(t, status.Internal, err)
				assert.Equal(t, status.OriginLocal, status.FromError(err).Origin())
				header, _ := stream.Header()
				assert.Equal(t, []string{"v"}, header["k"])
				assert.NotNil(t, p.Addr)
				assert.EqualValues(t, 1, server.streams.Load())
			})
		}
	}
}
