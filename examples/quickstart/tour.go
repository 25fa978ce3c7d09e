package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/errwire/errwire/interceptors"
	"github.com/errwire/errwire/retry"
	"github.com/errwire/errwire/status"
)

// A stop makes one thing fail and says what to expect of it.
type stop struct {
	title   string
	promise string
	visit   func(ctx context.Context, t *tour)
}

// A tour is a server, a client over TCP, and a count of broken promises.
type tour struct {
	ctx    context.Context //nolint:containedctx // as long as the tour
	out    io.Writer
	users  *users
	server *grpc.Server
	conn   *grpc.ClientConn
	policy *retry.Policy
	broken int
	kept   int

	mu     sync.Mutex
	events []retry.Event // of the stop at hand
}

func newTour(ctx context.Context, out io.Writer) (*tour, error) {
	t := &tour{ctx: ctx, out: out, users: &users{}}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	t.server = newServer(t.users)
	go func() { _ = t.server.Serve(listener) }()

	// The default policy, but for waits that suit a tour. The observer is how a
	// program counts retries.
	t.policy, err = retry.NewPolicy(
		retry.WithBackoff(50*time.Millisecond, time.Second),
		retry.WithObserver(t.observe),
	)
	if err != nil {
		return nil, err
	}
	dial := interceptors.DialOptions(interceptors.WithRetryPolicy(t.policy))
	dial = append(dial, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if t.conn, err = grpc.NewClient(listener.Addr().String(), dial...); err != nil {
		return nil, err
	}
	return t, nil
}

func (t *tour) close() {
	_ = t.conn.Close()
	t.server.Stop()
}

func (t *tour) observe(_ context.Context, e retry.Event) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.events = append(t.events, e)
}

func (t *tour) visit(number int, s stop) {
	t.mu.Lock()
	t.events = nil
	t.mu.Unlock()
	t.printf("\n%2d. %s\n    %s\n\n", number, s.title, s.promise)
	s.visit(t.ctx, t)
}

// held prints what the caller held, and the failed attempts before it.
func (t *tour) held(err error) {
	t.mu.Lock()
	for _, e := range t.events {
		next := e.Decision.String()
		if e.Decision == retry.DecisionRetry {
			next = fmt.Sprintf("again in %v", e.Delay.Round(time.Millisecond))
		}
		t.printf("      attempt %d  %v, %s\n", e.Attempt, status.CodeOf(e.Err), next)
	}
	t.mu.Unlock()
	if err == nil {
		t.printf("      held       no error\n")
		return
	}
	t.printf("      held       %s\n", strings.ReplaceAll(fmt.Sprintf("%+v", err), "\n    ", "\n                 "))
}

// expect checks a promise.
func (t *tour) expect(what string, kept bool) {
	mark := "ok  "
	if kept {
		t.kept++
	} else {
		t.broken++
		mark = "NOT "
	}
	t.printf("      %s       %s\n", mark, what)
}

func (t *tour) summary() {
	t.printf("\n%d promises kept, %d broken.\n", t.kept, t.broken)
}

func (t *tour) printf(format string, args ...any) { _, _ = fmt.Fprintf(t.out, format, args...) }
