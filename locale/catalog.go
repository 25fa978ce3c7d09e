package locale

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"golang.org/x/text/language"

	"github.com/errwire/errwire/status"
)

//go:embed messages
var builtIn embed.FS

// A Catalog has messages by language and code. It does not change once it is
// made, and is safe for concurrent use.
type Catalog struct {
	matcher   language.Matcher
	languages []language.Tag // as matcher numbers them
	messages  map[language.Tag]map[key]message
}

// A key says what a message is for: a service code or a platform code.
type key struct {
	service  status.ServiceCode
	platform status.Code
}

// platformFile is in the place of a domain for the platform codes.
const platformFile = "platform"

// New returns a catalog of the built-in messages and those in own, whose root
// has the folders of the languages; what comes later replaces what was there.
// A file that cannot be used is an error, which names it.
func New(own ...fs.FS) (*Catalog, error) {
	c := &Catalog{messages: map[language.Tag]map[key]message{language.English: {}}}
	messages, err := fs.Sub(builtIn, "messages")
	if err != nil {
		return nil, fmt.Errorf("locale: %w", err)
	}
	for _, files := range append([]fs.FS{messages}, own...) {
		if files == nil {
			return nil, errors.New("locale: New(nil): want a file system")
		}
		if err := c.read(files); err != nil {
			return nil, fmt.Errorf("locale: %w", err)
		}
	}
	c.languages = []language.Tag{language.English} // the first is what the matcher falls back to
	for tag := range c.messages {
		if tag != language.English {
			c.languages = append(c.languages, tag)
		}
	}
	sortTags(c.languages[1:])
	c.matcher = language.NewMatcher(c.languages)
	return c, nil
}

// Localize returns what e says in the language that suits acceptLanguage best
// (RFC 9110 §12.5.4), and that language's BCP 47 tag. Both are "" when nothing
// of acceptLanguage can be read or e is nil. It is a localizer for
// interceptors.WithLocalizer.
func (c *Catalog) Localize(acceptLanguage string, e *status.Error) (locale, text string) {
	if c == nil || c.matcher == nil || e == nil {
		return "", ""
	}
	wanted := wishes(acceptLanguage)
	if len(wanted) == 0 {
		return "", ""
	}
	_, i, confidence := c.matcher.Match(wanted...)
	if confidence == language.No {
		i = 0 // the matcher would take a language of the same script: Arabic for Persian
	}
	keys := [...]key{{service: e.ServiceCode()}, {platform: e.Code()}} // the more special first
	for _, best := range [...]language.Tag{c.languages[i], language.English} {
		for _, k := range keys {
			for tag := best; tag != language.Und; tag = tag.Parent() {
				if text, ok := c.say(tag, k, e); ok {
					return tag.String(), text
				}
			}
		}
	}
	return "", "" // not reached: English has every platform code
}

// wishes are the languages that are asked for, the best first. A range that
// cannot be read, such as "jp" or "en_US.UTF-8", costs itself only.
func wishes(acceptLanguage string) []language.Tag {
	tags, _, err := language.ParseAcceptLanguage(acceptLanguage)
	if err == nil {
		return tags
	}
	var readable []string
	for one := range strings.SplitSeq(acceptLanguage, ",") {
		if _, _, err := language.ParseAcceptLanguage(one); err == nil {
			readable = append(readable, one)
		}
	}
	tags, _, _ = language.ParseAcceptLanguage(strings.Join(readable, ",")) // none, if there are absurdly many
	return tags
}

// say is the message for k in one language, with the values of e.
func (c *Catalog) say(tag language.Tag, k key, e *status.Error) (text string, ok bool) {
	if m, has := c.messages[tag][k]; has {
		if text, ok := m.say(e.Metadata(), rightToLeft(tag)); ok {
			return text, true
		}
	}
	if tag != language.English {
		return "", false
	}
	return english(k, e)
}

// english is what package status says of k.
func english(k key, e *status.Error) (text string, ok bool) {
	if k.platform != status.OK {
		return k.platform.DefaultMessage(), true
	}
	declared, ok := status.Lookup(k.service)
	if ok && declared.Message == "" {
		return e.Message(), true // the code has parameters, which its constructor has put in
	}
	return declared.Message, ok
}
