package retry_test

import "fmt"

// A hostile error cannot bear to be nil, or asked.
type hostile struct{ err error }

func (h *hostile) Error() string { return h.err.Error() }
func (h *hostile) Unwrap() error { return h.err }

// A manyHostile error is one that joins others.
type manyHostile struct{ errs []error }

func (h *manyHostile) Error() string   { return h.errs[0].Error() }
func (h *manyHostile) Unwrap() []error { return h.errs }

// A circle is an error that wraps itself.
type circle struct{ err error }

func newCircle() error {
	c := &circle{}
	c.err = c
	return c
}

func (c *circle) Error() string { return "circle" }
func (c *circle) Unwrap() error { return c.err }

// deep wraps err many times.
func deep(err error, times int) error {
	for range times {
		err = &circle{err}
	}
	return err
}

// wrapped is fmt.Errorf for tables.
func wrapped(err error) error { return fmt.Errorf("wrapped: %w", err) }
