// Quickstart is a tour of errwire. It starts a real gRPC server on loopback TCP
// and a client over it, makes calls fail in every way that matters, prints what
// the caller held each time, and checks it against what is promised. It exits
// with 1 if anything differs.
//
//	go run ./examples/quickstart
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"time"
)

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	broken, err := run(ctx, os.Stdout)
	switch {
	case err != nil:
		fmt.Fprintln(os.Stderr, "quickstart:", err)
		os.Exit(2)
	case broken > 0:
		os.Exit(1)
	}
}

// run takes the tour and returns how many promises were broken.
func run(ctx context.Context, out io.Writer) (broken int, err error) {
	t, err := newTour(ctx, out)
	if err != nil {
		return 0, err
	}
	defer t.close()
	for i, stop := range stops {
		t.visit(i+1, stop)
	}
	t.summary()
	return t.broken, nil
}

// stops are the stops of the tour, in order. The last one needs the server to be
// gone.
var stops = []stop{
	{"Something is not there", "a service code and metadata come with NOT_FOUND", notFound},
	{"A server that is down for a moment", "UNAVAILABLE twice, then an answer: the caller sees the answer", downForAMoment},
	{"A server that asks for a little time", "RetryInfo says 200 ms, and the client waits that long", asksForALittle},
	{"A server that asks for too much time", "RetryInfo says 10 min: the error returns at once", asksForTooMuch},
	{"The caller's own deadline", "DEADLINE_EXCEEDED, and the caller's context error is in the chain", ownDeadline},
	{"A stream whose server dies before the first message", "it is retried, and nothing is missing", streamBeforeFirst},
	{"A stream whose server dies after the third message", "three messages and the error, nothing twice", streamAfterThird},
	{"The same stream, and a way to go on", "it goes on after the third message, as if nothing had been", streamGoesOn},
	{"Firebase's service codes", "generated predicates tell one NOT_FOUND from another", firebaseCodes},
	{"A handler that says too much", "its secret stays on the server, the client reads a fixed text", leak},

	{"The same failure over REST", "it is the same error", overREST},
	{"A programming error", "it stays a plain Go error, and no predicate claims it", programmingError},
	{"Nobody there", "the server stops: connection refused is UNAVAILABLE", nobodyThere},
}
