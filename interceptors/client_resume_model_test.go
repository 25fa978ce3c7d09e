package interceptors_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strconv"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"

	"github.com/errwire/errwire/interceptors"
	"github.com/errwire/errwire/retry"
	"github.com/errwire/errwire/status"
)

// A wreck is a way for a stream to break, and the code that it comes to.
type wreck struct {
	step
	code         status.Code
	afterMessage bool // before that, gRPC tries again by itself
}

var wrecks = []wreck{
	{step: endWith(14, "down"), code: status.Unavailable},
	{step: endWith(14, "still down"), code: status.Unavailable},
	{step: cutConn, code: status.Unavailable},
	{step: cutConn, code: status.Unavailable},
	{step: resetStream(refusedStream), code: status.Unavailable, afterMessage: true},
	{step: step{"GOAWAY", func(st *scriptStream) bool {
		return goAwayGracefully.do(st) && endWith(14, "draining").do(st)
	}}, code: status.Unavailable},
	{step: endWith(5, "gone"), code: status.NotFound},
	{step: resetStream(2), code: status.Internal},
	{step: resetStream(8), code: status.Cancelled},
}

// A passage is what the server did on one stream.
type passage struct {
	from, to int // it said the numbers after from, up to to
	wreck    string
	code     status.Code // OK for a good end
}

// A voyage is a stream of numbers by a server that breaks wherever its seed says.
type voyage struct {
	seed uint64
	upTo int

	mu       sync.Mutex
	passages []passage
}

// sail is the one step of a script: it reads from which number to go on.
func (v *voyage) sail(stream int) step {
	return step{"sail", func(st *scriptStream) bool {
		var request string
		select {
		case request = <-st.in:
		case <-st.gone:
			return false
		}
		from, err := strconv.Atoi(request)
		if err != nil {
			panic(err)
		}
		random := rand.New(rand.NewPCG(v.seed, uint64(stream)))
		said := min(random.IntN(5), v.upTo-from)
		if random.IntN(3) == 0 {
			said = 0 // as an outage would have it
		}
		end := wreck{step: endWith(0, ""), code: status.OK}
		if said < v.upTo-from || random.IntN(2) == 0 {
			end = wrecks[random.IntN(len(wrecks))]
			if end.afterMessage && said == 0 {
				end = wrecks[0]
			}
		}
		v.mu.Lock()
		v.passages = append(v.passages, passage{from, from + said, end.name, end.code})
		v.mu.Unlock()
		if said > 0 || random.IntN(2) == 0 {
			sendHeader.do(st)
		}
		for n := range said {
			sendMessage(strconv.Itoa(from + n + 1)).do(st)
		}
		return end.do(st)
	}}
}

// check holds what the caller got to what the server did.
func (v *voyage) check(t *testing.T, maxAttempts int, got []string, err error, told *diary) {
	t.Helper()
	v.mu.Lock()
	defer v.mu.Unlock()
	assert.Equal(t, numbers(len(got)), got, "no gap and no repeat")
	reached, sinceMessage := 0, 0
	for i, p := range v.passages {
		require.Equal(t, reached, p.from, "stream %d goes on where the last one ended", i)
		reached = p.to
		if p.to > p.from {
			sinceMessage = 0
		}
		sinceMessage++
		over := p.code != status.Unavailable || sinceMessage == maxAttempts
		require.Equal(t, i == len(v.passages)-1, over, "stream %d of %v", i, v.passages)
	}
	last := v.passages[len(v.passages)-1]
	assert.Len(t, got, reached)
	assertOnly(t, last.code, err)
	failures := len(v.passages)
	if last.code == status.OK {
		failures--
		assert.Len(t, got, v.upTo)
	} else {
		assert.Equal(t, failures, apiError(t, err).Attempts())
	}
	assert.Len(t, told.all(), failures)
}

// Wherever and however a server breaks, as often as it likes: the caller gets all
// numbers, or a beginning of them and the error of the last attempt, and there is
// another attempt exactly as long as the policy has one.
//
//nolint:paralleltest // it counts the goroutines that are left
func TestResumeModel(t *testing.T) {
	const maxAttempts = 3
	before := streamGoroutines()
	seeds := uint64(400)
	if testing.Short() {
		seeds = 60
	}
	resumed, ended := 0, map[status.Code]int{}
	for seed := range seeds {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			random := rand.New(rand.NewPCG(seed, 1<<32))
			v := &voyage{seed: seed, upTo: random.IntN(20)}
			server := startScript(t, func(stream int) []step { return []step{v.sail(stream)} })
			var told diary
			conn := reconnecting(t, server.addr, interceptors.WithRetryPolicy(
				fast(t, retry.WithMaxAttempts(maxAttempts), told.observer())))
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			finished := make(chan error, 10)
			stream := openStream(ctx, t, conn, serverStream, grpc.OnFinish(func(err error) { finished <- err }))
			sendAll(t, stream, "0")
			var asking sync.WaitGroup
			if random.IntN(2) == 0 {
				asking.Go(func() {
					_, err := stream.Header()
					assert.NoError(t, err)
				})
			}
			if cancelAt := random.IntN(60); cancelAt < v.upTo {
				got, err := receiveSome(stream, cancelAt)
				cancel()
				rest, after := receiveAll(stream)
				assert.Equal(t, numbers(len(got)+len(rest)), append(got, rest...))
				if err != nil || after != nil { // it may have ended before
					_ = apiError(t, after)
				}
			} else {
				got, err := receiveAll(stream)
				v.check(t, maxAttempts, got, err, &told)
				asking.Wait() // it may be the one that finishes the stream
				require.Len(t, finished, 1)
				assert.Equal(t, err, <-finished)
				ended[status.CodeOf(err)]++
			}
			v.mu.Lock()
			resumed += max(len(v.passages)-1, 0)
			v.mu.Unlock()
			asking.Wait()
			require.NoError(t, conn.Close())
		})
	}
	t.Log(resumed, "further attempts; ended by", ended)
	assert.Greater(t, resumed, int(seeds), "nothing much broke")
	assert.Len(t, ended, 5, "some end never came: %v", ended)
	assertNoStreams(t, before)
}

// receiveSome receives that many messages, or until the stream ends.
func receiveSome(stream grpc.ClientStream, count int) (all []string, err error) {
	for len(all) < count && err == nil {
		var text string
		if text, err = receive(stream); err == nil {
			all = append(all, text)
		}
	}
	return all, err
}
