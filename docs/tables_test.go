package docs_test

import (
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/errwire/errwire/status"
)

func readme(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../README.md")
	require.NoError(t, err)
	return string(text)
}

func TestTheTableOfCodesIsTheCode(t *testing.T) {
	t.Parallel()
	text := readme(t)
	for code := status.Cancelled; code <= status.Conflict; code++ {
		var predicate strings.Builder
		for word := range strings.SplitSeq(code.String(), "_") {
			predicate.WriteString(word[:1] + strings.ToLower(word[1:]))
		}
		row := fmt.Sprintf("| %v | %v | %d | `status.Is%s` |", code, code.GRPC(), code.HTTPStatus(), predicate.String())
		assert.Contains(t, text, row)
	}
}

// TestTheHTTPTableIsTheCode reads "400 and 422 INVALID_ARGUMENT, …".
func TestTheHTTPTableIsTheCode(t *testing.T) {
	t.Parallel()
	_, text, _ := strings.Cut(readme(t), "when a REST body says nothing better:")
	text, _, found := strings.Cut(text, "the rest UNKNOWN")
	require.True(t, found)
	said := map[int]status.Code{}
	for _, match := range regexp.MustCompile(`((?:\d{3}(?:\s+and\s+)?)+)\s+([A-Z_]+)`).FindAllStringSubmatch(text, -1) {
		code, ok := status.ParseCode(match[2])
		require.True(t, ok, match[2])
		for _, number := range regexp.MustCompile(`\d{3}`).FindAllString(match[1], -1) {
			httpStatus, err := strconv.Atoi(number)
			require.NoError(t, err)
			said[httpStatus] = code
		}
	}
	for httpStatus := 300; httpStatus < 600; httpStatus++ {
		want := status.Unknown
		if code, ok := said[httpStatus]; ok {
			want = code
		}
		assert.Equal(t, want, status.FromHTTPStatus(httpStatus), "HTTP %d", httpStatus)
	}
}
