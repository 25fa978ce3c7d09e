package faults_test

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"google.golang.org/grpc"
	pb "google.golang.org/grpc/interop/grpc_testing"

	"github.com/errwire/errwire/interceptors"
	"github.com/errwire/errwire/status"
)

// survived counts the faults that were met, and closed what was used by the way
// and seen to be given back: connections, attempts and bodies.
var survived, closed atomic.Int64

// forgotten counts calls of which an attempt never ended. Now and then, on a busy
// machine, grpc-go v1.85 forgets one that a GOAWAY made it repeat by itself,
// without errwire too. More than one in a hundred would be errwire's.
var forgotten atomic.Int64

func forgot() bool { return forgotten.Load()*100 > survived.Load() }

// TestMain says how many faults were survived, and that nothing is left of them.
func TestMain(m *testing.M) {
	before := runtime.NumGoroutine()
	code := m.Run()
	if code == 0 && (leaked(before) || forgot()) {
		code = 1
	}
	fmt.Printf("faults survived: %d; connections, attempts and bodies closed: %d; attempts forgotten: %d\n",
		survived.Load(), closed.Load(), forgotten.Load())
	os.Exit(code)
}

func leaked(before int) bool {
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); runtime.Gosched() {
		if runtime.NumGoroutine() <= before {
			return false
		}
	}
	stacks := make([]byte, 1<<20)
	fmt.Printf("goroutines: %d before, %d after\n%s\n", before, runtime.NumGoroutine(), stacks[:runtime.Stack(stacks, true)])
	return true
}

// offsets are bytes of a connection: HTTP/2's preface and settings, the middle of
// the call's frames, and its end.
var offsets = []int{0, 1, 9, 23, 24, 33, 45, 60, 80, 105, 130, 160, 200, 260, 330}

// allowed are the codes that a fault may end a call with; a call that is not hit
// by its fault succeeds.
var allowed = map[string][]status.Code{
	"cut":        {status.Unavailable},
	"reset":      {status.Unavailable},
	"half-close": {status.Unavailable, status.DeadlineExceeded},
	"delay":      {},
	"stall":      {status.DeadlineExceeded},
	"HTML":       {status.Unavailable},
	"corrupt":    nil, // a byte may become any word of the protocol
}

// patience is long where the call is to succeed in the end, and short where it
// can only run into it. No test here asserts that something is quick: only that
// the caller has its answer when its deadline has passed, give or take a slow
// machine.
func patience(fault string) time.Duration {
	switch fault {
	case "stall", "corrupt", "half-close":
		return 300 * time.Millisecond
	default:
		return 20 * time.Second
	}
}

const slack = 20 * time.Second

// crowd runs all at once, but not more than a small machine bears.
func crowd(work []func()) {
	slots := make(chan struct{}, 24)
	var all sync.WaitGroup
	for _, one := range work {
		slots <- struct{}{}
		all.Go(func() {
			defer func() { <-slots }()
			one()
		})
	}
	all.Wait()
}

// A trial is one call of one kind through one fault.
type trial struct {
	fault      string // as allowed knows it
	script     script
	kind       kind
	idempotent bool
	lie        bool // the fault says of a call that ran that it did not
}

func (f trial) String() string {
	return fmt.Sprintf("%s, %s %s, at %d, idempotent %v", f.kind.name, f.fault, f.script.direction, f.script.at, f.idempotent)
}

func TestGRPC(t *testing.T) { //nolint:paralleltest // one crowd at a time
	var trials []trial
	for name, act := range acts {
		for _, way := range []direction{toServer, toClient} {
			for _, at := range offsets {
				if name == "HTML" && (way == toServer || at > 0) {
					continue // in the middle of a frame it is but noise
				}
				trials = append(trials, trial{fault: name, script: script{way, at, act}})
			}
		}
	}
	attempt(t, trials)
}

// attempt makes a call of each kind for each trial, idempotent and not.
func attempt(t *testing.T, trials []trial) {
	service := &service{}
	server, backend := serve(t, "127.0.0.1:0", service)
	defer server.Stop()
	var work []func()
	for _, f := range trials {
		for _, kind := range kinds {
			for _, idempotent := range []bool{false, true} {
				f := f
				f.kind, f.idempotent = kind, idempotent
				work = append(work, func() { f.run(t, service, backend) })
			}
		}
	}
	crowd(work)
}

func (f trial) run(t *testing.T, service *service, backend string) {
	p := newProxy(t, backend, f.script)
	defer p.close()
	var options []interceptors.ClientOption
	if f.idempotent {
		options = append(options, interceptors.WithIdempotent())
	}
	var open ledger
	conn := dial(t, p.address, options, grpc.WithStatsHandler(&open))
	defer func() {
		_ = conn.Close()
		p.gone(t, f.String(), func() {})
		if !open.settled(2 * time.Second) {
			forgotten.Add(1)
		}
	}()
	ctx, cancel := context.WithTimeout(t.Context(), patience(f.fault))
	defer cancel()
	begin, id := time.Now(), f.String()
	received, err := f.kind.call(ctx, pb.NewTestServiceClient(conn), id)
	assert.Less(t, time.Since(begin), patience(f.fault)+slack, id)
	judge(t, id, f.fault, err)
	if p.acted.Load() {
		survived.Add(1)
	}
	if f.fault == "corrupt" {
		return // of what a byte became that nothing guards, nothing can be said
	}
	want := f.kind.want(id)
	assert.True(t, isPrefix(received, want), "%s: received %q", id, received)
	if err == nil {
		assert.Equal(t, want, received, id)
	}
	most := 1
	if f.idempotent || f.lie {
		most = 5
	}
	assert.LessOrEqual(t, service.count(id), most, id)
	if onlyUnavailable := !slices.ContainsFunc(allowed[f.fault], func(c status.Code) bool { return c != status.Unavailable }); f.idempotent && onlyUnavailable && len(received) == 0 {
		assert.NoError(t, err, id) // the second connection works, and nothing was delivered
	}
}

// judge holds an error to what is documented.
func judge(t *testing.T, id, fault string, err error) {
	if err == nil {
		return
	}
	e, ok := err.(*status.Error)
	if !assert.True(t, ok, "%s: %T %v", id, err, err) {
		return
	}
	codes, known := allowed[fault]
	assert.True(t, known, fault)
	if codes != nil {
		assert.Contains(t, codes, e.Code(), "%s: %v", id, e)
	}
	assert.NotContains(t, e.Message(), secret, "%s: %v", id, e)
}
