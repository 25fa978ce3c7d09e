package interceptors

import (
	"context"
	"errors"
	"strings"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/metadata"

	"github.com/errwire/errwire/status"
)

// A Localizer says what an error is in the caller's language: acceptLanguage is
// the caller's wish (RFC 9110 §12.5.4), locale the BCP 47 tag of the answer. It
// answers "" for what it does not know. The catalogs of package locale have one.
type Localizer func(acceptLanguage string, e *status.Error) (locale, message string)

// WithLocalizer adds a LocalizedMessage to the errors of callers that send
// accept-language metadata, where an error has none. It is chosen when the
// status leaves, by what the status says: everything in the message must be in
// the error's metadata (AIP-193).
func WithLocalizer(localizer Localizer) ServerOption {
	return func(s *server) error {
		if localizer == nil {
			return errors.New("WithLocalizer(nil): want a localizer")
		}
		s.localizer = localizer
		return nil
	}
}

// languageWish is the caller's, or that of a REST caller as grpc-gateway passes
// it on.
func languageWish(ctx context.Context) string {
	for _, key := range []string{"accept-language", "grpcgateway-accept-language"} {
		if wish := strings.Join(metadata.ValueFromIncomingContext(ctx, key), ","); wish != "" {
			return wish
		}
	}
	return ""
}

// maxAcceptLanguage is the longest wish that is passed on; real ones have a
// tenth of it.
const maxAcceptLanguage = 1 << 10

func (s *server) localize(call *failedCall, e *status.Error) *status.Error {
	if s.localizer == nil {
		return e
	}
	wish := languageWish(call.ctx)
	if wish == "" || len(wish) > maxAcceptLanguage {
		return e
	}
	if _, has := status.Detail[*errdetails.LocalizedMessage](e); has {
		return e
	}
	var locale, message string
	s.guard(call, "localizer", func() { locale, message = s.localizer(wish, e) })
	if locale == "" || message == "" {
		return e
	}
	return e.WithDetails(&errdetails.LocalizedMessage{Locale: locale, Message: message})
}
