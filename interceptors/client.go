package interceptors

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"google.golang.org/grpc"

	"github.com/errwire/errwire/retry"
	"github.com/errwire/errwire/status"
)

// A client is the configuration that the unary and the stream interceptor of a
// channel share.
type client struct {
	policy       *retry.Policy
	methodPolicy func(string) *retry.Policy
	methodResume func(string) ResumeFunc
	budgetTarget string
	streamBuffer int  // bytes of sent messages kept for a replay
	retries      bool // some call may be retried by us
	idempotent   bool
	translates   bool
	nativeOff    bool  // the channel was dialled without gRPC's own retries
	err          error // a bad option: every call returns it

	conns conns
}

// Both make one attempt. noRetry is NoRetry's: no retries at all. nativeOnly is
// WithoutRetry's: gRPC's own, if the channel has a service config with some.
var (
	noRetry    = retry.MustPolicy(retry.WithMaxAttempts(1), retry.WithoutBudget())
	nativeOnly = retry.MustPolicy(retry.WithMaxAttempts(1), retry.WithoutBudget())
)

func newClient(opts []ClientOption) *client {
	c := &client{policy: retry.DefaultPolicy(), retries: true, translates: true, streamBuffer: defaultStreamBuffer}
	for _, opt := range opts {
		err := errors.New("nil ClientOption")
		if opt != nil {
			err = opt(c)
		}
		if err != nil {
			c.err = fmt.Errorf("interceptors: %w", err)
			break
		}
	}
	return c
}

// DialOptions returns what a channel needs so that every failed call comes back
// as one *status.Error, transient failures already retried:
//
//	conn, err := grpc.NewClient(target, append(interceptors.DialOptions(), creds)...)
//
// They are the two client interceptors and [grpc.WithDisableRetry]: a retry
// policy in the channel's service config goes off, so that attempts are not
// multiplied; gRPC's transparent retries stay. With [WithoutRetry] they stay all
// on.
//
// The interceptors are added to those of other dial options, in the order given.
// Put gRPC's OpenTelemetry before them, so that a call is one span, and the rest
// after. A bad option is returned as a plain error by every call.
func DialOptions(opts ...ClientOption) []grpc.DialOption {
	c := newClient(opts)
	dial := []grpc.DialOption{
		grpc.WithChainUnaryInterceptor(c.unary),
		grpc.WithChainStreamInterceptor(c.stream),
	}
	if c.retries {
		c.nativeOff = true
		dial = append(dial, grpc.WithDisableRetry())
	}
	return slices.Clip(dial) // callers append to it, from several goroutines perhaps
}

// policyFor is the policy of one call.
func (c *client) policyFor(method string, s *callSettings) *retry.Policy {
	if s.policy != nil {
		return s.policy
	}
	if c.methodPolicy != nil && c.retries {
		if p := c.methodPolicy(method); p != nil {
			return p
		}
	}
	return c.policy
}

// baseOptions are the options by which every attempt tells of itself, the mark
// for an inner interceptor of ours and, last, the one that keeps gRPC from
// retrying by itself.
func baseOptions(a *attempt) [5]grpc.CallOption {
	return [...]grpc.CallOption{
		grpc.Header(&a.header), grpc.Trailer(&a.trailer), grpc.Peer(&a.peer), standBackOption, noNativeRetry,
	}
}

// attemptOptions are the options of every attempt of a call: the caller's own
// that need no care, and the base ones.
func (c *client) attemptOptions(s *callSettings, base []grpc.CallOption, p *retry.Policy) []grpc.CallOption {
	if c.nativeOff || p == nativeOnly {
		base = base[:len(base)-1]
	}
	if len(s.rest) > 0 {
		s.rest = append(s.rest, base...)
		base = s.rest
	}
	return slices.Clip(base) // inner interceptors append to it
}

// result is the error of the whole call as the caller gets it, after the attempt
// a failed with err. e is err as an *Error, or nil for one that is not recognised.
func (c *client) result(ctx context.Context, call *retry.Call, a *attempt, err error, e *status.Error) error {
	if e == nil {
		return call.Result(ctx, err)
	}
	translated := call.Result(ctx, a.translate(ctx, e)) // which also settles the budget
	if c.translates {
		return translated
	}
	return withoutStop(err)
}

// withoutStop takes off the mark that [retry.Stop] put on err.
func withoutStop(err error) error {
	if marked := errors.Unwrap(err); marked != nil && retry.Stopped(err) && !retry.Stopped(marked) {
		return marked
	}
	return err
}

var errNilArgument = errors.New("interceptors: nil context, stream description, invoker or streamer")
