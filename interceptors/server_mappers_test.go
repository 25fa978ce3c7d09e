package interceptors_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/errwire/errwire/interceptors"
	"github.com/errwire/errwire/status"
)

func TestReadyMadeMappers(t *testing.T) {
	t.Parallel()
	missing := filepath.Join(t.TempDir(), secret)
	_, notExist := os.Open(missing)
	require.NoError(t, os.Mkdir(missing, 0o700))
	exist := os.Mkdir(missing, 0o700)
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	_, cancelled := new(net.Dialer).DialContext(ended, "tcp", "127.0.0.1:1")
	require.Error(t, cancelled)

	tests := []struct {
		name   string
		mapper func(error) *status.Error
		err    error
		want   status.Code
	}{
		{"fs: does not exist", interceptors.MapFS, notExist, status.NotFound},
		{"fs: exists", interceptors.MapFS, exist, status.AlreadyExists},
		{"fs: not permitted", interceptors.MapFS, fmt.Errorf("%s: %w", secret, os.ErrPermission), status.PermissionDenied},
		{"fs: closed", interceptors.MapFS, os.ErrClosed, status.OK},
		{"sql: no row", interceptors.MapSQL, fmt.Errorf("%s: %w", secret, sql.ErrNoRows), status.NotFound},
		{"sql: connection gone", interceptors.MapSQL, sql.ErrConnDone, status.Unavailable},
		{"sql: bad connection", interceptors.MapSQL, driver.ErrBadConn, status.Unavailable},
		{"sql: a bug", interceptors.MapSQL, sql.ErrTxDone, status.OK},
		{"context: a cancelled dial", interceptors.MapContext, cancelled, status.Cancelled},
		{"context: another error", interceptors.MapContext, os.ErrDeadlineExceeded, status.OK},
		{"is: another", interceptors.MapIs(errFull, status.NotFound), sql.ErrNoRows, status.OK},
		{"is: by a service code", interceptors.MapIs(errFull, shelfFull), errFull, status.Unknown},
		{"as: another", interceptors.MapAs(func(quotaError) *status.Error { return status.New(status.NotFound, "") }), errFull, status.OK},
		{"as: an interface", interceptors.MapAs(func(net.Error) *status.Error { return status.New(status.Unavailable, "") }),
			&net.OpError{Op: secret, Err: errors.New(secret)}, status.Unavailable},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			mapped := tt.mapper(tt.err)
			assert.Equal(t, tt.want, mapped.Code())
			if mapped != nil {
				assert.NotContains(t, status.Public(mapped).Message(), secret)
			}
			want := tt.want
			if want == status.OK {
				want = status.Internal
			}
			assert.Equal(t, want, status.Public(tt.err, tt.mapper).Code())
		})
	}
}

func TestMappersAreAskedInOrder(t *testing.T) {
	t.Parallel()
	opts := []interceptors.ServerOption{
		interceptors.WithMapper(func(error) *status.Error { return nil }),
		interceptors.WithMapper(interceptors.MapIs(errFull, status.ResourceExhausted)),
		interceptors.WithMapper(interceptors.MapIs(errFull, status.NotFound)),
	}
	assert.Equal(t, status.ResourceExhausted, called(t, fails(errFull), opts).Code())
}
