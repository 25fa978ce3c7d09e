package httpbridge

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/errwire/errwire/status"
)

// A ServerOption changes one thing of an [ErrorWriter].
type ServerOption func(*ErrorWriter) error

// WithFormats sets the formats that are written, in place of [AIP193] and
// [Problem]. Which one it is in a response is said by the request's Accept header;
// the first is for those that say nothing, or nothing that helps. A single one is
// written whatever is asked for. [Problem] has a media type of its own; of the
// others, which do not, the first that is given is written.
func WithFormats(formats ...Format) ServerOption {
	return func(ew *ErrorWriter) error {
		if len(formats) == 0 {
			return errors.New("WithFormats(): want a format")
		}
		for _, f := range formats {
			if f != f.known() {
				return fmt.Errorf("WithFormats(%v): there is no such format", f)
			}
		}
		ew.formats = slices.Clone(formats)
		return nil
	}
}

// WithMapper adds a function that knows errors of the service's own and answers
// nil for all others; see [status.Public]. The mappers are asked in the order
// given. Those of package interceptors (MapIs, MapAs, MapFS, MapSQL) serve here
// too.
func WithMapper(mapper func(error) *status.Error) ServerOption {
	return func(ew *ErrorWriter) error {
		if mapper == nil {
			return errors.New("WithMapper(nil): want a mapper")
		}
		ew.mappers = append(ew.mappers, mapper)
		return nil
	}
}

// WithDomain sets the domain of the service codes of errors that have none: a
// globally unique name, usually the service's own such as "library.example.com"
// (AIP-193). With it every error that leaves has a service code; where the
// handler gave no reason, it is the name of the code, "NOT_FOUND". By default
// there is no domain, and none is made up.
func WithDomain(domain string) ServerOption {
	return func(ew *ErrorWriter) error {
		if domain == "" || len(domain) > 253 || !utf8.ValidString(domain) || strings.ContainsFunc(domain, isBlank) {
			return fmt.Errorf("WithDomain(%q): want 1 to 253 bytes of text without blanks", domain)
		}
		ew.domain = domain
		return nil
	}
}

func isBlank(r rune) bool { return r <= ' ' }

// WithLogger sets where the errors are logged whose text does not leave; by
// default [slog.Default].
func WithLogger(logger *slog.Logger) ServerOption {
	return func(ew *ErrorWriter) error {
		if logger == nil {
			return errors.New("WithLogger(nil): want a logger; slog.DiscardHandler discards")
		}
		ew.logger = logger
		return nil
	}
}
