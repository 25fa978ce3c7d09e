package load_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	pb "google.golang.org/grpc/interop/grpc_testing"

	"github.com/errwire/errwire/status"
)

// heapGrowth is what all further rounds may leave in the heap: 200 bytes kept of
// each call of one round would be more.
const heapGrowth = 2 << 20

// patience is for machines that others use too; no call waits for it.
const patience = 10 * time.Minute

// soak is how long rounds go on; there are two of them at least.
func soak(t *testing.T) time.Duration {
	t.Helper()
	text := os.Getenv("ERRWIRE_SOAK")
	if text == "" {
		return 0
	}
	d, err := time.ParseDuration(text)
	require.NoError(t, err, "ERRWIRE_SOAK")
	return d
}

// TestLoad is a round of calls and one of streams, again and again: no reply is
// lost or comes twice, each error is the one that was injected, the budgets are
// obeyed, and nothing is left in memory.
func TestLoad(t *testing.T) { //nolint:paralleltest // one crowd at a time
	deadline := time.Now().Add(soak(t))
	before := runtime.NumGoroutine()
	var first, last uint64
	for round := 0; round < 2 || time.Now().Before(deadline); round++ {
		t.Run(fmt.Sprintf("round %d", round), func(t *testing.T) {
			f := newFront(t)
			f.callAll(t)
			f.streamAll(t)
		})
		settle(t, before)
		runtime.GC()
		runtime.GC() // what finalizers and pools let go
		var stats runtime.MemStats
		runtime.ReadMemStats(&stats)
		if last = stats.HeapAlloc; round == 0 {
			first = last
		}
	}
	t.Logf("heap: %d KiB after the first round, %d KiB after the last", first>>10, last>>10)
	assert.Less(t, last, first+heapGrowth)
}

// settle waits until there are no more goroutines than before. It polls by itself:
// require.Eventually has a goroutine of its own.
func settle(t *testing.T, before int) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); runtime.NumGoroutine() > before; runtime.Gosched() {
		if time.Now().After(deadline) {
			stacks := make([]byte, 1<<20)
			require.Fail(t, "goroutines left", "%d before, %d now\n%s", before, runtime.NumGoroutine(), stacks[:runtime.Stack(stacks, true)])
		}
	}
}

// crowd runs n at once and waits for all.
func crowd(n int, one func(i int)) {
	var all sync.WaitGroup
	start := make(chan struct{})
	for i := range n {
		all.Go(func() {
			<-start
			one(i)
		})
	}
	close(start)
	all.Wait()
}

func (f *front) callAll(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	client := pb.NewTestServiceClient(f.conn)
	begin := time.Now()
	errs := make([]error, calls)
	var wrong atomic.Int64
	crowd(calls, func(i int) {
		id := fmt.Sprint("call ", i)
		resp, err := client.UnaryCall(ctx, &pb.SimpleRequest{Payload: &pb.Payload{Body: []byte(id)}})
		if errs[i] = err; err == nil && resp.GetUsername() != id {
			wrong.Add(1)
		}
	})
	took := time.Since(begin)
	succeeded := 0
	for i, err := range errs {
		done := f.backend.done[fmt.Sprint("call ", i)]
		if err == nil {
			succeeded++
			assert.Equal(t, 1, done, "call %d", i)
			continue
		}
		assert.Zero(t, done, "call %d", i)
		assert.True(t, status.Equal(injected, err), "call %d: %+v", i, err)
	}
	assert.Zero(t, wrong.Load(), "replies of other calls")
	assert.Greater(t, succeeded, calls*9/10) // 80 % without retries
	f.toREST.obeyed(t, calls)
	t.Logf("%d calls in %v: %d of %d attempts refused, %d + %d retries, %d calls failed", calls, took.Round(time.Millisecond),
		f.backend.refused, f.backend.refused+succeeded, f.toREST.retries.Load(), f.toFront.retries.Load(), calls-succeeded)
}

func (f *front) streamAll(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	client := pb.NewTestServiceClient(f.conn)
	before := f.toFront.retries.Load()
	var open sync.WaitGroup // until every stream has its first answer
	open.Add(streams)
	var whole, broken, refused atomic.Int64
	begin := time.Now()
	crowd(streams, func(i int) {
		id := fmt.Sprint("stream ", i)
		received, err := echo(ctx, client, id, func() {
			open.Done()
			open.Wait()
		})
		switch {
		case err == nil:
			whole.Add(1)
			assert.Equal(t, perCall, received, id)
		case received > 0:
			broken.Add(1)
			assert.Equal(t, perCall/2, received, id)
			assert.True(t, breaks(id), id)
		default:
			refused.Add(1)
		}
		if err != nil {
			assert.True(t, status.Equal(injected, err), "%s: %+v", id, err)
		}
	})
	assert.EqualValues(t, streams, whole.Load()+broken.Load()+refused.Load())
	assert.Equal(t, f.broken.Load(), broken.Load(), "no stream that had begun was begun again")
	for id, done := range f.streams.done {
		assert.Equal(t, 1, done, id)
	}
	assert.Greater(t, whole.Load()+broken.Load(), int64(streams*7/10)) // the calls may have emptied the budget
	f.toFront.obeyed(t, calls+streams)
	t.Logf("%d streams in %v: %d whole, %d broken, %d refused, %d retries", streams, time.Since(begin).Round(time.Millisecond),
		whole.Load(), broken.Load(), refused.Load(), f.toFront.retries.Load()-before)
}

// echo sends perCall messages and counts the answers, which come in order and
// once. first is called when there is one, or there will be none.
func echo(ctx context.Context, client pb.TestServiceClient, id string, first func()) (received int, err error) {
	once := sync.OnceFunc(first)
	defer once()
	stream, err := client.FullDuplexCall(ctx)
	if err != nil {
		return 0, err
	}
	for range perCall {
		if err := stream.Send(&pb.StreamingOutputCallRequest{Payload: &pb.Payload{Body: []byte(id)}}); err != nil {
			break // what is received says why
		}
	}
	if err := stream.CloseSend(); err != nil {
		return 0, err
	}
	for {
		resp, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return received, nil
		}
		if err != nil {
			return received, err
		}
		if want := fmt.Sprintf("%s#%d", id, received); string(resp.GetPayload().GetBody()) != want {
			return received, fmt.Errorf("want %q, got %q", want, resp.GetPayload().GetBody())
		}
		received++
		once()
	}
}
