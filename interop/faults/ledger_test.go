package faults_test

import (
	"context"
	"io"
	"net/http"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"google.golang.org/grpc/stats"
)

// A ledger counts what a call has in use: attempts over gRPC, and bodies of
// answers over HTTP.
type ledger struct{ inUse atomic.Int64 }

// settled waits until all of it was given back, if not for ever.
func (l *ledger) settled(patience time.Duration) bool {
	for deadline := time.Now().Add(patience); l.inUse.Load() != 0; runtime.Gosched() {
		if time.Now().After(deadline) {
			return false
		}
	}
	return true
}

func (l *ledger) begin() { l.inUse.Add(1) }

func (l *ledger) end() {
	l.inUse.Add(-1)
	closed.Add(1)
}

var _ stats.Handler = (*ledger)(nil)

// HandleRPC hears of the begin and of the end of every attempt.
func (l *ledger) HandleRPC(_ context.Context, s stats.RPCStats) {
	switch s.(type) {
	case *stats.Begin:
		l.begin()
	case *stats.End:
		l.end()
	}
}

func (*ledger) TagRPC(ctx context.Context, _ *stats.RPCTagInfo) context.Context   { return ctx }
func (*ledger) TagConn(ctx context.Context, _ *stats.ConnTagInfo) context.Context { return ctx }
func (*ledger) HandleConn(context.Context, stats.ConnStats)                       {}

// bodies is base with all its answers' bodies counted.
func (l *ledger) bodies(base http.RoundTripper) http.RoundTripper {
	return roundTripper(func(req *http.Request) (*http.Response, error) {
		resp, err := base.RoundTrip(req)
		if err == nil {
			l.begin()
			resp.Body = &countedBody{ReadCloser: resp.Body, end: sync.OnceFunc(l.end)}
		}
		return resp, err
	})
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

type countedBody struct {
	io.ReadCloser
	end func()
}

func (b *countedBody) Close() error {
	b.end()
	return b.ReadCloser.Close()
}
