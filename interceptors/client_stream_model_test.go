package interceptors_test

import (
	"fmt"
	"slices"
	"strings"

	"google.golang.org/grpc"
)

// A streamKind is a kind of stream, and a way to use it: what the server does
// when all goes well, and when the client reads.
type streamKind struct {
	name     string
	desc     grpc.StreamDesc
	sends    []string
	pingPong bool // the client reads after each message
	script   []step
}

var streamKinds = []streamKind{
	{
		name: "one to one", sends: []string{"q"},
		script: []step{read, readEnd, sendHeader, sendMessage("a"), endWith(0, "")},
	},
	{
		name: "server stream", desc: grpc.StreamDesc{ServerStreams: true}, sends: []string{"q"},
		script: []step{read, readEnd, sendHeader, sendMessage("a"), sendMessage("b"), sendMessage("c"), endWith(0, "")},
	},
	{
		name: "client stream", desc: grpc.StreamDesc{ClientStreams: true}, sends: []string{"q", "r", "s"},
		script: []step{read, read, read, readEnd, sendHeader, sendMessage("a"), endWith(0, "")},
	},
	{
		name: "conversation", desc: grpc.StreamDesc{ServerStreams: true, ClientStreams: true},
		sends: []string{"q", "r", "s"}, pingPong: true,
		script: []step{
			read, sendHeader, sendMessage("a"), read, sendMessage("b"), read, sendMessage("c"), readEnd, endWith(0, ""),
		},
	},
	{
		name: "both at length", desc: grpc.StreamDesc{ServerStreams: true, ClientStreams: true},
		sends:  []string{"q", "r", "s"},
		script: []step{sendHeader, read, read, read, readEnd, sendMessage("a"), sendMessage("b"), endWith(0, "")},
	},
}

// A fault is one way in which a stream can break, and what the kit is to make of
// it.
type fault struct {
	name        string
	steps       []step
	retried     bool // whoever calls
	ifSafe      bool // retried if the call may run twice
	unprocessed bool // gRPC itself tries once more; a server can say so only before it sends a header
	afterHeader bool // it makes sense only after the header
}

var faults = []fault{
	{name: "UNAVAILABLE", steps: []step{endWith(14, "down")}, retried: true},
	{name: "NOT_FOUND", steps: []step{endWith(5, "no such thing")}},
	{name: "RST_STREAM INTERNAL_ERROR", steps: []step{resetStream(2)}},
	{name: "RST_STREAM CANCEL", steps: []step{resetStream(8)}},
	{name: "RST_STREAM REFUSED_STREAM", steps: []step{resetStream(refusedStream)}, retried: true, unprocessed: true},
	{name: "connection loss", steps: []step{cutConn}, ifSafe: true},
	{name: "connection loss in a header or trailer", steps: []step{beginHeader, cutConn}, ifSafe: true},
	{name: "connection loss in a message", steps: []step{beginMessage, cutConn}, ifSafe: true, afterHeader: true},
	{name: "status in a message", steps: []step{beginMessage, endWith(14, "down")}, afterHeader: true},
	{name: "no trailer", steps: []step{endWithout}, afterHeader: true},
	{name: "GOAWAY", steps: []step{goAwayUnprocessed}, retried: true, unprocessed: true},
	{name: "GOAWAY, connection loss", steps: []step{goAwayGracefully, cutConn}, ifSafe: true},
	{name: "GOAWAY, UNAVAILABLE", steps: []step{goAwayGracefully, endWith(14, "draining")}, retried: true},
}

// A faultCase is a stream that fails in one way at one point in its first
// streams as the server sees them, and then goes well.
type faultCase struct {
	kind    streamKind
	fault   fault
	point   int // steps of the script before the fault
	failing int // streams that fail
	safe    bool
	header  bool // the caller asks for the header before it reads
	prompt  bool // the server does not wait for the end of the client's messages before it fails
}

func (c faultCase) String() string {
	name := fmt.Sprintf("%s/%s/at %d/%d failing", c.kind.name, c.fault.name, c.point, c.failing)
	for _, word := range []struct {
		name string
		is   bool
	}{{"safe", c.safe}, {"header", c.header}, {"prompt", c.prompt}} {
		if word.is {
			name += "/" + word.name
		}
	}
	return name
}

const faultAttempts = 3 // of the policy

// faultCases is the cross product, without the cases that make no sense.
func faultCases() []faultCase {
	var all []faultCase
	for _, kind := range streamKinds {
		for _, f := range faults {
			for point := range len(kind.script) {
				c := faultCase{kind: kind, fault: f, point: point}
				if f.unprocessed && c.headerSent() || f.afterHeader && !c.headerSent() {
					continue
				}
				for _, c.failing = range []int{1, 2, 100} {
					for bits := range 8 {
						c.safe, c.header, c.prompt = bits&1 > 0, bits&2 > 0, bits&4 > 0
						if c.prompt && (kind.pingPong || !kind.desc.ClientStreams) || c.safe && !f.ifSafe ||
							c.failing == 2 && (c.header || c.prompt) {
							continue // it makes no difference
						}
						all = append(all, c)
					}
				}
			}
		}
	}
	return all
}

func (c faultCase) broken() []step {
	steps := slices.Clone(c.kind.script[:c.point])
	if !c.prompt && !c.kind.pingPong && !slices.ContainsFunc(steps, named(readEnd.name)) {
		steps = append(steps, readEnd)
	}
	return append(steps, c.fault.steps...)
}

func (c faultCase) scriptOf(stream int) []step {
	if stream < c.failing {
		return c.broken()
	}
	return c.kind.script
}

func named(name string) func(step) bool { return func(s step) bool { return s.name == name } }

func (c faultCase) headerSent() bool {
	return slices.ContainsFunc(c.kind.script[:c.point], named(sendHeader.name))
}

// answered says that the caller was given a message before the fault. Of a
// stream of one message it is given none before the end.
func (c faultCase) answered() bool {
	return c.kind.desc.ServerStreams && slices.ContainsFunc(c.kind.script[:c.point], func(s step) bool {
		return strings.HasPrefix(s.name, "send ")
	})
}

// A verdict is what the caller must see.
type verdict struct {
	stream   int // whose result: as the server counts
	ok       bool
	attempts int // as the kit counts
}

// verdict is the model of the whole kit. The second one is another that is
// right as well: a client that still sends when the server has sent a header and
// failed is told by SendMsg, and that the stream is over is then the truth.
func (c faultCase) verdicts() []verdict {
	stream, attempts := 0, 1
	for ; ; attempts++ {
		if c.fault.unprocessed && stream < c.failing {
			stream++ // gRPC's own second try
		}
		committed := c.answered() || c.header && c.headerSent()
		retried := c.fault.retried || c.fault.ifSafe && c.safe
		switch {
		case stream >= c.failing:
			return c.orEarly(verdict{stream, true, attempts})
		case committed || !retried || attempts == faultAttempts:
			return c.orEarly(verdict{stream, false, attempts})
		}
		stream++
	}
}

func (c faultCase) orEarly(v verdict) []verdict {
	verdicts := []verdict{v}
	if c.prompt && c.headerSent() {
		for attempts := 1; attempts <= v.attempts && attempts <= c.failing; attempts++ {
			verdicts = append(verdicts, verdict{attempts - 1, false, attempts})
		}
	}
	return verdicts
}
