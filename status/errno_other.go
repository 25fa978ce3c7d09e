//go:build !unix && !js && !windows

package status

// errnoCode is OK: Plan 9 has no numbers for errors, and WASI no sockets of its
// own.
func errnoCode(error) Code { return OK }
