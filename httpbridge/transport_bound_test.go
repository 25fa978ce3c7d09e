package httpbridge_test

import (
	"context"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/errwire/errwire/httpbridge"
	"github.com/errwire/errwire/retry"
	"github.com/errwire/errwire/status"
)

func TestPerAttemptTimeout(t *testing.T) {
	t.Parallel()
	const bound = 150 * time.Millisecond
	release, goOn := make(chan struct{}), make(chan struct{})
	s := newService(t, func(previous int, w http.ResponseWriter, _ *http.Request) {
		if previous < 2 {
			<-release
			return
		}
		_, _ = io.WriteString(w, "head ")
		_ = http.NewResponseController(w).Flush()
		<-goOn
		_, _ = io.WriteString(w, "tail")
	})
	t.Cleanup(func() { close(release) })
	policy, seen := at(t, retry.WithPerAttemptTimeout(bound))
	client := httpbridge.NewClient(fresh(t), httpbridge.WithRetryPolicy(policy))
	resp, err := client.Do(request(t, "GET", s.URL, ""))
	require.NoError(t, err)
	<-time.After(2 * bound) // the body has no such bound
	close(goOn)
	assert.Equal(t, "head tail", readAll(t, resp.Body))
	assert.EqualValues(t, 3, s.calls.Load())

	s.calls.Store(0)
	_, err = client.Do(request(t, "POST", s.URL, "x"))
	assert.True(t, status.IsDeadlineExceeded(err), "%v", err)
	assert.Equal(t, retry.DecisionDoneUnsafe, seen.last(t).Decision)
	require.NotErrorIs(t, err, context.Canceled)
	require.NotErrorIs(t, err, context.DeadlineExceeded, "the caller's own deadline has not passed")
}

func TestUpgradedConnectionIsTheCallers(t *testing.T) {
	t.Parallel()
	s := newService(t, func(_ int, w http.ResponseWriter, _ *http.Request) {
		conn, buffered, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		defer func() { _ = conn.Close() }()
		_, _ = io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n")
		_, _ = io.CopyN(conn, buffered, 4)
	})
	policy, _ := at(t, retry.WithPerAttemptTimeout(time.Minute))
	req := request(t, "GET", s.URL, "")
	req.Header.Set("Connection", "Upgrade")
	req.Header.Set("Upgrade", "echo")
	resp, err := httpbridge.NewClient(fresh(t), httpbridge.WithRetryPolicy(policy)).Do(req)
	require.NoError(t, err)
	conn, ok := resp.Body.(io.ReadWriteCloser)
	require.True(t, ok, "%T", resp.Body)
	_, err = io.WriteString(conn, "ping")
	require.NoError(t, err)
	assert.Equal(t, "ping", readAll(t, conn))
}
