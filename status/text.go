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
	if !utf8.ValidString(text) {
		text = cutOnRune(strings.ToValidUTF8(text, "\uFFFD"), maxMessage)
	}
	if text == "" {
		return code.DefaultMessage()
	}
	return text
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
