//go:build race

package interceptors_test

// Under the race detector a sync.Pool forgets at random what it is given.
const underRace = true
