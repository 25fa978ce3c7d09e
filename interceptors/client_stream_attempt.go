package interceptors

import (
	"context"
	"errors"
	"io"
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
	behind  atomic.Bool  // it was not sent yet all that was sent before it

	sealed   bool  // gRPC makes no second try of its own; known to who sends
	finished error // how it was over before it was the current one
}

// Of an attempt and its timer one is first, and the other too late.
const (
	running int32 = iota
	kept
	timedOut
)

var (
	// errAttemptTimeout stands for the CANCELLED that an attempt fails with whose
	// timer cancelled it.
	errAttemptTimeout = grpcstatus.Error(codes.DeadlineExceeded, "the attempt took longer than the policy allows")
	errNilStream      = errors.New("interceptors: the streamer returned neither a stream nor an error")
)

// open makes an attempt. The attempt is there even when it fails, to tell how
// far it got.
func (s *clientStream) open() (*streamAttempt, error) {
	a := &streamAttempt{}
	ctx, cancel := context.WithCancel(s.ctx)
	a.cancel = cancel
	if previous := s.call.Attempts(); previous > 0 {
		if isClosed(s.cc) {
			return a, errClosing
		}
		ctx = metadata.AppendToOutgoingContext(ctx, previousAttemptsKey, strconv.Itoa(previous))
	}
	// The timeout is a timer, for a deadline would reach the server and could not
	// be lifted once the stream flows.
	if timeout := s.policy.AttemptTimeout(); timeout > 0 {
		a.timer = time.AfterFunc(timeout, a.timeOut)
	}
	base := baseOptions(&a.attempt)
	own := s.c.attemptOptions(&callSettings{}, base[:], s.policy)
	finished := grpc.OnFinish(func(err error) { s.attemptFinished(a, err) })
	var err error
	a.stream, err = s.streamer(ctx, s.desc, s.cc, s.method, slices.Concat(s.settings.rest, own, []grpc.CallOption{finished})...)
	switch {
	case err == nil && a.stream == nil:
		err = errNilStream
	case err == nil && !s.c.nativeOff && s.policy != nativeOnly:
		a.seal() // or gRPC retries until the first message is sent
	}
	return a, err
}

// timeOut ends the attempt, unless it was kept in time.
func (a *streamAttempt) timeOut() {
	if a.clock.CompareAndSwap(running, timedOut) {
		a.cancel()
	}
}

// seal keeps gRPC from trying again by itself. Until then io.EOF of SendMsg does
// not mean that the attempt is over: in v1.85 it is answered as well for a stream
// that a broken connection has orphaned, which RecvMsg then opens again on
// another connection, m included.
func (a *streamAttempt) seal() {
	if !a.sealed {
		_ = a.stream.Context() // gRPC's way to bind a stream to its attempt
		a.sealed = true
	}
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

// receive is RecvMsg of the attempt. grpc-go v1.85 answers io.EOF, which is a
// success, when its own second try at a refused stream fails while it sends again
// what was sent. Nothing has come from the server then, not even a status of
// success, and RecvMsg has the real one next. So it has after exhaustedEOF.
func (a *streamAttempt) receive(m any) error {
	err := a.stream.RecvMsg(m)
	if err == nil {
		return nil
	}
	falseEnd := err == io.EOF && a.trailer != nil && len(a.trailer) == 0 && len(a.header) == 0 //nolint:errorlint // grpc's promise
	if falseEnd || exhaustedEOF(err) {
		err = a.stream.RecvMsg(m)
	}
	if err != io.EOF && surplus(err) { //nolint:errorlint // as above
		a.discard() // what it ends with then is no news
		a.drain()
	}
	return err
}

// drain reads an attempt that was cancelled to its end: only then has grpc-go
// told how far it got.
func (a *streamAttempt) drain() {
	for err := error(nil); err == nil || surplus(err); {
		err = a.stream.RecvMsg(&emptypb.Empty{})
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
