package errwirev1_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	errwirev1 "github.com/errwire/errwire/proto/errwire/v1"
	"github.com/errwire/errwire/status"
)

// The enum is status.Code once more: same names, same numbers, none missing.
func TestCodeIsStatusCode(t *testing.T) {
	t.Parallel()
	require.Len(t, errwirev1.Code_name, int(status.Conflict)+1)
	for number, name := range errwirev1.Code_name {
		assert.Equal(t, status.Code(number).String(), name)
		code, ok := status.ParseCode(name)
		assert.True(t, ok)
		assert.EqualValues(t, number, code)
	}
}
