package retry_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/errwire/errwire/retry"
	"github.com/errwire/errwire/status"
)

// What follows progress has the attempts and waits of a new call; who counts,
// counts on.
func TestProgressedCountsAnew(t *testing.T) {
	t.Parallel()
	var seen recorder
	call := policy(t, seen.option(), retry.WithMaxAttempts(3), retry.WithoutBudget(),
		retry.WithBackoff(time.Second, time.Minute)).Start("", "", nil)
	const perStretch = 3
	for range 2 {
		for attempt := 1; attempt <= perStretch; attempt++ {
			_, again := call.Failed(t.Context(), failed(status.Unavailable))
			assert.Equal(t, attempt < perStretch, again)
		}
		call.Progressed()
	}
	assert.Equal(t, 2*perStretch, call.Attempts())
	assert.Equal(t, []time.Duration{time.Second, 2 * time.Second, time.Second, 2 * time.Second}, seen.delays())
	for i, event := range seen.events {
		assert.Equal(t, i+1, event.Attempt)
	}
	assert.Equal(t, 2*perStretch, status.FromError(call.Result(t.Context(), down())).Attempts())
	(*retry.Call)(nil).Progressed()
}
