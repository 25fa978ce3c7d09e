package interceptors_test

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/errwire/errwire/interceptors"
	"github.com/errwire/errwire/retry"
	"github.com/errwire/errwire/status"
)

// Whatever the caller's goroutines do at the same time, and wherever streams and
// connections break meanwhile: what is received is a beginning of the answer,
// without a gap and without a repeat, and all of it if the stream ends well.
//
//nolint:paralleltest // it counts the goroutines that are left
func TestStreamOfManyGoroutines(t *testing.T) {
	const workers, streamsEach = 8, 60
	before := streamGoroutines()
	server := startTalk(t, echoOrFail)
	front := startFront(t, server.addr)
	// The budget would end the retries of an outage that this one is.
	policy := fast(t, retry.WithMaxAttempts(100))
	dial := interceptors.DialOptions(interceptors.WithRetryPolicy(policy), interceptors.WithIdempotent(),
		interceptors.WithStreamBuffer(4<<10))
	atOnce := backoff.Config{BaseDelay: time.Millisecond, Multiplier: 1, MaxDelay: time.Millisecond}
	conn := plainConn(t, front.addr, append(dial, grpc.WithConnectParams(
		grpc.ConnectParams{Backoff: atOnce, MinConnectTimeout: eventually}))...)
	var cuts atomic.Int32
	var all sync.WaitGroup
	for worker := range uint64(workers) {
		all.Go(func() {
			for n := range uint64(streamsEach) {
				h := &hammer{T: t, conn: conn, seed: worker<<32 | n, random: rand.New(rand.NewPCG(worker, n))}
				h.run()
				if h.random.IntN(20) == 0 {
					cuts.Add(1)
					front.cut()
				}
			}
		})
	}
	all.Wait()
	t.Log(server.streams.Load(), "streams seen by the server,", cuts.Load(), "cuts")
	assert.Greater(t, server.streams.Load(), int32(workers*streamsEach), "nothing was retried")
	require.NoError(t, conn.Close())
	assertNoStreams(t, before)
}

// echoOrFail says what it reads, and fails now and then: as the client's seed
// says, so that a failure can be found again.
func echoOrFail(_ int, s talk) error {
	md, _ := metadata.FromIncomingContext(s.Context())
	var seed uint64
	_, _ = fmt.Sscan(md.Get("seed")[0], &seed)
	attempt := uint64(len(strings.Join(md.Get("grpc-previous-rpc-attempts"), "")))
	random := rand.New(rand.NewPCG(seed, attempt+rand.Uint64N(4)))
	dies := -1
	if random.IntN(2) == 0 {
		dies = random.IntN(20)
	}
	switch random.IntN(4) {
	case 0:
		if err := s.SendHeader(metadata.Pairs("k", "v")); err != nil {
			return err
		}
	case 1: // it reads before it speaks
		for range dies {
			if _, err := s.read(); err != nil {
				return errDown
			}
		}
		if dies >= 0 {
			return errDown
		}
	}
	for n := 0; ; n++ {
		if n == dies {
			return errDown
		}
		text, err := s.read()
		if err != nil {
			return withoutEOF(err)
		}
		if err := s.say(text); err != nil {
			return err
		}
	}
}

// A hammer uses one stream from many goroutines.
type hammer struct {
	*testing.T
	conn   *grpc.ClientConn
	seed   uint64
	random *rand.Rand // of the goroutine that runs it
}

func (h *hammer) run() {
	ctx, cancel := context.WithCancel(metadata.AppendToOutgoingContext(h.Context(), "seed", fmt.Sprint(h.seed)))
	defer cancel()
	var finished atomic.Int32
	stream, err := h.conn.NewStream(ctx, bothStream, "/hammer.Hammer/Echo", grpc.OnFinish(func(error) { finished.Add(1) }))
	if err != nil {
		assertOnly(h.T, status.Unavailable, err) // the connection was cut
		assert.EqualValues(h, 1, finished.Load())
		return
	}
	sends, size := h.random.IntN(30), h.random.IntN(400)
	cancelAt, asksHeader := h.random.IntN(200), h.random.IntN(3) == 0

	var users sync.WaitGroup
	done := make(chan struct{})
	sent := 0
	users.Go(func() {
		defer func() { _ = stream.CloseSend() }()
		for ; sent < sends; sent++ {
			m := wrapperspb.String(message(sent, size))
			if err := stream.SendMsg(m); err != nil {
				assert.Same(h, io.EOF, err)
				return
			}
			m.Value = "the caller's again"
		}
	})
	for range 2 {
		random := rand.New(rand.NewPCG(h.seed, h.random.Uint64()))
		users.Go(func() {
			for range 50 {
				select {
				case <-done:
					return
				case <-time.After(time.Duration(random.IntN(200)) * time.Microsecond):
				}
				_ = stream.Trailer()
				_ = stream.Context().Err()
				_ = stream.Context().Value(h)
				if asksHeader {
					_, err := stream.Header()
					assert.NoError(h, err)
				}
			}
		})
	}
	received, cancelled := 0, false
	for {
		var text string
		if text, err = receive(stream); err != nil {
			break
		}
		if !assert.Equal(h, message(received, size), text, "seed %d", h.seed) {
			break
		}
		if received++; received == cancelAt {
			cancelled = true
			cancel()
		}
	}
	close(done)
	users.Wait()
	switch {
	case err == io.EOF && cancelled:
		// SendMsg said that it was over, and CloseSend reached the server before that.
	case err == io.EOF:
		assert.Equal(h, sends, received, "seed %d, %d sent", h.seed, sent)
	case cancelled && status.IsCancelled(err):
		assert.ErrorIs(h, err, context.Canceled)
	default:
		assertOnly(h.T, status.Unavailable, err)
	}
	assert.LessOrEqual(h, received, sends)
	cancel()
	assert.Eventually(h, func() bool { return finished.Load() == 1 }, eventually, tick, "seed %d", h.seed)
}

func message(n, size int) string { return fmt.Sprint(n, strings.Repeat(".", size)) }
