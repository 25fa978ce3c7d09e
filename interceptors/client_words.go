package interceptors

import (
	"io"
	"slices"
	"strings"

	"github.com/errwire/errwire/status"
)

// What grpc-go says only in words: it turns the causes of its own failures into
// text before an interceptor sees them. A test holds each to the version in use.

// droppedText is the message when a load balancer's policy drops a call.
const droppedText = "RPC is dropped"

func dropped(e *status.Error) bool { return e.Message() == droppedText }

// codecTexts begin the messages about a request that cannot be encoded or an
// answer that cannot be decoded, is too large or one too many. A server says the
// same of its side, but then nothing else came from it than the status.
var codecTexts = []string{"grpc: ", "trying to send message larger than max", surplusText}

// surplusText begins the message of a stream of one answer that was sent another.
// It is grpc-go's one error of RecvMsg that does not end its stream.
const surplusText = "cardinality violation: expected <EOF>"

func surplus(err error) bool {
	return err != nil && strings.HasPrefix(status.FromError(err).Message(), surplusText)
}

func codecFailed(e *status.Error) bool { return startsWith(e, codecTexts) }

// exhaustedText begins what grpc-go says when its own retries are used up.
const exhaustedText = "max retries exhausted: "

// exhaustedEOF reports whether that is all that grpc-go says of its last retry:
// the stream was over before all was sent again, which SendMsg tells by io.EOF.
// The stream has a status, which is kept back. An inner interceptor's error may be
// of any type: no more than one link of it is looked at.
func exhaustedEOF(err error) (exhausted bool) {
	defer func() { _ = recover() }() // of somebody else's methods
	wrapper, ok := err.(interface{ Unwrap() error })
	return ok && wrapper.Unwrap() == io.EOF && strings.HasPrefix(err.Error(), exhaustedText) //nolint:errorlint // as grpc-go wraps it
}

// streamTexts begin the messages of a stream that broke before its status came.
var streamTexts = []string{
	"error reading from server: ",
	"closing transport due to: ",
	"keepalive ping failed",
	"closing connection since the server is not reading",
	"connection error: desc = ",
	"stream terminated by RST_STREAM",
	"server closed the stream without sending trailers",
	"unexpected EOF",
}

func streamBroke(e *status.Error) bool { return startsWith(e, streamTexts) }

// refusedTexts are the messages of a stream of which the server has said, by
// GOAWAY or REFUSED_STREAM, that it did nothing for it (RFC 9113 §8.7), or that
// was not written any more to a connection that went down. grpc-go tries again by
// itself once, and not at all under the bare interceptor.
var refusedTexts = []string{
	"the connection is draining",
	"transport is closing",
	"the stream is rejected because server is draining the connection",
	"stream terminated by RST_STREAM with error code: REFUSED_STREAM",
}

func refused(e *status.Error) bool { return slices.Contains(refusedTexts, e.Message()) }

func startsWith(e *status.Error, texts []string) bool {
	return slices.ContainsFunc(texts, func(text string) bool { return strings.HasPrefix(e.Message(), text) })
}

const (
	// handshakeText is in the message when TLS, or other transport credentials,
	// did not come about.
	handshakeText = "authentication handshake failed: "
	// alertText is in it when the server found fault: in TLS 1.3 a client learns
	// that its certificate was refused only after its own handshake.
	alertText = "remote error: tls: "
)

// brokenTexts end the text of a handshake during which the connection broke, as
// it does when a server behind a TCP load balancer restarts. That may mend.
var brokenTexts = []string{"EOF", "connection reset by peer", "broken pipe", "i/o timeout", "context deadline exceeded"}

func tlsFailed(e *status.Error) bool {
	if strings.Contains(e.Message(), alertText) {
		return true
	}
	_, fault, found := strings.Cut(e.Message(), handshakeText)
	return found && !slices.ContainsFunc(brokenTexts, func(text string) bool {
		return strings.HasSuffix(strings.TrimRight(fault, `"`), text)
	})
}
