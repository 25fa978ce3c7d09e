//go:build race

package load_test

// The race detector costs ten times the time, and finds no more with more.
const (
	calls   = 1_000
	streams = 200
)
