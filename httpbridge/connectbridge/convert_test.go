package connectbridge_test

import (
	"errors"
	"io"
	"testing"

	"connectrpc.com/connect"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/errwire/errwire/httpbridge/connectbridge"
	"github.com/errwire/errwire/status"
)

func TestConversions(t *testing.T) {
	t.Parallel()
	t.Run("nil", func(t *testing.T) {
		t.Parallel()
		assert.Nil(t, connectbridge.FromConnect(nil))
		assert.Nil(t, connectbridge.ToConnect(nil))
	})
	t.Run("there and back", func(t *testing.T) {
		t.Parallel()
		assert.True(t, status.Equal(rich, connectbridge.FromConnect(connectbridge.ToConnect(rich))))
	})
	t.Run("the nearest counts", func(t *testing.T) {
		t.Parallel()
		inside := connect.NewError(connect.CodeAborted, rich)
		assert.Equal(t, status.Aborted, connectbridge.FromConnect(inside).Code())
		outside := status.New(status.DataLoss, "m").WithCause(inside)
		assert.Equal(t, status.DataLoss, connectbridge.FromConnect(outside).Code())
	})
	t.Run("nothing panics", func(t *testing.T) {
		t.Parallel()
		odd := connect.NewError(connect.Code(99), nil)
		odd.AddDetail(nil)
		odd.AddDetail(&connect.ErrorDetail{})
		for _, err := range []error{(*connect.Error)(nil), (*status.Error)(nil), odd, &connect.Error{}, errors.Join(nil, odd), io.EOF} {
			require.NotPanics(t, func() {
				assert.NotNil(t, connectbridge.FromConnect(err))
				assert.NotNil(t, connectbridge.ToConnect(err))
			})
		}
		assert.Equal(t, status.Unknown, connectbridge.FromConnect(odd).Code())
	})
}
