package interceptors

import (
	"context"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/connectivity"
	grpcstatus "google.golang.org/grpc/status"

	"github.com/errwire/errwire/retry"
)

// reconnect is how long a call that never left waits at least for the channel.
// grpc-go connects again after 1 s and then 1.6 s, give or take a fifth; an
// attempt made before that fails with the error of the last connection and is
// burnt for nothing.
const reconnect = 2 * time.Second

// await waits for the next attempt; it reports whether the context let it. Once
// the channel is closed there is nothing to wait for: see errClosing.
//
// A call that never left waits for the channel, not for the clock: until the
// channel is ready, or both the backoff is over and the channel had the time to
// try again. (That it has tried cannot be seen: pick_first and round_robin stay
// in TRANSIENT_FAILURE meanwhile. A change from CONNECTING to that is no sign of
// it either: grpc-go fails calls before it changes the state.) With a deadline
// before that, the backoff alone is the bound: the caller gets the real error
// while there is time to act on it. A wait that was asked for is never cut short.
func await(ctx context.Context, cc *grpc.ClientConn, f retry.Failure, backoff time.Duration) bool {
	state, dialled := stateOf(cc)
	if !dialled {
		return retry.Sleep(ctx, backoff)
	}
	wait, over := backoff, closed
	if f.Reach == retry.NeverLeft && !f.Asked && !settled(state) {
		wait, over = patience(ctx, backoff), settled
	}
	bounded, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	for !over(state) && cc.WaitForStateChange(bounded, state) {
		state = cc.GetState()
	}
	return ctx.Err() == nil
}

// patience is how long to wait for the channel.
func patience(ctx context.Context, backoff time.Duration) time.Duration {
	wait := max(backoff, reconnect)
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) <= wait {
		return backoff
	}
	return wait
}

// errClosing is the failure of an attempt after the first on a closed channel, in
// grpc-go's words for a call on one. It is not made: until Close has returned,
// grpc-go would tell of the last connection instead, as if the channel went on.
var errClosing = grpcstatus.Error(codes.Canceled, "grpc: the client connection is closing")

func isClosed(cc *grpc.ClientConn) bool {
	state, dialled := stateOf(cc)
	return dialled && closed(state)
}

func closed(state connectivity.State) bool { return state == connectivity.Shutdown }

// settled reports whether the channel is not busy getting connected, during which
// an attempt would fail at once, or wait for the same.
func settled(state connectivity.State) bool {
	return state != connectivity.TransientFailure && state != connectivity.Connecting
}

// stateOf is the state of cc. A ClientConn that nobody dialled, as tests of
// interceptors pass around, has none.
func stateOf(cc *grpc.ClientConn) (state connectivity.State, dialled bool) {
	if cc == nil {
		return connectivity.Shutdown, false
	}
	defer func() {
		if recover() != nil {
			state, dialled = connectivity.Shutdown, false
		}
	}()
	return cc.GetState(), true
}
