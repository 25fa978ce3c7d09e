package httpbridge

import (
	"context"
	"errors"
	"net"
	"net/http/httptrace"
	"sync/atomic"

	"github.com/errwire/errwire/retry"
)

// A trace tells how far the request of one attempt got. net/http calls it from
// its own goroutines, and after the attempt is over too.
type trace struct {
	begun atomic.Bool // the transport is one that can be traced
	left  atomic.Bool // something was, or is about to be, sent
}

// into returns a context whose requests are traced, beside whoever traces them
// already.
func (t *trace) into(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GetConn:      func(string) { t.begun.Store(true) },
		WroteHeaders: func() { t.left.Store(true) },
	})
}

// reach tells how far the request got that failed with err, without an answer.
// Of a transport that cannot be traced only a failure to connect says that
// nothing left.
func (t *trace) reach(err error) retry.Reach {
	switch {
	case t.left.Load():
		return retry.Lost
	case t.begun.Load(), neverConnected(err):
		return retry.NeverLeft
	default:
		return retry.Lost
	}
}

// neverConnected reports whether err says that there was no connection.
func neverConnected(err error) bool {
	if _, ok := errors.AsType[*net.DNSError](err); ok {
		return true
	}
	op, ok := errors.AsType[*net.OpError](err)
	return ok && op.Op == "dial"
}
