package status

import "syscall"

// brokenConnection lists the system's words for a connection that could not be
// made or did not last. Windows sockets have numbers of their own (winsock2.h);
// package syscall names only some of them.
var brokenConnection = map[syscall.Errno]bool{
	10050:                   true, // WSAENETDOWN
	10051:                   true, // WSAENETUNREACH
	10052:                   true, // WSAENETRESET
	syscall.WSAECONNABORTED: true,
	syscall.WSAECONNRESET:   true,
	10057:                   true, // WSAENOTCONN
	10061:                   true, // WSAECONNREFUSED
	10064:                   true, // WSAEHOSTDOWN
	10065:                   true, // WSAEHOSTUNREACH
	syscall.EPIPE:           true,
}
