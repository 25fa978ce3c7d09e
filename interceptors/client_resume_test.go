package interceptors_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/errwire/errwire/interceptors"
)

// A stream of the alphabet that breaks after every fifth letter goes on after
// the last one that was delivered.
func TestResumeGoesOnWithoutGapOrRepeat(t *testing.T) {
	t.Parallel()
	server := startTalk(t, func(_ int, s talk) error {
		after, err := s.read()
		if err != nil {
			return err
		}
		letters := "abcdefghijklmnopqrstuvwxyz"
		rest := letters[strings.Index(letters, after)+len(after):]
		for i := range rest {
			if err := s.say(rest[i : i+1]); err != nil {
				return err
			}
			if rest[i]%5 == 0 {
				return errDown
			}
		}
		return nil
	})
	stream := openStream(t.Context(), t, retryingConn(t, server.addr), serverStream,
		interceptors.Resume(interceptors.ResumeAfter(
			func(_, last *wrapperspb.StringValue) *wrapperspb.StringValue { return last })))
	sendAll(t, stream, "")
	got, err := receiveAll(stream)
	require.NoError(t, err)
	assert.Equal(t, "abcdefghijklmnopqrstuvwxyz", strings.Join(got, ""))
}
