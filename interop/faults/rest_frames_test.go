package faults_test

import (
	"fmt"
	"math"
	"testing"

	"golang.org/x/net/http2"

	"github.com/errwire/errwire/status"
)

// The server's frames of a call over HTTP/2: settings, the acknowledgement of the
// client's, header, data, and what it says of its window.
const restFrames = 5

func TestRESTFrames(t *testing.T) { //nolint:paralleltest // one crowd at a time
	var trials []restTrial
	for k := 1; k <= restFrames; k++ {
		for code := range resets {
			name := fmt.Sprintf("RST_STREAM(%v) before frame %d", code, k)
			trials = append(trials, restTrial{
				fault: name, version: 2, lie: code == http2.ErrCodeRefusedStream || code == http2.ErrCodeProtocol, // by golang/go#47635
				script: script{toClient, 0, inject(k, func(f *http2.Framer) error { return f.WriteRSTStream(1, code) })},
			})
			restAllowed[name] = []status.Code{status.Unavailable}
		}
		for _, last := range []uint32{0, 1, math.MaxInt32} {
			for _, code := range []http2.ErrCode{http2.ErrCodeNo, http2.ErrCodeEnhanceYourCalm, http2.ErrCodeInternal} {
				name := fmt.Sprintf("GOAWAY(%d, %v) before frame %d", last, code, k)
				trials = append(trials, restTrial{
					fault: name, version: 2, lie: last == 0,
					script: script{toClient, 0, inject(k, func(f *http2.Framer) error { return f.WriteGoAway(last, code, []byte("drain")) })},
				})
				restAllowed[name] = []status.Code{status.Unavailable}
			}
		}
	}
	attemptREST(t, trials)
}
