package interceptors

import (
	"context"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/connectivity"

	"github.com/errwire/errwire/retry"
)

// reconnect is how long a call that never left waits at least for the channel.
// grpc-go connects again after 1 s and then 1.6 s, give or take a fifth; an
// attempt made before that fails with the error of the last connection and is
// burnt for nothing.
const reconnect = 2 * time.Second

// await waits for the next attempt; it reports whether the context let it.
//
// A call that never left waits for the channel, not for the clock: until the
// channel is ready, or both the backoff is over and the channel had the time to
// try again. (That it has tried cannot be seen: pick_first and round_robin stay
// in TRANSIENT_FAILURE meanwhile. A change from CONNECTING to that is no sign of
// it either: grpc-go fails calls before it changes the state.) With a deadline
// before that, the backoff alone is the bound: the caller gets the real error
// while there is time to act on it. A wait that was asked for is never cut short.
func await(ctx context.Context, cc *grpc.ClientConn, f retry.Failure, backoff time.Duration) bool {
	if f.Reach != retry.NeverLeft || f.Asked || !connecting(stateOf(cc)) {
		return retry.Sleep(ctx, backoff)
	}
	bounded, cancel := context.WithTimeout(ctx, patience(ctx, backoff))
	defer cancel()
	for state := cc.GetState(); connecting(state); state = cc.GetState() {
		if !cc.WaitForStateChange(bounded, state) {
			break
		}
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

// connecting reports whether the channel is busy getting connected: an attempt
// now would fail at once, or wait for the same.
func connecting(state connectivity.State) bool {
	return state == connectivity.TransientFailure || state == connectivity.Connecting
}

// stateOf is the state of cc. A ClientConn that nobody dialled, as tests of
// interceptors pass around, has none: it counts as closed.
func stateOf(cc *grpc.ClientConn) (state connectivity.State) {
	if cc == nil {
		return connectivity.Shutdown
	}
	defer func() {
		if recover() != nil {
			state = connectivity.Shutdown
		}
	}()
	return cc.GetState()
}
