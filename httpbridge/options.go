package httpbridge

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/errwire/errwire/retry"
)

// An Option changes one thing of a [Client] or of a transport of [NewTransport].
// A bad one is a programming error, which every call then returns.
type Option func(*settings) error

// settings are what the options of a client or a transport say.
type settings struct {
	policy        *retry.Policy
	requestPolicy func(*http.Request) *retry.Policy
	idempotent    bool
	budgetTarget  string
	dialects      []Dialect // nil: all of them
	err           error     // a bad option
}

// newSettings is for the named function.
func newSettings(function string, opts []Option) settings {
	s := settings{policy: retry.DefaultPolicy()}
	for _, opt := range opts {
		if opt == nil {
			s.err = errors.Join(s.err, fmt.Errorf("httpbridge: %s: nil Option", function))
		} else if err := opt(&s); err != nil {
			s.err = errors.Join(s.err, fmt.Errorf("httpbridge: %w", err))
		}
	}
	return s
}

// WithRetryPolicy sets the policy of every request, in place of
// [retry.DefaultPolicy]. Where it retries UNAVAILABLE, as policies do unless
// [retry.WithCodes] says otherwise, it also retries what an HTTP status alone
// says of the service's health; see [NewTransport].
func WithRetryPolicy(p *retry.Policy) Option {
	return func(s *settings) error {
		if p == nil {
			return errors.New("WithRetryPolicy(nil): want a policy; to retry nothing use WithoutRetry")
		}
		s.policy = p
		return nil
	}
}

// WithRequestPolicy sets the policy by request: choose answers nil for the
// client's policy. It is called once for every request, must be quick and must
// not change the request.
func WithRequestPolicy(choose func(*http.Request) *retry.Policy) Option {
	return func(s *settings) error {
		if choose == nil {
			return errors.New("WithRequestPolicy(nil): want a function")
		}
		s.requestPolicy = choose
		return nil
	}
}

// oneAttempt is the policy of those who retry nothing. It spends no budget.
var oneAttempt = retry.MustPolicy(retry.WithMaxAttempts(1), retry.WithoutBudget())

// WithoutRetry makes one attempt at each request, unless [WithRequestPolicy] says
// otherwise.
func WithoutRetry() Option {
	return func(s *settings) error {
		s.policy = oneAttempt
		return nil
	}
}

// WithIdempotent says that every request may run twice without harm, so that one
// that left and whose answer was lost is retried too. Without it only such
// requests are: those of an idempotent method (GET, HEAD, OPTIONS, TRACE, PUT and
// DELETE, RFC 9110 §9.2.2), and those with an Idempotency-Key.
func WithIdempotent() Option {
	return func(s *settings) error {
		s.idempotent = true
		return nil
	}
}

// WithBudgetTarget names the target whose retry budget the requests share, in
// place of the lower-case host:port of their URLs; it is for several names of one
// service, and for Unix sockets.
func WithBudgetTarget(target string) Option {
	return func(s *settings) error {
		if target == "" {
			return errors.New(`WithBudgetTarget(""): want a name`)
		}
		s.budgetTarget = target
		return nil
	}
}

// WithDialects sets the dialects that the service speaks, in the order in which
// they are asked, in place of all that are known; see [Dialect]. Put [Auto] last
// to keep the rest.
func WithDialects(dialects ...Dialect) Option {
	return func(s *settings) error {
		if len(dialects) == 0 {
			return errors.New("WithDialects(): want a dialect")
		}
		for _, dialect := range dialects {
			if dialect == nil {
				return errors.New("WithDialects(nil): want a dialect")
			}
		}
		s.dialects = append([]Dialect(nil), dialects...)
		return nil
	}
}

// policyFor is the policy of one request.
func (s *settings) policyFor(req *http.Request) *retry.Policy {
	if s.requestPolicy != nil {
		if p := s.requestPolicy(req); p != nil {
			return p
		}
	}
	return s.policy
}
