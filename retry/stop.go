package retry

import "github.com/errwire/errwire/status"

// A stopped error must not be retried.
type stopped struct{ err error }

func (s *stopped) Error() string { return s.err.Error() }
func (s *stopped) Unwrap() error { return s.err }

// Stop marks err: it is not retried, whatever its code. The marked error may be
// wrapped, and be the cause of another. Stop(nil) is nil.
//
// The mark is for the loop that meets it, which takes it off: an error returned
// by [Do] or by a transport's retries is not marked, so that a loop around that
// one decides for itself.
func Stop(err error) error {
	if err == nil {
		return nil
	}
	return &stopped{err}
}

// Stopped reports whether err is marked by [Stop]. It is safe on nil and on any
// error.
func Stopped(err error) bool {
	left := maxVisited
	return marked(err, &left)
}

// maxVisited bounds the walk through an error's tree. Real chains have a few
// links; the bound is for those that run in a circle.
const maxVisited = 1 << 17

// marked is errors.As for the mark, but that it comes to an end in a circle, and
// takes no harm from methods that panic on a nil receiver.
func marked(err error, left *int) bool {
	for err != nil && *left > 0 {
		*left--
		switch e := err.(type) { //nolint:errorlint // one link at a time
		case *stopped:
			return true
		case *heeded:
			return false
		case interface{ Unwrap() error }:
			err = guard(e.Unwrap)
		case interface{ Unwrap() []error }:
			for _, branch := range guard(e.Unwrap) {
				if marked(branch, left) {
					return true
				}
			}
			return false
		default:
			return false
		}
	}
	return false
}

func guard[T any](method func() T) (answer T) {
	defer func() { _ = recover() }()
	return method()
}

// unmark takes off the marks that are the outermost wrapping.
func unmark(err error) error {
	for {
		mark, ok := err.(*stopped) //nolint:errorlint // only the outermost
		if !ok {
			return err
		}
		err = mark.err
	}
}

// A heeded error hides the marks behind it, for the loop they were meant for is
// over. All else behind it stays reachable.
type heeded struct{ err error }

func (h *heeded) Error() string { return h.err.Error() }
func (h *heeded) Unwrap() error { return h.err }

// unmarkCause hides the marks that the chain of e has.
func unmarkCause(e *status.Error) *status.Error {
	if !Stopped(e) {
		return e
	}
	return e.WithCause(&heeded{e.Unwrap()})
}
