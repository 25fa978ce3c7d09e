package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/errwire/errwire/interceptors"
	"github.com/errwire/errwire/status"
	"github.com/errwire/errwire/status/firebase/auth"
	"github.com/errwire/errwire/status/firebase/messaging"
)

const domain = "users.example.com"

// userNotFound is a service code written by hand; examples/catalog shows how to
// generate them.
var userNotFound = status.ServiceCode{Domain: domain, Reason: "USER_NOT_FOUND"}

// quiet keeps the tour's page clean; a real server logs what it hides.
var quiet = slog.New(slog.DiscardHandler)

const secret = "postgres://admin:hunter2@10.0.0.7"

// users is the service. Its handlers fail as the name of the user says.
type users struct {
	mu    sync.Mutex
	calls map[string]int
}

// nth counts the calls for a user.
func (u *users) nth(name string) int {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.calls == nil {
		u.calls = map[string]int{}
	}
	u.calls[name]++
	return u.calls[name]
}

func (u *users) get(ctx context.Context, name string) (string, error) {
	nth := u.nth(name)
	switch {
	case name == "42":
		return "", status.New(status.NotFound, "There is no user 42.").
			WithServiceCode(userNotFound).
			WithMetadata(map[string]string{"user": "42"})
	case name == "down" && nth <= 2:
		return "", status.Unavailable
	case name == "busy" && nth == 1:
		return "", status.New(status.Unavailable, "Come back soon.").WithRetryDelay(200 * time.Millisecond)
	case name == "overloaded":
		return "", status.New(status.Unavailable, "Come back later.").WithRetryDelay(10 * time.Minute)
	case name == "slow":
		<-ctx.Done()
		return "", ctx.Err()
	case name == "firebase-user":
		return "", auth.UserNotFound
	case name == "firebase-token":
		return "", messaging.Unregistered
	case name == "leaky":
		return "", fmt.Errorf("dial %s: %w", secret, io.ErrUnexpectedEOF)
	}
	return "Ada", nil
}

// list streams five names, or those after one, unless the server dies first.
func (u *users) list(name string, send func(string) error) error {
	if u.nth(name) == 1 && name == "dies first" {
		return status.Unavailable
	}
	all := []string{"Ada", "Ben", "Cleo", "Dana", "Eli"}
	if last, ok := strings.CutPrefix(name, "after "); ok {
		all = all[slices.Index(all, last)+1:]
	}
	for i, user := range all {
		if name == "dies later" && i == 3 {
			return status.Unavailable
		}
		if err := send(user); err != nil {
			return err
		}
	}
	return nil
}

// newServer registers the service without generated code, to keep the tour in
// one place. Handlers just return errors; ServerOptions see to the rest.
func newServer(u *users) *grpc.Server {
	server := grpc.NewServer(interceptors.ServerOptions(
		interceptors.WithDomain(domain),
		interceptors.WithLogger(quiet),
	)...)
	server.RegisterService(&grpc.ServiceDesc{
		ServiceName: "quickstart.Users",
		HandlerType: (*any)(nil),
		Methods:     []grpc.MethodDesc{{MethodName: "Get", Handler: getHandler}},
		Streams:     []grpc.StreamDesc{{StreamName: "List", Handler: listHandler, ServerStreams: true}},
	}, u)
	return server
}

//nolint:revive // grpc wants the context second
func getHandler(srv any, ctx context.Context, decode func(any) error, intercept grpc.UnaryServerInterceptor) (any, error) {
	u, ok := srv.(*users)
	req := &wrapperspb.StringValue{}
	if err := decode(req); err != nil || !ok {
		return nil, err
	}
	handle := func(ctx context.Context, _ any) (any, error) {
		name, err := u.get(ctx, req.GetValue())
		return wrapperspb.String(name), err
	}
	return intercept(ctx, req, &grpc.UnaryServerInfo{Server: srv, FullMethod: getMethod}, handle)
}

func listHandler(srv any, stream grpc.ServerStream) error {
	u, ok := srv.(*users)
	req := &wrapperspb.StringValue{}
	if err := stream.RecvMsg(req); err != nil || !ok {
		return err
	}
	return u.list(req.GetValue(), func(name string) error {
		return stream.SendMsg(wrapperspb.String(name))
	})
}
