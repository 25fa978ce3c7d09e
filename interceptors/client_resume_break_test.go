package interceptors_test

import (
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/errwire/errwire/interceptors"
)

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
