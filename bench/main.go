// Bench measures errwire beside its peers: each group runs the same input
// through each of them, in one process, in turns, and the table says how many
// times errwire's time a peer takes.
//
//	go run ./bench            # the table of the README
//	go run ./bench -rounds 9  # calmer medians
//	go test -bench . ./bench  # the same benchmarks under Go's own harness
//
// A floor is not a peer: it is the part of the work that nobody can leave out.
package main

import (
	"flag"
	"fmt"
	"os"
	"testing"
)

func main() {
	testing.Init()
	rounds := flag.Int("rounds", 5, "how often each contender runs; the median counts")
	benchtime := flag.String("time", "100ms", "how long each run takes")
	only := flag.String("only", "", "the one group to run")
	flag.Parse()
	if err := flag.Set("test.benchtime", *benchtime); err != nil || *rounds < 1 {
		fmt.Fprintln(os.Stderr, "bench: want -rounds of at least 1 and a -time such as 100ms")
		os.Exit(2)
	}
	printHeader(os.Stdout)
	for _, g := range groups {
		if *only == "" || *only == g.name {
			printGroup(os.Stdout, g, measure(g, *rounds))
		}
	}
}
