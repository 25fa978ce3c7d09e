//go:build !race

package interceptors_test

const underRace = false
