package interceptors

import (
	"context"
	"slices"
	"strconv"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	grpcstatus "google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"
)

// A streamAttempt is one attempt at a stream.
type streamAttempt struct {
	attempt
	stream grpc.ClientStream
	cancel context.CancelFunc
	timer  *time.Timer // nil without a per-attempt timeout

	clock   atomic.Int32 // running, kept or timedOut; it changes once
	dropped atomic.Bool  // nobody needs it any more
	cut     bool         // it ended before all was sent again
}

// Of an attempt and its timer one is first, and the other too late.
const (
	running int32 = iota
	kept
	timedOut
)

// errAttemptTimeout stands for the CANCELLED that an attempt fails with whose
// timer cancelled it.
var errAttemptTimeout = grpcstatus.Error(codes.DeadlineExceeded, "the attempt took longer than the policy allows")

// open makes an attempt. The attempt is there even when it fails, to tell how
// far it got.
func (s *clientStream) open(previous int) (*streamAttempt, error) {
	a := &streamAttempt{}
	ctx, cancel := context.WithCancel(s.ctx)
	a.cancel = cancel
	if previous > 0 {
		ctx = metadata.AppendToOutgoingContext(ctx, previousAttemptsKey, strconv.Itoa(previous))
	}
	// The timeout is a timer, for a deadline would reach the server and could not
	// be lifted once the stream flows.
	if timeout := s.policy.AttemptTimeout(); timeout > 0 {
		a.timer = time.AfterFunc(timeout, func() {
			if a.clock.CompareAndSwap(running, timedOut) {
				cancel()
			}
		})
	}
	base := baseOptions(&a.attempt)
	own := s.c.attemptOptions(&callSettings{}, base[:], s.policy)
	finished := grpc.OnFinish(func(err error) { s.attemptFinished(a, err) })
	var err error
	a.stream, err = s.streamer(ctx, s.desc, s.cc, s.method, slices.Concat(s.settings.rest, own, []grpc.CallOption{finished})...)
	if err != nil {
		a.discard()
	}
	return a, err
}

// keep holds the timer off for good. It reports false when the timer was first:
// the attempt is over then, whatever it has received.
func (a *streamAttempt) keep() bool {
	if !a.clock.CompareAndSwap(running, kept) {
		return a.clock.Load() == kept
	}
	if a.timer != nil {
		a.timer.Stop()
	}
	return true
}

func (a *streamAttempt) outOfTime() bool { return a.clock.Load() == timedOut }

// drain reads an attempt that was cancelled to its end: only then has grpc-go
// told how far it got.
func (a *streamAttempt) drain() {
	for a.stream.RecvMsg(&emptypb.Empty{}) == nil { //nolint:revive // nobody needs the messages
	}
}

// discard frees what an attempt holds that nobody needs any more.
func (a *streamAttempt) discard() {
	a.dropped.Store(true)
	if a.timer != nil {
		a.timer.Stop()
	}
	a.cancel()
}
