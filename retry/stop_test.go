package retry_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/errwire/errwire/retry"
	"github.com/errwire/errwire/status"
)

func TestStop(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		sentinel := errors.New("sentinel")
		api := status.New(status.Unavailable, "down").WithCause(sentinel)
		for name, err := range map[string]error{
			"bare":               retry.Stop(api),
			"twice":              retry.Stop(retry.Stop(api)),
			"wrapped":            wrapped(retry.Stop(api)),
			"wraps":              retry.Stop(wrapped(api)),
			"on both sides":      retry.Stop(wrapped(retry.Stop(api))),
			"joined":             errors.Join(errors.New("other"), retry.Stop(api)),
			"joined, other one":  errors.Join(api, retry.Stop(errors.New("other"))),
			"as the cause":       api.WithCause(retry.Stop(sentinel)),
			"beyond a wide join": errors.Join(append(slices.Repeat([]error{sentinel}, 10_000), retry.Stop(api))...),
			"deep down":          deep(retry.Stop(api), 10_000),
		} {
			var seen recorder
			server := callee{err: err}
			got := retry.Do(t.Context(), policy(t, seen.option()), server.call)
			assert.Equal(t, 1, server.calls, name)
			assert.Equal(t, []retry.Decision{retry.DecisionDoneStop}, seen.decisions(), name)
			assert.True(t, status.IsUnavailable(got), name)
			assert.Equal(t, 1, status.FromError(got).Attempts(), name)
			assert.ErrorIs(t, got, sentinel, name)
			assert.False(t, retry.Stopped(got), "%s: the mark is off", name)
			assert.False(t, retry.Stopped(wrapped(got)), "%s: and stays off", name)
			assert.True(t, retry.Stopped(retry.Stop(got)), "%s: but can be made again", name)
		}
	})
}

func TestStopIsFoundBesideErrorsThatPanic(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := callee{err: errors.Join((*hostile)(nil), (*manyHostile)(nil), retry.Stop(down()))}
		got := retry.Do(t.Context(), policy(t), server.call)
		assert.Equal(t, 1, server.calls)
		assert.True(t, status.IsUnavailable(got))
	})
}

func TestStopLeavesPlainErrorsAsTheyAre(t *testing.T) {
	t.Parallel()
	plain := errors.New("no such option")
	got := retry.Do(t.Context(), policy(t), (&callee{err: retry.Stop(retry.Stop(plain))}).call)
	assert.Same(t, plain, got)
	inside := wrapped(retry.Stop(plain))
	assert.Same(t, inside, retry.Do(t.Context(), policy(t), (&callee{err: inside}).call))
}

func TestStopIsForOneLoop(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for name, err := range map[string]error{"bare": retry.Stop(down()), "wrapped": wrapped(retry.Stop(down()))} {
			server := callee{err: err}
			err := retry.Do(t.Context(), policy(t), func(ctx context.Context) error {
				return wrapped(retry.Do(ctx, policy(t), server.call))
			})
			require.Error(t, err)
			assert.Equal(t, 5, server.calls, "%s: the outer loop decides for itself", name)
		}
	})
}

func TestStopAsAnError(t *testing.T) {
	t.Parallel()
	assert.NoError(t, retry.Stop(nil))
	api := status.New(status.Aborted, "busy")
	marked := retry.Stop(api)
	assert.Equal(t, "busy", marked.Error())
	assert.True(t, status.IsAborted(marked), "a mark changes no code")
	require.ErrorIs(t, marked, api)
	// A loop's result keeps its own text, and its cause the cause's.
	result := retry.Do(t.Context(), policy(t), (&callee{err: wrapped(marked)}).call)
	assert.Equal(t, "busy", result.Error())
	assert.Equal(t, "wrapped: busy", errors.Unwrap(result).Error())
}

func TestStopped(t *testing.T) {
	t.Parallel()
	for name, err := range map[string]error{
		"nil":             nil,
		"plain":           errors.New("plain"),
		"typed nil":       (*status.Error)(nil),
		"hostile":         (*hostile)(nil),
		"hostile, joined": (*manyHostile)(nil),
		"a circle":        newCircle(),
		"a circle of two": errors.Join(newCircle(), newCircle()),
		"no branches":     &manyHostile{},
		"nil branches":    &manyHostile{errs: []error{nil, nil}},
	} {
		assert.False(t, retry.Stopped(err), name)
	}
}
