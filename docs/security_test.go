package docs_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestTheLimitsAreTheCode reads the last column of the table in SECURITY.md:
// `file`: `constant = value`.
func TestTheLimitsAreTheCode(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../SECURITY.md")
	require.NoError(t, err)
	rows := strings.Count(string(text), "\n| ") - 1
	held := regexp.MustCompile("(?m)\\| `(\\S+\\.go)`: `(\\w+) = (.+)` \\|$").FindAllStringSubmatch(string(text), -1)
	require.Len(t, held, rows, "each row names a constant")
	for _, limit := range held {
		file, name, value := limit[1], limit[2], limit[3]
		code, err := os.ReadFile("../" + file)
		require.NoError(t, err)
		definition := regexp.MustCompile(`(?m)^\s*(const )?` + name + `\s*= ` + regexp.QuoteMeta(value) + `\s*(//.*)?$`)
		assert.Regexp(t, definition, string(code), "%s: %s", file, name)
	}
}
