package locale

import (
	"strings"

	"golang.org/x/text/language"
	"golang.org/x/text/unicode/bidi"
)

// The isolates of Unicode Standard Annex 9: what is between them is laid out by
// its own direction, and does not turn round what is about it.
const (
	leftToRightIsolate    = '\u2066'
	rightToLeftIsolate    = '\u2067'
	firstStrongIsolate    = '\u2068'
	popDirectionalIsolate = '\u2069'
)

// isolate puts value between isolates. It does nothing to an empty one: a text of
// only isolates would look like one that says something.
func isolate(value string) string {
	if value == "" {
		return ""
	}
	var isolated strings.Builder
	isolated.WriteRune(firstStrongIsolate)
	open := 1
	for _, r := range value {
		switch r {
		case leftToRightIsolate, rightToLeftIsolate, firstStrongIsolate:
			open++
		case popDirectionalIsolate:
			if open == 1 {
				continue // it would let out what comes after it
			}
			open--
		}
		isolated.WriteRune(r)
	}
	for range open {
		isolated.WriteRune(popDirectionalIsolate)
	}
	return isolated.String()
}

// rightToLeft reports whether a language is written from right to left, going
// by its script.
func rightToLeft(tag language.Tag) bool {
	script, _ := tag.Script()
	switch script.String() {
	case "Adlm", "Arab", "Hebr", "Mand", "Nkoo", "Rohg", "Samr", "Syrc", "Thaa":
		return true
	default:
		return false
	}
}

// hasDirection reports whether value may turn round what is about it: it has a
// letter that runs from right to left, or a control character for directions.
func hasDirection(value string) bool {
	for value != "" {
		p, size := bidi.LookupString(value)
		if size == 0 {
			return false
		}
		switch p.Class() { //nolint:exhaustive // all others are neutral, or run from left to right
		case bidi.R, bidi.AL, bidi.LRO, bidi.RLO, bidi.LRE, bidi.RLE, bidi.PDF, bidi.LRI, bidi.RLI, bidi.FSI, bidi.PDI:
			return true
		}
		value = value[size:]
	}
	return false
}
