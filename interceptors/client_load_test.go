package interceptors_test

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"

	"github.com/errwire/errwire/interceptors"
	"github.com/errwire/errwire/status"
)

// 200 goroutines on one connection, each with calls that succeed, fail, succeed
// after a retry and fail after some: every call is told of itself and of no
// other.
func TestUnaryManyAtOnce(t *testing.T) {
	t.Parallel()
	server := startBackend(t, func(ctx context.Context, _ int) error {
		md, _ := metadata.FromIncomingContext(ctx)
		id, previous := md["id"][0], len(md["grpc-previous-rpc-attempts"])
		_ = grpc.SetHeader(ctx, metadata.Pairs("id", id))
		_ = grpc.SetTrailer(ctx, metadata.Pairs("id", id))
		switch kind := id[0]; {
		case kind == 'f':
			return status.Newf(status.NotFound, "no %s", id)
		case kind == 'u', kind == 'r' && previous == 0:
			return status.Newf(status.Unavailable, "not now, %s", id)
		default:
			return nil
		}
	})
	conn := retryingConn(t, server.addr)
	var callers sync.WaitGroup
	for n := range 200 {
		callers.Go(func() {
			for i, kind := range []string{"success", "failure", "retried", "success", "unavailable"} {
				id := fmt.Sprint(kind, "/", n, "/", i)
				var header, trailer metadata.MD
				var from peer.Peer
				finished := 0
				ctx := metadata.AppendToOutgoingContext(t.Context(), "id", id)
				opts := []grpc.CallOption{
					grpc.Header(&header), grpc.Trailer(&trailer), grpc.Peer(&from), grpc.OnFinish(func(error) { finished++ }),
				}
				reply, err := unary(ctx, conn, opts[:n%5]...) // of some calls only some
				switch kind {
				case "failure":
					assert.Equal(t, "no "+id, status.FromError(err).Message())
				case "unavailable":
					assert.Equal(t, "not now, "+id, status.FromError(err).Message())
					assert.Equal(t, 5, status.FromError(err).Attempts())
				default:
					assert.NoError(t, err)
					assert.Equal(t, "run", reply.GetUsername())
				}
				if n%5 == 4 {
					assert.Equal(t, []string{id}, header["id"])
					assert.Equal(t, []string{id}, trailer["id"])
					assert.Equal(t, server.addr, from.Addr.String())
					assert.Equal(t, 1, finished)
				}
			}
		})
	}
	callers.Wait()
	assert.EqualValues(t, 200*(1+1+2+1+5), server.runs.Load())
}

// Nothing of ours runs on after a call has returned, however it ended.
func TestUnaryLeavesNoGoroutine(t *testing.T) { //nolint:paralleltest // other tests' goroutines are of the same kind
	server := startBackend(t, func(ctx context.Context, run int) error {
		if run%2 == 0 {
			<-ctx.Done()
		}
		return errBusy
	})
	conn := retryingConn(t, server.addr, interceptors.WithIdempotent())
	refused := retryingConn(t, refusing(t))
	for range 20 {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		_, err := unary(ctx, conn)
		require.Error(t, err)
		_, err = unary(ctx, refused)
		require.Error(t, err)
		cancel()
	}
	require.NoError(t, conn.Close())
	require.NoError(t, refused.Close())
	server.server.Stop()
	assert.Eventually(t, func() bool { return !strings.Contains(stacks(), "errwire/interceptors.(") }, time.Minute, time.Millisecond,
		"still running: %s", stacks())
}

func stacks() string {
	buffer := make([]byte, 1<<20)
	return string(buffer[:runtime.Stack(buffer, true)])
}
