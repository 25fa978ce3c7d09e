package connectbridge

import (
	"errors"
	"net/http"
	"strings"
	"sync"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/types/known/anypb"

	"github.com/errwire/errwire/httpbridge"
	"github.com/errwire/errwire/status"
)

const typePrefix = "type.googleapis.com/"

// noStatus begins the message, words of connect-go's that a test holds to the
// version in use, of an answer in a gRPC protocol that came whole, but without its
// status: something on the way drops trailers.
const noStatus = "protocol error: no "

// FromConnect returns err as a *status.Error: code, message and details of the
// *connect.Error in its chain, or, if a *status.Error is nearer or there is none,
// what status.FromError makes of it. A Retry-After among the metadata counts as
// the delay where there is no RetryInfo, or a shorter one. The chain goes on with
// err. It is nil for nil.
//
// The origin is the service for what connect.IsWireError says came from it, this
// side for a connection that failed, and else not specified.
func FromConnect(err error) *status.Error {
	e, _ := fromConnect(err)
	return e
}

// fromConnect is FromConnect that also tells whether the answer is a
// *connect.Error's.
func fromConnect(err error) (*status.Error, bool) {
	failed := nearest(err)
	if failed == nil {
		return status.FromError(err), false
	}
	details := make([]*anypb.Any, 0, len(failed.Details()))
	for _, detail := range failed.Details() {
		if detail != nil && detail.Type() != "" {
			details = append(details, &anypb.Any{TypeUrl: typePrefix + detail.Type(), Value: detail.Bytes()})
		}
	}
	code, origin := status.Code(failed.Code()), status.OriginUnspecified //nolint:gosec // FromWire checks it
	if connect.IsWireError(failed) {
		origin = status.OriginService
	} else if strings.HasPrefix(failed.Message(), noStatus) {
		origin = status.OriginIntermediary // the cause is io.ErrUnexpectedEOF, but no connection broke
	} else if local, ok := status.Recognize(failed.Unwrap()); ok && local.Origin() == status.OriginLocal {
		origin = status.OriginLocal
		if code == status.Unknown {
			code = local.Code()
		}
	}
	e := status.FromWire(code, failed.Message(), origin, details).WithCause(err)
	return withHeaderDelay(e, metaOf(failed)), true
}

// nearest is the *connect.Error in the chain of err, unless a *status.Error is
// nearer.
func nearest(err error) *connect.Error {
	var failed *connect.Error
	if !errors.As(err, &failed) || failed == nil {
		return nil
	}
	var known *status.Error
	var behind *connect.Error
	if errors.As(err, &known) && errors.As(known.Unwrap(), &behind) && behind == failed {
		return nil
	}
	return failed
}

var metaLock sync.Mutex

// metaOf copies the metadata of an error. The method that returns them makes them
// when there are none, and a handler may return one error, a sentinel, to several
// calls at once.
func metaOf(failed *connect.Error) http.Header {
	metaLock.Lock()
	defer metaLock.Unlock()
	return failed.Meta().Clone()
}

// withHeaderDelay adds the delay of a Retry-After, which counts whole seconds:
// less than one above the exact delay is its rounding.
func withHeaderDelay(e *status.Error, meta http.Header) *status.Error {
	if meta["Retry-After"] == nil {
		return e
	}
	header := http.Header{"Retry-After": meta["Retry-After"], "Date": meta["Date"]}
	rounded, ok := httpbridge.Parse(http.StatusServiceUnavailable, header, nil).RetryDelay()
	exact, has := e.RetryDelay()
	if !ok || has && rounded-exact < time.Second {
		return e
	}
	return e.WithRetryDelay(rounded)
}
