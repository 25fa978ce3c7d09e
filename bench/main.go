// Bench measures errwire beside its peers: each group runs the same input
// through each of them, in one process, in turns, and the table says how many
// times errwire's time a peer takes.
//
//	go run ./bench                 # all of it, in half a minute on a quiet machine
//	go run ./bench -only status    # the groups with that in their name
//	go run ./bench -only dialect   # further groups: REST dialects but Google's
//	go run ./bench -rounds 100     # calmer numbers on a busy machine
//	go run ./bench -markdown       # the table of the README
//	go test -bench . ./bench       # the same benchmarks under Go's own harness
//
// A floor is not a peer: it is the part of the work that nobody can leave out.
package main

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
)

func main() {
	testing.Init()
	rounds := flag.Int("rounds", 30, "how often each contender runs; its fastest run counts")
	benchtime := flag.String("time", "10ms", "how long each run takes: too short to be disturbed often")
	only := flag.String("only", "", "run the groups whose name contains this")
	markdown := flag.Bool("markdown", false, "print a Markdown table")
	flag.Parse()
	if err := flag.Set("test.benchtime", *benchtime); err != nil || *rounds < 1 || flag.NArg() > 0 {
		fail("want -rounds of at least 1, a -time such as 10ms, and no arguments")
	}
	chosen := named(*only)
	if len(chosen) == 0 {
		fail("no group has " + *only + " in its name; there are:\n\t" + strings.Join(names(all()), "\n\t"))
	}
	t := table{os.Stdout, *markdown}
	t.header()
	for _, g := range chosen {
		t.group(g, measure(g, *rounds))
	}
}

// named returns the groups whose name contains the text, in either case, and for
// none those of the README.
func named(text string) (chosen []group) {
	if text == "" {
		return groups
	}
	for _, g := range all() {
		if strings.Contains(strings.ToLower(g.name), strings.ToLower(text)) {
			chosen = append(chosen, g)
		}
	}
	return chosen
}

func names(groups []group) (names []string) {
	for _, g := range groups {
		names = append(names, g.name)
	}
	return names
}

func fail(why string) {
	fmt.Fprintln(os.Stderr, "bench: "+why)
	os.Exit(2)
}
