package main

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/errwire/errwire/httpbridge"
	"github.com/errwire/errwire/status"
)

// restServer serves the same users over REST; its handler just returns errors.
func restServer(u *users) (base string, stop func(), err error) {
	listener, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	server := &http.Server{
		ReadHeaderTimeout: time.Second,
		Handler: httpbridge.Handler(func(w http.ResponseWriter, r *http.Request) error {
			name, err := u.get(r.Context(), r.URL.Query().Get("user"))
			if err != nil {
				return err
			}
			_, err = io.WriteString(w, name)
			return err
		}, httpbridge.WithLogger(quiet)),
	}
	go func() { _ = server.Serve(listener) }()
	return "http://" + listener.Addr().String(), func() { _ = server.Close() }, nil
}

// getREST asks the REST server for a user.
func (t *tour) getREST(ctx context.Context, base, name string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, base+"/?user="+url.QueryEscape(name), nil)
	if err != nil {
		return err // a programming error
	}
	resp, err := httpbridge.NewClient(nil, httpbridge.WithRetryPolicy(t.policy)).Do(req)
	if err != nil {
		return err
	}
	return resp.Body.Close()
}

func overREST(ctx context.Context, t *tour) {
	base, stop, err := restServer(t.users)
	t.expect("a REST server of the same users runs", err == nil)
	if err != nil {
		return
	}
	defer stop()
	overHTTP := t.getREST(ctx, base, "42")
	t.held(overHTTP)
	_, overGRPC := t.get(ctx, "42")
	t.expect("status.Equal(overGRPC, overHTTP)", status.Equal(overGRPC, overHTTP))
	resp := status.HTTPResponse(overHTTP)
	t.expect("the HTTP response is there too: 404", resp != nil && resp.StatusCode == http.StatusNotFound)
	leaked := t.getREST(ctx, base, "leaky")
	t.expect("over REST, too, the secret stays on the server", leaked != nil && leaked.Error() == status.Internal.DefaultMessage())
}
