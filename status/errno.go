//go:build !windows

package status

import "syscall"

// brokenConnection lists the system's words for a connection that could not be
// made or did not last.
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
