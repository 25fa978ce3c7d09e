// Storm shows what retries do to a service that has a bad day, and to one that
// recovers from it. It plays fleets of clients in virtual time, errwire's through
// the real engine of package retry, those of other libraries through models of
// them, and prints tables in Markdown. They are the same every time. What their
// cells say is told in docs/storm.md.
//
//	go run ./examples/storm
//	go run ./examples/storm -svg docs/storm.svg
//	go run ./examples/storm -clients 1000000 -rate 1
//
// The second draws load and success over time, the third plays an outage for a
// fleet of another size, errwire's alone.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
)

func main() {
	if err := storming(os.Stdout, os.Args[1:]); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "storm:", err)
		os.Exit(1)
	}
}

func storming(out io.Writer, args []string) error {
	flags := flag.NewFlagSet("storm", flag.ContinueOnError)
	svg := flags.String("svg", "", "draw load and success over time into this `file`")
	clients := flags.Int("clients", 0, "play an outage for this many clients of errwire")
	rate := flags.Float64("rate", 1, "calls per second of each of the -clients")
	if err := flags.Parse(args); err != nil {
		return err
	}
	switch {
	case *clients < 0 || *clients > 1_000_000:
		return fmt.Errorf("-clients %d: want 1 to 1000000", *clients)
	case !(*rate >= 0.1 && *rate <= 100):
		return fmt.Errorf("-rate %v: want 0.1 to 100", *rate)
	case *svg != "":
		return os.WriteFile(*svg, []byte(plot()), 0o644)
	case *clients > 0:
		title := fmt.Sprintf("outage, %d clients", *clients)
		fleet := fleet{clients: *clients, rate: *rate}
		_, err := io.WriteString(out, table([]policy{errwire}, []column{{title, outage(fleet), outageCell}}))
		return err
	}
	_, err := io.WriteString(out, tables())
	return err
}
