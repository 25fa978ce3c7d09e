package httpbridge

import (
	"go/build"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The words of net/http are held to the Go in use by its source; most of them
// cannot be provoked without a race.
func TestNetWordsAreNetHTTPs(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join(build.Default.GOROOT, "src", "net", "http", "*.go"))
	require.NoError(t, err)
	inner, err := filepath.Glob(filepath.Join(build.Default.GOROOT, "src", "net", "http", "internal", "http2", "*.go"))
	require.NoError(t, err)
	var source strings.Builder
	for _, file := range append(files, inner...) {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		source.Write(text)
	}
	if source.Len() == 0 {
		t.Skip("Go's source is not here")
	}
	for _, words := range netWords {
		if strings.HasPrefix(words.text, "connection broken: ") {
			continue // put together of several; interop cuts connections at every byte
		}
		assert.True(t, strings.Contains(source.String(), `"`+words.text), words.text) //nolint:testifylint // would print it all
	}
}
