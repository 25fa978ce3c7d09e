package interceptors_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/errwire/errwire/interceptors"
	"github.com/errwire/errwire/retry"
	"github.com/errwire/errwire/status"
)

// Each resuming costs a token. The messages after it give one back, four of them
// by the default ratio, and no more than that; others give back what the answer
// to a call does.
func TestResumeBudget(t *testing.T) {
	t.Parallel()
	ten := []string{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"}
	for _, test := range []struct {
		name     string
		tokens   float64
		ratio    float64
		chapters []chapter // the last one is followed by no other
	}{
		{"four messages pay for the next", 1, 0.25, []chapter{breaks("a"), breaks(ten[:4]...), breaks(ten[:4]...), breaks(ten[:3]...)}},
		{"ten pay no more", 3, 0.25, []chapter{breaks("a"), down, down, breaks(ten...), down}},
		{"each attempt costs", 2, 0.25, []chapter{breaks("a"), down, down}},
		{"they pay for each break", 2, 0.25, []chapter{breaks("a"), breaks(ten[:2]...), breaks(ten[:4]...), breaks(ten[:1]...)}},
		{
			"ten pay like four calls", 6, 1,
			[]chapter{breaks("a"), down, down, down, down, down, breaks(ten...), down, down, down, down},
		},
		{"before a break they do not", 3, 0.25, []chapter{down, down, breaks(ten...), down}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			budget, err := retry.NewBudget(retry.WithTokens(test.tokens), retry.WithTokenRatio(test.ratio))
			require.NoError(t, err)
			policy := retry.MustPolicy(retry.WithBudget(budget), retry.WithMaxAttempts(100), retry.WithBackoff(0, 0))
			n := &novel{chapters: append(test.chapters, chapter{[]string{"too far"}, nil})}
			stream := n.open(t.Context(), t, []interceptors.ClientOption{interceptors.WithRetryPolicy(policy)},
				interceptors.Resume(afterLast))
			_, err = receiveAll(stream)
			assertOnly(t, status.Unavailable, err)
			assert.Equal(t, retry.DecisionDoneBudget.String(), whyStopped(t, err))
			assert.Equal(t, len(test.chapters), apiError(t, err).Attempts())
		})
	}
}
