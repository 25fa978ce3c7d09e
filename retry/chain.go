package retry

// A joined error is two causes of one error; unlike errors.Join it has the text
// of the first only, and there are never fewer than two.
type joined struct{ first, second error }

func chain(first, second error) error {
	if second == nil {
		return first
	}
	return &joined{first, second}
}

func (j *joined) Error() string   { return j.first.Error() }
func (j *joined) Unwrap() []error { return []error{j.first, j.second} }
