package generate

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestALineOfACommentReadsAsItRuns(t *testing.T) {
	t.Parallel()
	c := comment{lines: []string{"a\u202eb\u2066c", "\ufeffa\r\vb\x00", "\tcode", "\xff", ""}}
	assert.Equal(t, "// a b c\n//  a  b\n// \tcode\n//\n//\n", c.String())
}
