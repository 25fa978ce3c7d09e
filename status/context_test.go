package status_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/errwire/errwire/status"
)

func TestWithContextError(t *testing.T) {
	t.Parallel()
	e := status.New(status.Unavailable, "m").WithCause(errPlain)
	ongoing, cancel := context.WithTimeout(t.Context(), time.Hour)
	defer cancel()
	assert.Same(t, e, e.WithContextError(ongoing), "it goes on")
	assert.Same(t, e, e.WithContextError(nil)) //nolint:staticcheck // SA1012: the point

	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	timedOut, cancel := context.WithTimeout(t.Context(), 0)
	defer cancel()
	errShutdown := errors.New("shutting down")
	shutDown, cancelCause := context.WithCancelCause(t.Context())
	cancelCause(errShutdown)
	for name, test := range map[string]struct {
		ctx  context.Context
		want []error
		text string
	}{
		"cancelled":            {cancelled, []error{context.Canceled}, "context canceled"},
		"timed out":            {timedOut, []error{context.DeadlineExceeded}, "context deadline exceeded"},
		"cancelled for cause":  {shutDown, []error{context.Canceled, errShutdown}, "context canceled"},
		"a timer that is late": {lateContext{t.Context()}, []error{context.DeadlineExceeded}, "context deadline exceeded"},
	} {
		ended := e.WithContextError(test.ctx)
		assert.True(t, status.IsUnavailable(ended), "%s: the error is still the call's own", name)
		assert.True(t, status.Equal(e, ended), name)
		for _, want := range append(test.want, errPlain) {
			assert.ErrorIs(t, ended, want, name)
		}
		assert.EqualError(t, ended.Unwrap(), test.text, name)
		assert.ErrorIs(t, status.FromError(fmt.Errorf("a: %w", ended)), test.want[0], name)
		assert.NotContains(t, status.Public(ended).Error(), "context")
	}
	bare := status.New(status.Unavailable, "m").WithContextError(cancelled)
	assert.ErrorIs(t, bare, context.Canceled)
	assert.NotErrorIs(t, bare, context.DeadlineExceeded)
}

// A lateContext is past its deadline and does not know yet.
type lateContext struct{ context.Context }

func (lateContext) Deadline() (time.Time, bool) { return time.Now().Add(-time.Second), true }
