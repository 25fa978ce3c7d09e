package status

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// maxMessage is the most bytes of text that a message keeps. A whole page of
// HTML is in [HTTPResponse], not in the message.
const maxMessage = 16 << 10

// messageOr returns text as a message may be: valid UTF-8 of at most maxMessage
// bytes, cut on a rune, and the default of code when there is none.
func messageOr(text string, code Code) string {
	if len(text) > maxMessage {
		text = cutOnRune(text, maxMessage)
	}
	if !isText(text) {
		text = cutOnRune(strings.ToValidUTF8(text, "\uFFFD"), maxMessage)
	}
	if text == "" {
		return code.DefaultMessage()
	}
	return text
}

// isText is utf8.ValidString, and quicker for what nearly all texts here are:
// short and ASCII.
func isText(s string) bool {
	if len(s) > 64 {
		return utf8.ValidString(s)
	}
	var all byte
	for i := range len(s) {
		all |= s[i]
	}
	return all < utf8.RuneSelf || utf8.ValidString(s)
}

// cutOnRune returns at most limit bytes from the start of text, without cutting
// a rune in two.
func cutOnRune(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	end := limit
	for end > limit-utf8.UTFMax && end > 0 && !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end]
}

// textOf is err.Error() for errors of any quality: a method that panics, as on
// a nil receiver, costs the text only.
func textOf(err error) (text string) {
	defer func() {
		if recover() != nil {
			text = fmt.Sprintf("error of type %T", err)
		}
	}()
	return err.Error()
}

// textOfPanic is the text of what a panic was called with.
func textOfPanic(p any) string { return guard(func() string { return fmt.Sprint(p) }) }
