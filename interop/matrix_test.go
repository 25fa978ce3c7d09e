package interop_test

import (
	"flag"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/errwire/errwire/status"
)

// The matrix is kept as a document: go test ./interop -run TestMatrix -update
var update = flag.Bool("update", false, "write docs/interop.md anew")

const document = "../docs/interop.md"

// A peer is somebody else's software, and what it makes of errors.
type peer struct {
	name    string
	module  string             // whose version is named: a Go module or an npm package
	through string             // how the errors travel
	sc      status.ServiceCode // of the samples; shelfFull if zero
	losses  []loss             // everything that it does not keep
	see     func(t *testing.T, sent []*status.Error) []view
}

// A loss is documented: it says what is seen instead, for every error.
type loss struct {
	why string
	of  func(v *view)
}

// readers are what others see of the errors that errwire sends, writers what
// errwire sees of the errors that others send.
var (
	readers = slices.Concat(grpcReaders, restReaders, bridgeReaders, nodeReaders)
	writers = slices.Concat(grpcWriters, restWriters, bridgeWriters, nodeWriters)
)

func TestMatrix(t *testing.T) {
	var text strings.Builder
	text.WriteString(`# What others see of errwire's errors, and errwire of theirs

Made by ` + "`go test ./interop -run TestMatrix -update`" + `, which asserts every cell against
the real thing; without ` + "`-update`" + ` the test fails when this page no longer tells
what it saw. Each peer gets every code with a message beyond ASCII, a reason, a
domain, metadata, a delay of 1.5 s and every standard detail, then an error with a
detail of a type that nobody has, then one with a message only.

Beside it TestCasesOfGRPC has gRPC's own interop cases go through errwire's whole
client and server chain, with and without translation, and interop/conformance has
Connect's conformance suite run against clients and servers with errwire in them,
in Connect, gRPC and gRPC-Web.

A tick: all of it, exactly. A number: with the loss of that note, and no other. A
dash: nothing of it.
`)
	var mutex sync.Mutex
	rows := map[string]string{}
	notes := map[string]int{}
	var order []string
	for _, p := range slices.Concat(readers, writers) {
		for _, l := range p.losses {
			if notes[l.why] == 0 {
				order = append(order, l.why)
				notes[l.why] = len(order)
			}
		}
	}
	t.Run("peers", func(t *testing.T) {
		for direction, peers := range map[string][]peer{"reads": readers, "writes": writers} {
			for _, p := range peers {
				t.Run(direction+"/"+p.name+", "+p.through, func(t *testing.T) {
					t.Parallel()
					row := p.row(t, notes)
					mutex.Lock()
					defer mutex.Unlock()
					rows[direction+p.name+p.through] = row
				})
			}
		}
	})
	for _, table := range []struct {
		direction, title string
		peers            []peer
	}{{"reads", "Read by others", readers}, {"writes", "Read by errwire", writers}} {
		fmt.Fprintf(&text, "\n## %s\n\n| peer | through |", table.title)
		for _, c := range columns {
			fmt.Fprintf(&text, " %s |", c.name)
		}
		text.WriteString("\n|---|---" + strings.Repeat("|---", len(columns)) + "|\n")
		for _, p := range table.peers {
			text.WriteString(rows[table.direction+p.name+p.through])
		}
	}
	text.WriteString("\n## Losses\n\n")
	for i, why := range order {
		fmt.Fprintf(&text, "%d. %s\n", i+1, why)
	}
	if *update && !t.Failed() && len(rows) == len(readers)+len(writers) {
		require.NoError(t, os.WriteFile(document, []byte(text.String()), 0o644))
	}
	kept, err := os.ReadFile(document)
	require.NoError(t, err)
	if len(rows) == len(readers)+len(writers) { // not under a -run pattern
		assert.Equal(t, string(kept), text.String(), "go test ./interop -run TestMatrix -update")
	}
}

// row holds a peer to what is known of it and returns its row of the matrix.
func (p peer) row(t *testing.T, notes map[string]int) string {
	sc := p.sc
	if sc == (status.ServiceCode{}) {
		sc = shelfFull
	}
	sent := samples(sc)
	seen := p.see(t, sent)
	require.Len(t, seen, len(sent))
	cells := make([][]string, len(columns))
	kept := make([]bool, len(columns))
	used := make([]bool, len(p.losses))
	for i, e := range sent {
		want := seenByErrwire(e)
		for l, loss := range p.losses {
			before := want
			loss.of(&want)
			for c, column := range columns {
				if assert.ObjectsAreEqual(column.of(before), column.of(want)) {
					continue
				}
				used[l] = true
				if note := fmt.Sprint(notes[loss.why]); !slices.Contains(cells[c], note) {
					cells[c] = append(cells[c], note)
				}
			}
		}
		for c, column := range columns {
			got := column.of(seen[i])
			assert.Equal(t, column.of(want), got, "%s of %v", column.name, e)
			kept[c] = kept[c] || !assert.ObjectsAreEqual(column.none, got)
		}
	}
	for l, loss := range p.losses {
		assert.True(t, used[l], "not lost: %s", loss.why)
	}
	line := "| " + p.name + " " + version(t, p.module) + " | " + p.through + " |"
	for c := range columns {
		cell := "✓"
		if len(cells[c]) > 0 {
			slices.Sort(cells[c])
			cell = strings.Join(cells[c], ", ")
		}
		if !kept[c] {
			cell = strings.TrimSpace("– " + strings.Join(cells[c], ", "))
		}
		line += " " + cell + " |"
	}
	return line + "\n"
}

// version is that of a module, as go.mod or node/package.json pins it.
func version(t *testing.T, module string) string {
	t.Helper()
	for file, pattern := range map[string]string{"go.mod": `(?m)^\s*%s (v\S+)`, "node/package.json": `"%s": "(.*)"`} {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		if found := regexp.MustCompile(fmt.Sprintf(pattern, regexp.QuoteMeta(module))).FindSubmatch(text); found != nil {
			return string(found[1])
		}
	}
	require.Fail(t, "no version", module)
	return ""
}
