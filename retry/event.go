package retry

import "time"

// An Event tells an observer of one failed attempt. See [WithObserver].
type Event struct {
	Target   string        // what is called, such as "library.example.com:443"; "" in [Do]
	Method   string        // the full gRPC method, the HTTP method, or "" in [Do]
	Attempt  int           // which attempt failed; the first is 1
	Err      error         // what it failed with
	Delay    time.Duration // the wait before the next attempt; 0 when there is none
	Decision Decision      // what happens next
}
