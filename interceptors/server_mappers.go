package interceptors

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io/fs"

	"github.com/errwire/errwire/status"
)

// MapIs makes a mapper of a sentinel: an error for which errors.Is(err, target)
// holds leaves as to, which is a [status.Code], a [status.ServiceCode] or a
// *[status.Error]. It is nil, which [WithMapper] refuses, when an argument is.
//
//	interceptors.WithMapper(interceptors.MapIs(store.ErrFull, status.ResourceExhausted))
func MapIs(target, to error) func(error) *status.Error {
	if target == nil || to == nil {
		return nil
	}
	return func(err error) *status.Error {
		if !errors.Is(err, target) {
			return nil
		}
		return status.FromError(to)
	}
}

// MapAs makes a mapper of an error type: where errors.As finds a T, convert says
// what leaves, or nil when that T is not its business. It is nil, which
// [WithMapper] refuses, when convert is.
func MapAs[T error](convert func(T) *status.Error) func(error) *status.Error {
	if convert == nil {
		return nil
	}
	return func(err error) *status.Error {
		var found T
		if !errors.As(err, &found) {
			return nil
		}
		return convert(found)
	}
}

// MapFS is a mapper for services whose resources are files: what does not exist
// is NOT_FOUND, what does is ALREADY_EXISTS, and a file that may not be read is
// PERMISSION_DENIED, as in net/http's file server. No path leaves.
func MapFS(err error) *status.Error { return mapTable(err, fsErrors) }

// MapSQL is a mapper for services whose resources are rows: no row is NOT_FOUND,
// a connection that is gone is UNAVAILABLE.
func MapSQL(err error) *status.Error { return mapTable(err, sqlErrors) }

// MapContext is a mapper for errors that only say by their Is method that they
// are the end of a context, as those of package net do. The errors of package
// context themselves are understood without it.
func MapContext(err error) *status.Error { return mapTable(err, contextErrors) }

type mapping struct {
	target error
	code   status.Code
}

var (
	fsErrors = []mapping{
		{fs.ErrNotExist, status.NotFound},
		{fs.ErrExist, status.AlreadyExists},
		{fs.ErrPermission, status.PermissionDenied},
	}
	sqlErrors = []mapping{
		{sql.ErrNoRows, status.NotFound},
		{sql.ErrConnDone, status.Unavailable},
		{driver.ErrBadConn, status.Unavailable},
	}
	contextErrors = []mapping{
		{context.Canceled, status.Cancelled},
		{context.DeadlineExceeded, status.DeadlineExceeded},
	}
)

func mapTable(err error, table []mapping) *status.Error {
	for _, row := range table {
		if errors.Is(err, row.target) {
			return status.New(row.code, "")
		}
	}
	return nil
}
