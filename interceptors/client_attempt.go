package interceptors

import (
	"context"
	"slices"
	"strings"

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

// reach tells how far the request got that failed with e. No peer: there never
// was a stream. A content-type of gRPC in the trailer: a gRPC server answered
// with nothing but its status. In the header: it answered, unless the connection
// broke before the status came. A peer and neither: the answer was lost, or it
// was a proxy's page.
func (a *attempt) reach(e *status.Error) retry.Reach {
	switch {
	case a.peer.Addr == nil:
		return retry.NeverLeft
	case spokeGRPC(a.trailer):
		return retry.Answered
	case spokeGRPC(a.header) && !connectionBroke(e):
		return retry.Answered
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

// origin says whose word the error e of this attempt is.
func (a *attempt) origin(e *status.Error) status.Origin {
	switch reach := a.reach(e); {
	case failedToMarshal(e):
		return status.OriginLocal
	case reach == retry.Answered:
		return status.OriginService
	case reach == retry.Lost && strings.HasPrefix(e.Message(), proxyText):
		return status.OriginIntermediary
	default:
		return status.OriginLocal
	}
}

// What grpc-go says only in words: it turns the causes of its own failures into
// text before an interceptor sees them. A test holds each to the version in use.
const (
	handshakeText = "authentication handshake failed"                  // TLS or a certificate
	marshalText   = "grpc: error while marshaling"                     // a request that cannot be encoded
	droppedText   = "RPC is dropped"                                   // by a load balancer's policy
	proxyText     = "unexpected HTTP status code received from server" // by something that is not gRPC
)

// brokenTexts begin the messages of a call whose connection broke under it.
var brokenTexts = []string{
	"error reading from server: ", "closing transport due to: ", "connection error: desc = ", "transport is closing",
}

func connectionBroke(e *status.Error) bool {
	return e.Code() == status.Unavailable && slices.ContainsFunc(brokenTexts, func(text string) bool {
		return strings.HasPrefix(e.Message(), text)
	})
}

func failedToMarshal(e *status.Error) bool {
	return e.Code() == status.Internal && strings.HasPrefix(e.Message(), marshalText)
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
	if f.Reach != retry.NeverLeft || f.Transient {
		return failedToMarshal(e)
	}
	return f.Code != status.Unavailable || e.Message() == droppedText || strings.Contains(e.Message(), handshakeText)
}

// translate is e as the caller should see it, but for the attempts.
func (a *attempt) translate(ctx context.Context, e *status.Error) *status.Error {
	origin := a.origin(e)
	if e.Code() == status.Cancelled || e.Code() == status.DeadlineExceeded {
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
