package interceptors

import (
	"context"
	"strings"
	"time"

	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"

	"github.com/errwire/errwire/retry"
	"github.com/errwire/errwire/status"
)

// An attempt is what one attempt told of itself, by private Header, Trailer and
// Peer options.
type attempt struct {
	header  metadata.MD
	trailer metadata.MD
	peer    peer.Peer
}

// reach tells how far the request got that failed with e.
//
// No peer and no trailer: there never was a stream. (A net.Conn need not have an
// address; the trailer of a stream that was is empty, not nil.) A trailer with
// something in it, if only the content-type of an answer that is nothing but a
// status: a gRPC server answered. A header of gRPC: it answered, unless the words
// are grpc-go's for a stream that broke before the status came. A stream and none
// of these: the server said that it did nothing for it, or the answer was lost, or
// it was a proxy's page.
func (a *attempt) reach(e *status.Error) retry.Reach {
	switch {
	case a.peer.Addr == nil && a.trailer == nil:
		return retry.NeverLeft
	case spokeGRPC(a.trailer):
		return retry.Answered
	case codecFailed(e):
		return retry.Lost
	case len(a.trailer) > 0, spokeGRPC(a.header) && !streamBroke(e):
		return retry.Answered
	case len(a.header) == 0 && refused(e):
		return retry.NeverLeft
	default:
		return retry.Lost
	}
}

func spokeGRPC(md metadata.MD) bool {
	for _, contentType := range md["content-type"] {
		if strings.HasPrefix(contentType, "application/grpc") {
			return true
		}
	}
	return false
}

// origin says whose word the error e of this attempt is, unless e knows it by
// itself, as it does of a proxy's page.
func (a *attempt) origin(e *status.Error) status.Origin {
	if a.reach(e) == retry.Answered {
		return status.OriginService
	}
	return status.OriginLocal
}

// failure puts the failure of this attempt in terms of the retry engine.
// timedOut says that the attempt ran into its own timeout, not the caller's.
// safe is asked only when the answer matters, and so are the details of e.
func (a *attempt) failure(p *retry.Policy, e *status.Error, timedOut bool, safe func() bool) retry.Failure {
	f := retry.Failure{
		Code:      e.Code(),
		Reach:     a.reach(e),
		Transient: timedOut && (e.Code() == status.DeadlineExceeded || e.Code() == status.Cancelled),
	}
	if f.Transient && f.Reach == retry.Answered {
		f.Reach = retry.Lost // it began to answer, and may have run
	}
	if !f.Transient && !p.Retries(f.Code) {
		return f
	}
	if f.Reach == retry.Lost {
		f.Safe = safe()
	}
	f.Permanent = a.permanent(e, f)
	f.Delay, f.Asked = e.RetryDelay()
	if delay, refused, ok := pushback(a.trailer); ok {
		f.Delay, f.Asked, f.Refuse = max(f.Delay, delay), true, refused
	}
	return f
}

// permanent recognises failures on this side that no repeat will mend.
func (a *attempt) permanent(e *status.Error, f retry.Failure) bool {
	switch {
	case f.Transient:
		return false
	case f.Reach == retry.NeverLeft:
		return misuse[f.Code] || dropped(e) || tlsFailed(e)
	default:
		return f.Reach == retry.Lost && codecFailed(e)
	}
}

// misuse are the codes that grpc-go gives to calls that cannot be made: no codec,
// metadata that no header may hold, credentials that cannot be had. What an inner
// interceptor says before the call leaves, and be it RESOURCE_EXHAUSTED, is the
// policy's to judge.
var misuse = map[status.Code]bool{
	status.Internal:        true,
	status.Unauthenticated: true,
	status.Unknown:         true,
}

// translate is e as the caller should see it, but for the attempts.
func (a *attempt) translate(ctx context.Context, e *status.Error) *status.Error {
	origin := a.origin(e)
	if e.Code() == status.Cancelled || e.Code() == status.DeadlineExceeded {
		awaitTimer(ctx)
		ended := e.WithContextError(ctx)
		if ended != e && !spokeGRPC(a.trailer) {
			origin = status.OriginLocal // with the context over, grpc-go need not have heard the server
		}
		e = ended
	}
	if e.Origin() == status.OriginUnspecified {
		e = e.WithOrigin(origin)
	}
	if delay, refused, ok := pushback(a.trailer); ok && !refused {
		if _, exact := e.RetryDelay(); !exact {
			e = e.WithRetryDelay(delay)
		}
	}
	return e
}

// awaitTimer lets a context notice that its deadline has passed, which a server
// with the same deadline may tell sooner than the timer: only then has it a cause
// to tell. A context that takes its time is not waited for.
func awaitTimer(ctx context.Context) {
	deadline, ok := ctx.Deadline()
	if !ok || ctx.Err() != nil || time.Now().Before(deadline) {
		return
	}
	patience := time.NewTimer(10 * time.Millisecond)
	defer patience.Stop()
	select {
	case <-ctx.Done():
	case <-patience.C:
	}
}
