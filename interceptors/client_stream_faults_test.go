package interceptors_test

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"
	grpcstatus "google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/errwire/errwire/interceptors"
	"github.com/errwire/errwire/retry"
	"github.com/errwire/errwire/status"
)

// A view is what a caller sees of a stream.
type view struct {
	Messages                    []string
	Code, Text                  string
	Header, Trailer             metadata.MD
	OptionHeader, OptionTrailer metadata.MD
	Peer                        bool
	Finished                    []string // codes
}

// use uses a stream as c says, from one goroutine, and returns its error, nil
// for io.EOF.
func (c faultCase) use(ctx context.Context, tb testing.TB, conn *grpc.ClientConn) (v view, failed error) {
	tb.Helper()
	var from peer.Peer
	stream, err := conn.NewStream(ctx, &c.kind.desc, "/script.Script/Play",
		grpc.Header(&v.OptionHeader), grpc.Trailer(&v.OptionTrailer), grpc.Peer(&from),
		grpc.OnFinish(func(err error) { v.Finished = append(v.Finished, grpcstatus.Code(err).String()) }))
	require.NoError(tb, err)
	failed = c.talk(tb, stream, &v.Messages)
	v.Code = grpcstatus.Code(failed).String()
	if failed != nil {
		v.Text = withoutSockets(grpcstatus.Convert(failed).Message())
	}
	v.Header, err = stream.Header()
	require.NoError(tb, err)
	v.Trailer = stream.Trailer()
	v.Peer = from.Addr != nil
	return v, failed
}

func (c faultCase) talk(tb testing.TB, stream grpc.ClientStream, got *[]string) error {
	tb.Helper()
	receive := func() error {
		var m wrapperspb.StringValue
		err := stream.RecvMsg(&m)
		if err == nil {
			*got = append(*got, m.GetValue())
		}
		return err
	}
	header := func() {
		if c.header {
			_, err := stream.Header()
			require.NoError(tb, err)
		}
	}
	for i, text := range c.kind.sends {
		if err := stream.SendMsg(wrapperspb.String(text)); err == io.EOF {
			break
		} else if err != nil {
			return err
		}
		if c.kind.pingPong {
			if i == 0 {
				header()
			}
			if err := receive(); err != nil {
				return err
			}
		}
	}
	require.NoError(tb, stream.CloseSend())
	if !c.kind.pingPong {
		header()
	}
	for {
		switch err := receive(); {
		case err == io.EOF:
			return nil
		case err != nil || !c.kind.desc.ServerStreams:
			return err
		}
	}
}

// withoutSockets cuts off what differs from one connection to the next.
func withoutSockets(text string) string {
	if strings.Contains(text, "error reading from server") {
		return "the connection broke"
	}
	return text
}

// Whatever breaks wherever on whichever kind of stream: the caller sees one
// attempt as if it had made no other, and the server has heard all of it.
//
//nolint:paralleltest // it counts the goroutines that are left
func TestStreamFaults(t *testing.T) {
	without := bareViews{}
	for i, c := range faultCases() {
		if testing.Short() && i%9 > 0 {
			continue
		}
		t.Run(c.String(), func(t *testing.T) {
			before := streamGoroutines()
			c.check(t, without)
			assertNoStreams(t, before)
		})
	}
}

func (c faultCase) check(t *testing.T, without bareViews) {
	t.Helper()
	var seen diary
	server := startScript(t, c.scriptOf)
	options := []interceptors.ClientOption{
		interceptors.WithRetryPolicy(fast(t, retry.WithMaxAttempts(faultAttempts), seen.observer())),
	}
	if c.safe {
		options = append(options, interceptors.WithIdempotent())
	}
	conn := plainConn(t, server.addr, interceptors.DialOptions(options...)...)
	got, err := c.use(t.Context(), t, conn)

	verdicts := c.verdicts()
	i := slices.IndexFunc(verdicts, func(v verdict) bool {
		return v.ok == (err == nil) && (v.ok || v.attempts == status.FromError(err).Attempts())
	})
	require.GreaterOrEqual(t, i, 0, "want %v, got %+v, %d attempts", verdicts, got, status.FromError(err).Attempts())
	want := verdicts[i]
	assert.Equal(t, without.of(t, c, want.stream), got, "as without retries")
	assert.Len(t, got.Finished, 1)
	failures := want.attempts
	if want.ok {
		failures--
		assert.Equal(t, c.kind.sends, server.sent()[want.stream])
	} else {
		_ = apiError(t, err)
	}
	decisions := seen.decisions()
	assert.Len(t, decisions, failures, "one event for each failed attempt")
	for i, decision := range decisions {
		assert.Equal(t, want.ok || i < failures-1, decision == retry.DecisionRetry, "%d: %v", i, decision)
	}
}

// bareViews are what a bare client sees of a stream, by what it is to see.
type bareViews map[string]view

func (b bareViews) of(t *testing.T, c faultCase, stream int) view {
	t.Helper()
	script := c.scriptOf(stream)
	key := fmt.Sprint(c.kind.name, script, stream, c.header)
	if v, known := b[key]; known {
		return v
	}
	server := startScript(t, func(int) []step { return script })
	server.label = func(int) int { return stream }
	conn := plainConn(t, server.addr)
	v, _ := c.use(t.Context(), t, conn)
	// When its own second try fails as well, grpc-go now and then tells of a
	// success; see streamAttempt.receive.
	for c.fault.unprocessed && stream < c.failing && (v.Code != "Unavailable" || v.Finished[0] != v.Code) {
		v, _ = c.use(t.Context(), t, conn)
	}
	b[key] = v
	return v
}
