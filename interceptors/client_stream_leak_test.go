package interceptors_test

import (
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

// For what has to happen at some time: as long as a machine may take that has
// other things to do, and how often to look.
const (
	eventually = time.Minute
	tick       = time.Millisecond
)

// streamGoroutines counts the goroutines that a stream may leave behind: ours,
// and the one by which grpc-go watches each stream.
func streamGoroutines() int {
	stacks := make([]byte, 1<<17)
	for {
		n := runtime.Stack(stacks, true)
		if n < len(stacks) {
			stacks = stacks[:n]
			break
		}
		stacks = make([]byte, 2*len(stacks))
	}
	count := 0
	for stack := range strings.SplitSeq(string(stacks), "\n\n") {
		if strings.Contains(stack, "interceptors.(*clientStream)") || strings.Contains(stack, "grpc.newClientStream") {
			count++
		}
	}
	return count
}

// assertNoStreams waits until there are no more of them than before.
func assertNoStreams(t *testing.T, before int) {
	t.Helper()
	if streamGoroutines() <= before {
		return
	}
	assert.Eventually(t, func() bool { return streamGoroutines() <= before }, eventually, tick,
		"a stream is left behind")
}
