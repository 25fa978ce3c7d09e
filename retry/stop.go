package retry

import "errors"

// A stopped error must not be retried.
type stopped struct{ err error }

func (s *stopped) Error() string { return s.err.Error() }
func (s *stopped) Unwrap() error { return s.err }

// Stop marks err: it is not retried, whatever its code. The mark may be wrapped.
// A retry loop that returns a marked error itself takes the mark off. Stop(nil)
// is nil.
func Stop(err error) error {
	if err == nil {
		return nil
	}
	return &stopped{err}
}

// Stopped reports whether err is marked by [Stop].
func Stopped(err error) bool {
	var mark *stopped
	return errors.As(err, &mark)
}

// unmark takes off a mark that is the outermost wrapping.
func unmark(err error) error {
	if mark, ok := err.(*stopped); ok { //nolint:errorlint // only the outermost
		return mark.err
	}
	return err
}
