package status

import "syscall"

// brokenConnection lists the system's words for a connection that could not be
// made or did not last. Windows sockets have numbers of their own (winsock2.h);
// package syscall names only some of them, and does not know that WSAETIMEDOUT
// is a timeout.
var brokenConnection = map[syscall.Errno]Code{
	10050:                   Unavailable, // WSAENETDOWN
	10051:                   Unavailable, // WSAENETUNREACH
	10052:                   Unavailable, // WSAENETRESET
	syscall.WSAECONNABORTED: Unavailable,
	syscall.WSAECONNRESET:   Unavailable,
	10057:                   Unavailable,      // WSAENOTCONN
	10060:                   DeadlineExceeded, // WSAETIMEDOUT
	10061:                   Unavailable,      // WSAECONNREFUSED
	10064:                   Unavailable,      // WSAEHOSTDOWN
	10065:                   Unavailable,      // WSAEHOSTUNREACH
	syscall.EPIPE:           Unavailable,
}

// errnoCode is what the number of a failed system call says of a connection; OK
// for all else.
func errnoCode(err error) Code {
	number, _ := err.(syscall.Errno) //nolint:errorlint // one link at a time
	return brokenConnection[number]
}
