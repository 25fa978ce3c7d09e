package httpbridge

import "github.com/errwire/errwire/status"

// Firebase's Realtime Database: {"error": "Permission denied"}. The code is that of
// the HTTP status. By itself it is recognised as any vendor's.

func readRealtimeDatabase(a *Answer, d *draft) bool {
	d.message = a.root().get("error").string()
	return d.message != "" && !a.succeeded()
}

// RealtimeDatabase reads a bare error, as Firebase's Realtime Database sends it.
func RealtimeDatabase(a *Answer) *status.Error { return a.as(readRealtimeDatabase) }
