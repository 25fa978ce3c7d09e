package interceptors_test

import (
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/errwire/errwire/interceptors"
	"github.com/errwire/errwire/retry"
	"github.com/errwire/errwire/status"
)

// However often a stream commits, it has no more attempts than the policy until
// the next message.
func TestResumeAttemptsEndWithoutAMessage(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const maxAttempts = 3
		n := &novel{chapters: []chapter{down, down, down, down}, gate: make(chan struct{})}
		policy := interceptors.WithRetryPolicy(fast(t, retry.WithMaxAttempts(maxAttempts)))
		stream := n.open(t.Context(), t, []interceptors.ClientOption{policy}, interceptors.Resume(appending))
		over := make(chan error, 1)
		go func() { _, err := receive(stream); over <- err }()
		for range maxAttempts {
			synctest.Wait()
			header, err := stream.Header()
			require.NoError(t, err)
			require.NotNil(t, header)
			n.gate <- struct{}{}
		}
		synctest.Wait()
		require.Len(t, over, 1)
		err := <-over
		assertOnly(t, status.Unavailable, err)
		assert.Equal(t, maxAttempts, apiError(t, err).Attempts())
		assert.Equal(t, "attempts_exhausted", whyStopped(t, err))
	})
}

// A stream that has committed by its header alone goes on as well, whether it was
// being read by then or not. Nothing was delivered since its request was sent:
// that stays as it is, and the ResumeFunc is not asked.
func TestResumeAfterTheHeaderAlone(t *testing.T) {
	t.Parallel()
	for name, reading := range map[string]bool{"nobody reads": false, "somebody reads": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				n := &novel{
					chapters: []chapter{{nil, errDown}, {[]string{"a"}, errDown}, {nil, errDown}, {nil, nil}},
					gate:     make(chan struct{}),
				}
				stream := n.open(t.Context(), t, nil, interceptors.Resume(appending))
				header := func() {
					_, err := stream.Header()
					require.NoError(t, err)
				}
				done := make(chan struct{})
				read := func() {
					got, err := receiveAll(stream)
					assert.NoError(t, err)
					assert.Equal(t, []string{"a"}, got)
					close(done)
				}
				if !reading {
					header()
				}
				go read()
				synctest.Wait()
				if reading {
					header()
				}
				n.gate <- struct{}{}
				n.gate <- struct{}{}
				n.gate <- struct{}{}
				synctest.Wait() // the third attempt is read
				header()
				close(n.gate)
				<-done
				assert.Equal(t, []string{"q", "q", "qa", "qa"}, n.requests)
			})
		})
	}
}
