package generate

import (
	"regexp"
	"strings"
	"unicode"

	"google.golang.org/protobuf/compiler/protogen"
)

// forTools matches what a proto comment says to tools and not to readers: a
// linter's exceptions, and AIP-192's internal comments.
var forTools = regexp.MustCompile(`(?m)^ *buf:lint:ignore.*$|(?s)\(--.*?--\)`)

// paragraphs is what a proto comment says, one string a line.
func paragraphs(set protogen.CommentSet) []string {
	text := string(set.Leading)
	if text == "" {
		text = string(set.Trailing)
	}
	text = strings.TrimSpace(forTools.ReplaceAllString(text, ""))
	if text == "" {
		return nil
	}
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		lines[i] = strings.TrimPrefix(line, " ")
	}
	return lines
}

// comment is a Go comment. A line of it that is not empty is never a directive
// such as //go:generate, whatever it says: a blank comes first.
type comment struct{ lines []string }

// paragraph adds lines, after an empty one if there are some already.
func (c *comment) paragraph(lines ...string) {
	if len(lines) == 0 {
		return
	}
	if len(c.lines) > 0 {
		c.lines = append(c.lines, "")
	}
	c.lines = append(c.lines, lines...)
}

// sentence adds a paragraph that is broken into lines here.
func (c *comment) sentence(text string) {
	const width = 77
	var lines []string
	line := ""
	for word := range strings.FieldsSeq(text) {
		switch {
		case line == "":
			line = word
		case len(line)+1+len(word) > width:
			lines = append(lines, line)
			line = word
		default:
			line += " " + word
		}
	}
	if line != "" {
		lines = append(lines, line)
	}
	c.paragraph(lines...)
}

// String is the comment as Go source, with a line break at the end.
func (c *comment) String() string {
	var b strings.Builder
	for _, line := range c.lines {
		b.WriteString(strings.TrimRight("// "+clean(line), " "))
		b.WriteByte('\n')
	}
	return b.String()
}

// clean keeps a line a line of Go source that reads as it runs: no control
// characters, those of writing direction included, no bytes that are not UTF-8,
// no byte order mark.
func clean(line string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\t':
			return r
		case r == unicode.ReplacementChar, r == '\ufeff', unicode.IsControl(r), unicode.Is(unicode.Bidi_Control, r):
			return ' '
		default:
			return r
		}
	}, line)
}
