package interceptors

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/errwire/errwire/status"
)

// A ServerOption changes one thing of the server interceptors.
type ServerOption func(*server) error

// WithDomain sets the domain of the service codes of errors that have none: a
// globally unique name, usually the service's own such as "library.example.com"
// (AIP-193). With it every status that leaves has an ErrorInfo; where the
// handler gave no reason, the reason is the name of the code, "NOT_FOUND".
// By default there is no domain, and none is made up.
func WithDomain(domain string) ServerOption {
	return func(s *server) error {
		if err := checkDomain(domain); err != nil {
			return fmt.Errorf("WithDomain(%q): %w", domain, err)
		}
		s.domain = domain
		return nil
	}
}

// WithServiceDomain sets the domain by service, for a server that has several:
// choose is given the full name, such as "library.v1.Shelves". Where it answers
// "" or what [WithDomain] would refuse, the domain is that of [WithDomain].
func WithServiceDomain(choose func(service string) string) ServerOption {
	return func(s *server) error {
		if choose == nil {
			return errors.New("WithServiceDomain(nil): want a function")
		}
		s.serviceDomain = choose
		return nil
	}
}

// checkDomain wants what a DNS name may be in length, and text without blanks.
func checkDomain(domain string) error {
	if domain == "" || len(domain) > 253 || !utf8.ValidString(domain) {
		return errors.New("want 1 to 253 bytes of text")
	}
	if strings.ContainsFunc(domain, func(r rune) bool { return r <= ' ' || unicode.IsSpace(r) }) {
		return errors.New("want no blanks")
	}
	return nil
}

// WithMapper adds a function that knows errors of the service's own and answers
// nil for all others. The mappers are asked in the order given, and only about
// errors that do not say themselves what they are: those by which
// [status.Public] would not know better. [MapIs] and [MapAs] make mappers of
// sentinels and of types; [MapFS], [MapSQL] and [MapContext] are ready-made.
func WithMapper(mapper func(error) *status.Error) ServerOption {
	return func(s *server) error {
		if mapper == nil {
			return errors.New("WithMapper(nil): want a mapper")
		}
		s.mappers = append(s.mappers, mapper)
		return nil
	}
}

// WithLogger sets where the errors are logged whose text does not leave; by
// default [slog.Default].
func WithLogger(logger *slog.Logger) ServerOption {
	return func(s *server) error {
		if logger == nil {
			return errors.New("WithLogger(nil): want a logger; slog.DiscardHandler discards")
		}
		s.logger = logger
		return nil
	}
}

const (
	// defaultStatusSize leaves a quarter of the 8 KiB that many clients and
	// proxies accept as a header list to the trailers of handlers.
	defaultStatusSize = 6 << 10
	// minStatusSize has room for all that is never dropped: code, a fixed
	// message, the longest legal reason and domain, and the delay.
	minStatusSize = 1 << 10
)

// WithMaxStatusSize sets the most that a status may cost on the wire, by
// default 6 KiB; at least 1 KiB. Counted is what HTTP/2 counts (RFC 9113
// §6.5.2): names and values of the trailers, the message percent-encoded, the
// details in base64, and 32 bytes for each field. A client whose limit is passed
// loses the code too, so what is over it is dropped, and logged, in this order:
// DebugInfo, Help, details of unknown types, LocalizedMessage, the tail of
// BadRequest and of other lists, ResourceInfo, all of RequestInfo but the id, long
// metadata values, metadata keys, the tail of the message. The code, the delay,
// and a reason and a domain that AIP-193 allows are never dropped.
func WithMaxStatusSize(wireBytes int) ServerOption {
	return func(s *server) error {
		if wireBytes < minStatusSize {
			return fmt.Errorf("WithMaxStatusSize(%d): want at least %d", wireBytes, minStatusSize)
		}
		s.maxStatusSize = wireBytes
		return nil
	}
}

// WithErrorHook adds a function that is called once for every failed call,
// before its status leaves, with the status and with what the handler returned:
// a *recovery.PanicError of go-grpc-middleware after a panic. It is meant for
// error trackers; it runs on the call's goroutine, so it must be quick.
func WithErrorHook(hook func(ctx context.Context, sent *status.Error, cause error)) ServerOption {
	return func(s *server) error {
		if hook == nil {
			return errors.New("WithErrorHook(nil): want a function")
		}
		s.hooks = append(s.hooks, hook)
		return nil
	}
}

// WithRequestID sets where the id of a request is found, such as in the span
// that the server itself has begun. Where find answers "", and by default, it is
// the metadata x-request-id or the trace id of traceparent or grpc-trace-bin.
func WithRequestID(find func(context.Context) string) ServerOption {
	return func(s *server) error {
		if find == nil {
			return errors.New("WithRequestID(nil): want a function")
		}
		s.requestID = find
		return nil
	}
}

// WithDebugInfo lets the DebugInfo that handlers and backends attach leave. Use
// it where all callers are your own: a stack trace tells strangers too much.
func WithDebugInfo() ServerOption {
	return func(s *server) error {
		s.debugInfo = true
		return nil
	}
}
