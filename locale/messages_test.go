package locale_test

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"
	"unicode"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/errwire/errwire/locale"
	"github.com/errwire/errwire/status"
)

// scripts are the languages of the built-in messages and what they are written
// in.
var scripts = map[string]*unicode.RangeTable{
	"en": unicode.Latin, "it": unicode.Latin, "bn": unicode.Bengali, "ar": unicode.Arabic,
}

// declaredCodes are all codes that must have messages: the platform's, and what
// the generated packages declare.
func declaredCodes(t *testing.T) (all []*status.Error) {
	t.Helper()
	for code := status.Cancelled; code <= status.Conflict; code++ {
		all = append(all, status.New(code, "x"))
	}
	declaration := regexp.MustCompile(`ServiceCode\{Domain: "([^"]+)", Reason: "([^"]+)"\}`)
	for _, name := range []string{"auth", "messaging"} {
		source, err := os.ReadFile(filepath.Join("..", "status", "firebase", name, name+".errwire.go"))
		require.NoError(t, err)
		found := declaration.FindAllStringSubmatch(string(source), -1)
		require.NotEmpty(t, found)
		for _, match := range found {
			code := status.ServiceCode{Domain: match[1], Reason: match[2]}
			_, registered := status.Lookup(code)
			require.True(t, registered, code)
			all = append(all, status.FromError(code))
		}
	}
	return all
}

func TestEveryCodeHasAMessageInEveryLanguage(t *testing.T) {
	t.Parallel()
	catalog, err := locale.New()
	require.NoError(t, err)
	for language, script := range scripts {
		seen := map[string]string{}
		for _, e := range declaredCodes(t) {
			name := e.ServiceCode().Error() + " " + e.Code().String()
			got, text := catalog.Localize(language, e)
			assert.Equal(t, language, got, "no message for %s", name)
			assert.Truef(t, allIn(script, text), "%s in %s: %q", name, language, text)
			if e.Reason() != "" {
				_, general := catalog.Localize(language, status.New(e.Code(), "x"))
				assert.NotEqual(t, general, text, "%s has no message of its own in %s", name, language)
			}
			if other, twice := seen[text]; twice {
				t.Errorf("%s and %s say the same in %s: %q", other, name, language, text)
			}
			seen[text] = name
		}
	}
}

// allIn reports whether text is a sentence in script: product names in Latin
// letters are all that is not.
func allIn(script *unicode.RangeTable, text string) bool {
	own, other := 0, 0
	for _, r := range text {
		switch {
		case !unicode.IsLetter(r):
		case unicode.Is(script, r):
			own++
		case unicode.Is(unicode.Latin, r):
			other++
		default:
			return false
		}
	}
	last := []rune(text)[len([]rune(text))-1]
	return own > other && (last == '.' || last == '।')
}

// Nothing is in the files that nobody declares: a typing error in a reason would
// hide a message for ever.
func TestEveryMessageIsOfADeclaredCode(t *testing.T) {
	t.Parallel()
	known := map[string]bool{}
	for _, e := range declaredCodes(t) {
		domain, reason := e.Domain(), e.Reason()
		if reason == "" {
			domain, reason = "platform", e.Code().String()
		}
		known[domain+"/"+reason] = true
	}
	reason := regexp.MustCompile(`(?m)^  "([^"]+)": `)
	names, err := filepath.Glob("messages/*/*.json")
	require.NoError(t, err)
	require.Len(t, names, 9)
	for _, name := range names {
		content, err := os.ReadFile(name)
		require.NoError(t, err)
		domain := filepath.Base(name[:len(name)-len(".json")])
		for _, match := range reason.FindAllStringSubmatch(string(content), -1) {
			assert.True(t, known[domain+"/"+match[1]], "%s: %s", name, match[1])
		}
	}
}
