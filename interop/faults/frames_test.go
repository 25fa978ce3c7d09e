package faults_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"testing"

	"golang.org/x/net/http2"

	"github.com/errwire/errwire/status"
)

// inject has a frame come before frame number k of the server's.
func inject(k int, write func(*http2.Framer) error) act {
	return func(c *crossing, next byte) ([]byte, bool) {
		source := io.MultiReader(bytes.NewReader([]byte{next}), c.source)
		for range k {
			var head [9]byte
			if _, err := io.ReadFull(source, head[:]); err != nil {
				return nil, false
			}
			length := int64(binary.BigEndian.Uint32(append([]byte{0}, head[:3]...)))
			if _, err := io.Copy(c.sink, io.MultiReader(bytes.NewReader(head[:]), io.LimitReader(source, length))); err != nil {
				return nil, false
			}
		}
		if write(http2.NewFramer(c.sink, nil)) == nil {
			_, _ = io.Copy(c.sink, source)
		}
		return nil, false
	}
}

// resets are the codes of gRPC's HTTP/2 mapping for RST_STREAM.
var resets = map[http2.ErrCode]status.Code{
	http2.ErrCodeNo:                 status.Internal,
	http2.ErrCodeProtocol:           status.Internal,
	http2.ErrCodeInternal:           status.Internal,
	http2.ErrCodeFlowControl:        status.ResourceExhausted, // grpc-go's; the mapping says INTERNAL
	http2.ErrCodeSettingsTimeout:    status.Internal,
	http2.ErrCodeFrameSize:          status.Internal,
	http2.ErrCodeRefusedStream:      status.Unavailable,
	http2.ErrCodeCancel:             status.Cancelled,
	http2.ErrCodeCompression:        status.Internal,
	http2.ErrCodeConnect:            status.Internal,
	http2.ErrCodeEnhanceYourCalm:    status.ResourceExhausted,
	http2.ErrCodeInadequateSecurity: status.PermissionDenied,
	http2.ErrCodeHTTP11Required:     status.Internal,
}

func TestFrames(t *testing.T) { //nolint:paralleltest // one crowd at a time
	var trials []trial
	for k := 1; k <= 7; k++ {
		for code, becomes := range resets {
			name := fmt.Sprintf("RST_STREAM(%v) before frame %d", code, k)
			trials = append(trials, trial{
				fault: name, lie: code == http2.ErrCodeRefusedStream,
				script: script{toClient, 0, inject(k, func(f *http2.Framer) error { return f.WriteRSTStream(1, code) })},
			})
			allowed[name] = []status.Code{becomes}
		}
		for _, last := range []uint32{0, 1, math.MaxInt32} {
			for _, code := range []http2.ErrCode{http2.ErrCodeNo, http2.ErrCodeEnhanceYourCalm, http2.ErrCodeInternal} {
				name := fmt.Sprintf("GOAWAY(%d, %v) before frame %d", last, code, k)
				trials = append(trials, trial{
					fault: name, lie: last == 0,
					script: script{toClient, 0, inject(k, func(f *http2.Framer) error { return f.WriteGoAway(last, code, []byte("drain")) })},
				})
				allowed[name] = []status.Code{status.Unavailable}
			}
		}
	}
	attempt(t, trials)
}
