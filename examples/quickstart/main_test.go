package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestEveryPromiseIsKept(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	broken, err := run(t.Context(), &out)
	require.NoError(t, err)
	assert.Zero(t, broken, out.String())
	assert.Equal(t, len(stops), strings.Count(out.String(), "      held "), "each stop shows what the caller held")
}
