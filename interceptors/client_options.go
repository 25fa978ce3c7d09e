package interceptors

import (
	"errors"
	"fmt"

	"google.golang.org/grpc"

	"github.com/errwire/errwire/retry"
)

// A ClientOption changes one thing of the client interceptors.
type ClientOption func(*client) error

// WithRetryPolicy sets the policy of every method of the channel, in place of
// [retry.DefaultPolicy].
func WithRetryPolicy(p *retry.Policy) ClientOption {
	return func(c *client) error {
		if p == nil {
			return errors.New("WithRetryPolicy(nil): want a policy; to retry nothing use WithoutRetry")
		}
		c.policy, c.retries = p, true
		return nil
	}
}

// WithMethodPolicy sets the policy by method: choose is given the full method
// name, such as "/library.v1.Shelves/Get", and answers nil for the channel's
// policy. It is called for every call and must be quick. Beside [WithoutRetry] it
// has no effect.
func WithMethodPolicy(choose func(fullMethod string) *retry.Policy) ClientOption {
	return func(c *client) error {
		if choose == nil {
			return errors.New("WithMethodPolicy(nil): want a function")
		}
		c.methodPolicy = choose
		return nil
	}
}

// WithoutRetry translates errors and retries nothing but calls with [CallPolicy].
// gRPC's own retries, by the channel's service config, stay on for all others.
func WithoutRetry() ClientOption {
	return func(c *client) error {
		c.policy, c.retries = nativeOnly, false
		return nil
	}
}

// WithIdempotent says that every method of the channel may run twice without
// harm, so that a call whose request left and whose answer was lost is retried
// too. Without it only such calls are: methods whose idempotency_level says so
// in their proto, requests with a request_id (AIP-155), and calls with
// [Idempotent].
func WithIdempotent() ClientOption {
	return func(c *client) error {
		c.idempotent = true
		return nil
	}
}

// WithoutTranslation retries only: the errors stay the gRPC status errors that
// they are.
func WithoutTranslation() ClientOption {
	return func(c *client) error {
		c.translates = false
		return nil
	}
}

// WithBudgetTarget names the target whose retry budget the channel shares, in
// place of the lower-case host:port that it was dialled with; it is for several
// names of one service.
func WithBudgetTarget(target string) ClientOption {
	return func(c *client) error {
		if target == "" {
			return errors.New(`WithBudgetTarget(""): want a name`)
		}
		c.budgetTarget = target
		return nil
	}
}

// WithStreamBuffer sets how many bytes of sent messages a stream keeps to send
// them again on another attempt; the default is 65536. A message counts as its
// size in protobuf and the 5 bytes that gRPC puts before it; in memory its copy
// takes more. With more sent than that a stream commits to its attempt, so that
// with 0 it does with the first message.
func WithStreamBuffer(bytes int) ClientOption {
	return func(c *client) error {
		if bytes < 0 {
			return fmt.Errorf("WithStreamBuffer(%d): want at least 0", bytes)
		}
		c.streamBuffer = bytes
		return nil
	}
}

const defaultStreamBuffer = 64 << 10

// NoRetry makes this call without a retry, gRPC's own included. Without errwire's
// interceptors it does nothing, as the other call options do.
func NoRetry() grpc.CallOption { return callSetting{change: withoutRetries} }

// Idempotent says that this call may run twice without harm; see
// [WithIdempotent].
func Idempotent() grpc.CallOption { return callSetting{change: asIdempotent} }

// CallPolicy sets the retry policy of this call. A nil policy is a programming
// error, which the call returns.
func CallPolicy(p *retry.Policy) grpc.CallOption {
	return callSetting{change: withPolicy, policy: p}
}

// A callSetting is a call option of ours: inert for grpc, read by the
// interceptors.
type callSetting struct {
	grpc.EmptyCallOption
	change callChange
	policy *retry.Policy
	resume ResumeFunc
}

type callChange int8

const (
	withoutRetries callChange = iota
	asIdempotent
	withPolicy
	asResumed
	// standBack is put on every call by the outermost interceptor: an inner one
	// of ours leaves the call to it, or attempts would be multiplied.
	standBack
)

// These are made once: boxing one per call would allocate.
var (
	standBackOption  grpc.CallOption = callSetting{change: standBack}
	noNativeRetry    grpc.CallOption = grpc.MaxRetryRPCBufferSize(0)
	errNilCallPolicy                 = errors.New("interceptors: CallPolicy(nil): want a policy; to retry nothing use NoRetry")
)
