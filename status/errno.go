//go:build unix || js

package status

import "syscall"

// brokenConnection lists the system's words for a connection that could not be
// made or did not last. ETIMEDOUT says by itself that it is a timeout.
var brokenConnection = map[syscall.Errno]bool{
	syscall.ECONNABORTED: true,
	syscall.ECONNREFUSED: true,
	syscall.ECONNRESET:   true,
	syscall.EHOSTDOWN:    true,
	syscall.EHOSTUNREACH: true,
	syscall.ENETDOWN:     true,
	syscall.ENETRESET:    true,
	syscall.ENETUNREACH:  true,
	syscall.ENOTCONN:     true,
	syscall.EPIPE:        true,
}

// errnoCode is what the number of a failed system call says of a connection; OK
// for all else.
func errnoCode(err error) Code {
	if number, ok := err.(syscall.Errno); ok && brokenConnection[number] { //nolint:errorlint // one link at a time
		return Unavailable
	}
	return OK
}
