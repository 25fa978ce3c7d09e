//go:build !race

package load_test

const (
	calls   = 10_000 // at once
	streams = 1_000  // open at once
)
