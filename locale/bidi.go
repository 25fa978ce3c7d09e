package locale

import (
	"golang.org/x/text/language"
	"golang.org/x/text/unicode/bidi"
)

// The isolates of Unicode Standard Annex 9: what is between them is laid out by
// its own direction, and does not turn round what is about it.
const (
	firstStrongIsolate    = "\u2068"
	popDirectionalIsolate = "\u2069"
)

// isolate does nothing to an empty value: a text of only isolates would look like
// one that says something.
func isolate(value string) string {
	if value == "" {
		return ""
	}
	return firstStrongIsolate + value + popDirectionalIsolate
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

// hasRightToLeft reports whether a letter of value runs from right to left.
func hasRightToLeft(value string) bool {
	for value != "" {
		p, size := bidi.LookupString(value)
		if size == 0 {
			return false
		}
		if class := p.Class(); class == bidi.R || class == bidi.AL {
			return true
		}
		value = value[size:]
	}
	return false
}
