//go:build race

package status_test

const raceDetector = true
