package main

import (
	"context"
	"time"

	"github.com/errwire/errwire/retry"
	"github.com/errwire/errwire/status"
)

// A policy is a way to retry.
type policy struct {
	name  string
	model bool
	fleet func(random func() float64) (newClient func() client)
}

// title is the name, marked when this is not the real thing.
func (p policy) title() string {
	if p.model {
		return p.name + " (model)"
	}
	return p.name
}

// A client has what its calls share, such as a budget.
type client interface {
	begin(at time.Duration) call
}

// A call is told what became of each of its attempts.
type call interface {
	failed(at, left, wish time.Duration) (wait time.Duration, again bool)
	succeeded(at time.Duration)
}

// ours are errwire's waits: of a budget that comes without its own, they leave
// the budget as the only difference.
var ours = waits{500 * time.Millisecond, 30 * time.Second, 2, 0.8, 1.2}

var errwire = policy{name: "errwire", fleet: engine}

// policies are the real engine and models of the others.
var policies = []policy{
	errwire,
	modelled("no retry", model{attempts: 1}),
	modelled("go-grpc-middleware, `WithMax(3)`", model{attempts: 3, waits: linear}),
	modelled("go-grpc-middleware, `WithMax(5)`", model{attempts: 5, waits: linear}),
	modelled("grpc-go, 5 attempts", model{attempts: 5, waits: serviceConfig, pushback: true}),
	modelled("grpc-go, throttling {10, 0.1}", model{attempts: 5, waits: serviceConfig, pushback: true, bucket: throttling(10, 0.1)}),
	modelled("grpc-go, throttling {100, 0.1}", model{attempts: 5, waits: serviceConfig, pushback: true, bucket: throttling(100, 0.1)}),
	modelled("gax, its default backoff", model{waits: waits{time.Second, 30 * time.Second, 2, 0, 1}}),
	modelled("AWS SDK, 500 tokens at 5", model{attempts: 3, waits: waits{2 * time.Second, 20 * time.Second, 2, 0, 1}, bucket: quota(500, 5)}),
	modelled("AWS SDK 2026, 500 tokens at 14", model{attempts: 3, waits: waits{50 * time.Millisecond, 20 * time.Second, 2, 0, 1}, bucket: quota(500, 14)}),
	modelled("Finagle's budget, 20 % + 10/s", model{attempts: 5, waits: ours, bucket: window(5, 10)}),
	modelled("Finagle's budget, 20 % + 0/s", model{attempts: 5, waits: ours, bucket: window(5, 0)}),
}

// linear is go-grpc-middleware's default.
var linear = waits{50 * time.Millisecond, 50 * time.Millisecond, 1, 0.9, 1.1}

// serviceConfig is the example of gRFC A6.
var serviceConfig = waits{100 * time.Millisecond, time.Second, 2, 0.8, 1.2}

// An engineClient retries as errwire does: with its engine, and the defaults.
type engineClient struct {
	policy *retry.Policy
	budget *retry.Budget
}

func engine(random func() float64) func() client {
	policy := retry.MustPolicy(retry.WithRandom(random))
	return func() client {
		return engineClient{policy, &retry.Budget{}}
	}
}

func (c engineClient) begin(time.Duration) call {
	return &engineCall{c.policy.Start("", "", c.budget)}
}

type engineCall struct{ retry.Call }

var errDown = status.New(status.Unavailable, "down")

func (c *engineCall) failed(_, left, wish time.Duration) (time.Duration, bool) {
	return c.Failed(virtual{context.Background(), left}, retry.Failure{
		Err: errDown, Code: status.Unavailable, Asked: wish > 0, Delay: wish,
	})
}

func (c *engineCall) succeeded(time.Duration) { c.Succeeded() }

// A virtual context has some time left, on a clock that is not the real one. The
// engine asks for the deadline and subtracts the real time from it.
type virtual struct {
	context.Context
	left time.Duration
}

func (v virtual) Deadline() (time.Time, bool) { return time.Now().Add(v.left), true }
