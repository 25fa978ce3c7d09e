package locale_test

import (
	"errors"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/errwire/errwire/locale"
	"github.com/errwire/errwire/status"
	"github.com/errwire/errwire/status/firebase/auth"
	"github.com/errwire/errwire/status/firebase/messaging"
)

const domain = "library.example.com"

var shelfFull = status.ServiceCode{Domain: domain, Reason: "SHELF_FULL"}

// files makes a file system of names and contents.
func files(pairs ...string) fs.FS {
	m := fstest.MapFS{}
	for i := 0; i+1 < len(pairs); i += 2 {
		m[pairs[i]] = &fstest.MapFile{Data: []byte(pairs[i+1])}
	}
	return m
}

// own are the files of a service.
var own = files(
	"it/library.example.com.json", `{"SHELF_FULL": "Lo scaffale {shelf} è pieno."}`,
	"ar/library.example.com.json", `{"SHELF_FULL": "الرف {shelf} ممتلئ.", "BRACES": "{{{shelf}}}", "ONLY_A_VALUE": "{shelf}"}`,
	"pt/library.example.com.json", `{"SHELF_FULL": "A prateleira está cheia.", "LOAN": "Empréstimo"}`,
	"pt-BR/library.example.com.json", `{"LOAN": "Empréstimo (BR)"}`,
	"en/library.example.com.json", `{"SHELF_FULL": "Shelf {shelf} is full."}`,
	"en/platform.json", `{"ABORTED": "Somebody else was quicker."}`,
)

func TestTheMessageSuitsTheCallerBest(t *testing.T) {
	t.Parallel()
	catalog, err := locale.New(own)
	require.NoError(t, err)
	full := status.New(status.FailedPrecondition, "Shelf 42 has no room.").WithServiceCode(shelfFull)
	on42 := full.WithMetadata(map[string]string{"shelf": "42"})
	loan := status.New(status.Aborted, "x").WithServiceCode(status.ServiceCode{Domain: domain, Reason: "LOAN"})
	tests := []struct {
		name         string
		wish         string
		err          *status.Error
		locale, text string
	}{
		{"platform code in Italian", "it", status.New(status.NotFound, "x"), "it", "La risorsa richiesta non è stata trovata."},
		{"in Bengali", "bn", status.New(status.Unavailable, "x"), "bn", "পরিষেবাটি এই মুহূর্তে পাওয়া যাচ্ছে না।"},
		{"in Arabic", "ar", status.New(status.Conflict, "x"), "ar", "يتعارض الطلب مع الحالة الحالية."},
		{"in English", "en", status.New(status.NotFound, "x"), "en", status.NotFound.DefaultMessage()},
		{"a variant of a language", "ar-EG", status.New(status.Cancelled, "x"), "ar", "أُلغي الطلب."},
		{"the best of several", "fr;q=0.9, it;q=0.5, en;q=0.1", status.New(status.Internal, "x"), "it", "Si è verificato un errore interno."}, //nolint:misspell // Italian
		{"none of the languages", "ja", status.New(status.NotFound, "x"), "en", status.NotFound.DefaultMessage()},
		{"a language in the script of another", "fa", status.New(status.NotFound, "x"), "en", status.NotFound.DefaultMessage()},
		{"a wish of which one range is none", "jp, %%%, it;q=0.5, en;q=0.1, en_US.UTF-8", status.New(status.Internal, "x"), "it", "Si è verificato un errore interno."}, //nolint:misspell // Italian
		{"all that is not wanted", "it;q=0, ar;q=0.5", status.New(status.Cancelled, "x"), "ar", "أُلغي الطلب."},
		{"any language", "*", status.New(status.NotFound, "x"), "en", status.NotFound.DefaultMessage()},
		{"Firebase Auth", "it-IT,it;q=0.9", status.FromError(auth.UserNotFound), "it", "L'utente non è stato trovato."},
		{"Firebase Cloud Messaging", "ar", status.FromError(messaging.Unregistered), "ar", "لم يعد رمز التسجيل مسجّلًا."},
		{"Firebase in English", "en-GB", status.FromError(auth.UserNotFound), "en", declared(auth.UserNotFound)},
		{"a reason that is not known", "it", loan, "it", "La richiesta è stata interrotta da una modifica simultanea."},
		{"the service's own, with a value", "it", on42, "it", "Lo scaffale 42 è pieno."},
		{"a value in a right-to-left text", "ar", on42, "ar", "الرف \u206842\u2069 ممتلئ."},
		{"a right-to-left value", "it", full.WithMetadata(map[string]string{"shelf": "شعر"}), "it", "Lo scaffale \u2068شعر\u2069 è pieno."},
		{"a value that says right to left by itself", "it", full.WithMetadata(map[string]string{"shelf": "\u202E42"}), "it", "Lo scaffale \u2068\u202E42\u2069 è pieno."},
		{"a value that would close its isolate", "ar", full.WithMetadata(map[string]string{"shelf": "4\u20692"}), "ar", "الرف \u206842\u2069 ممتلئ."},
		{"a value that leaves isolates open", "it", full.WithMetadata(map[string]string{"shelf": "\u2067\u20664"}), "it", "Lo scaffale \u2068\u2067\u20664\u2069\u2069\u2069 è pieno."},
		{"a value with isolates of its own", "it", full.WithMetadata(map[string]string{"shelf": "\u20674\u20692"}), "it", "Lo scaffale \u2068\u20674\u20692\u2069 è pieno."},
		{"a value that is missing", "it", full, "it", "Lo stato attuale del sistema non consente questa richiesta."},
		{"nothing but a value, which is empty", "ar", status.New(status.Aborted, "x").
			WithMetadata(map[string]string{"shelf": ""}).
			WithServiceCode(status.ServiceCode{Domain: domain, Reason: "ONLY_A_VALUE"}), "ar", "أُوقف الطلب بسبب تغيير متزامن."},
		{"a value that is missing in English", "en", full, "en", status.FailedPrecondition.DefaultMessage()},
		{"the service's own English", "en", on42, "en", "Shelf 42 is full."},
		{"the service's own English for a platform code", "en", status.New(status.Aborted, "x"), "en", "Somebody else was quicker."},
		{"the service's own language", "pt-PT", full, "pt", "A prateleira está cheia."},
		{"its variant", "pt-BR", loan, "pt-BR", "Empréstimo (BR)"},
		{"what the variant lacks", "pt-BR", full, "pt", "A prateleira está cheia."},
		{"what the language lacks", "pt", status.New(status.Aborted, "x"), "en", "Somebody else was quicker."},
		{"braces", "ar", status.New(status.Aborted, "x").WithMetadata(map[string]string{"shelf": "42"}).
			WithServiceCode(status.ServiceCode{Domain: domain, Reason: "BRACES"}), "ar", "{\u206842\u2069}"},
		{"no wish", "", status.New(status.NotFound, "x"), "", ""},
		{"a wish that is none", "%%%", status.New(status.NotFound, "x"), "", ""},
		{"no error", "it", nil, "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			locale, text := catalog.Localize(tt.wish, tt.err)
			assert.Equal(t, tt.locale, locale)
			assert.Equal(t, tt.text, text)
		})
	}
}

func TestValuesAreIsolatedInEveryRightToLeftLanguage(t *testing.T) {
	t.Parallel()
	full := status.New(status.Aborted, "x").WithServiceCode(shelfFull).WithMetadata(map[string]string{"shelf": "42"})
	for _, language := range []string{"ar", "fa", "he", "yi", "ur", "syr", "dv", "nqo", "rhg", "smp", "mid-Mand", "ff-Adlm", "az-Arab"} {
		catalog, err := locale.New(files(language+"/"+domain+".json", `{"SHELF_FULL": "{shelf}"}`))
		require.NoError(t, err)
		_, text := catalog.Localize(language, full)
		assert.Equal(t, "\u206842\u2069", text, language)
	}
}

// A language that nearly everybody who speaks the one that is asked for
// understands is better than English; and it is the same one in every process.
func TestTheNextBestLanguageIsFoundEveryTime(t *testing.T) {
	t.Parallel()
	const text = `{"ABORTED": "x"}`
	for range 20 { // a map is walked in another order each time
		catalog, err := locale.New(files("de/platform.json", text, "es-MX/platform.json", text, "es-CO/platform.json", text, "es-AR/platform.json", text))
		require.NoError(t, err)
		for wish, want := range map[string]string{"gsw": "de", "es": "es-AR"} {
			got, _ := catalog.Localize(wish, status.New(status.Aborted, "x"))
			assert.Equal(t, want, got, wish)
		}
	}
}

func declared(code status.ServiceCode) string {
	definition, _ := status.Lookup(code)
	return definition.Message
}

func TestEnglishOfACodeWithParametersIsTheErrorsOwn(t *testing.T) {
	t.Parallel()
	code := status.ServiceCode{Domain: "parameters.example.com", Reason: "SHELF_GONE"}
	require.NoError(t, status.Register(&status.Catalog{Domain: code.Domain, Source: "locale_test.go",
		Definitions: []status.Definition{{Reason: code.Reason, Code: status.NotFound}}}))
	catalog, err := locale.New()
	require.NoError(t, err)
	locale, text := catalog.Localize("en", status.New(status.NotFound, "Shelf 42 is gone.").WithServiceCode(code))
	assert.Equal(t, "en", locale)
	assert.Equal(t, "Shelf 42 is gone.", text)
}

func TestANilCatalogSaysNothing(t *testing.T) {
	t.Parallel()
	for _, catalog := range []*locale.Catalog{nil, {}} {
		locale, text := catalog.Localize("it", status.New(status.NotFound, "x"))
		assert.Empty(t, locale+text)
	}
}

// unreadable is a folder that may not be read.
type unreadable struct{}

func (unreadable) Open(name string) (fs.File, error) {
	return nil, &fs.PathError{Op: "open", Path: name, Err: errors.New("permission denied")}
}

func TestAFileThatCannotBeUsedIsNamed(t *testing.T) {
	t.Parallel()
	const good = `{"SHELF_FULL": "pieno"}`
	tests := []struct {
		name  string
		files fs.FS
		want  string
	}{
		{"none", nil, "locale: New(nil): want a file system"},
		{"no folder", unreadable{}, "locale: open .: permission denied"},
		{"no language", files("library.example.com.json", good), "locale: library.example.com.json: want a file named <language>/<domain>.json"},
		{"too deep", files("it/a/b.json", good), "locale: it/a: want a file named"},
		{"another file", files("it/README.md", good), "locale: it/README.md: want a file named"},
		{"no domain", files("it/.json", good), "locale: it/.json: want a file named"},
		{"bad language", files("italiano vero/d.json", good), "locale: italiano vero/d.json: folder is no language: "},
		{"undetermined language", files("und/d.json", good), "locale: und/d.json: folder is no language: und"},
		{"no JSON", files("it/d.json", `SHELF_FULL`), "locale: it/d.json: want a JSON object"},
		{"no object", files("it/d.json", `[]`), "locale: it/d.json: want a JSON object"},
		{"no text", files("it/d.json", `{"SHELF_FULL": 7}`), `locale: it/d.json: "SHELF_FULL": json:`},
		{"empty text", files("it/d.json", `{"SHELF_FULL": ""}`), `locale: it/d.json: "SHELF_FULL" is empty, has no text or is there twice`},
		{"no reason", files("it/d.json", `{"": "x"}`), `locale: it/d.json: "" is empty`},
		{"twice", files("it/d.json", `{"A_A": "x", "A_A": "y"}`), `locale: it/d.json: "A_A" is empty, has no text or is there twice`},
		{"cut short", files("it/d.json", `{"A_A": "x"`), "locale: it/d.json: EOF"},
		{"cut short in a text", files("it/d.json", `{"A_A": "x`), "locale: it/d.json: "},
		{"text after it", files("it/d.json", `{"A_A": "x"} {}`), "locale: it/d.json: text after the JSON object"},
		{"not UTF-8", files("it/d.json", "{\"A_A\": \"\xff\"}"), "locale: it/d.json: not UTF-8"},
		{"no platform code", files("it/platform.json", `{"NOPE": "x"}`), `locale: it/platform.json: "NOPE" is no platform code`},
		{"OK is no error", files("it/platform.json", `{"OK": "x"}`), `locale: it/platform.json: "OK" is no platform code`},
		{"open brace", files("it/d.json", `{"A_A": "{shelf"}`), `locale: it/d.json: "A_A": a brace without its pair`},
		{"closing brace", files("it/d.json", `{"A_A": "shelf}"}`), `locale: it/d.json: "A_A": a brace without its pair`},
		{"no key", files("it/d.json", `{"A_A": "{}"}`), `locale: it/d.json: "A_A": {} names no metadata key`},
		{"brace in a key", files("it/d.json", `{"A_A": "{a{b}"}`), `locale: it/d.json: "A_A": {a{b} names no metadata key`},
		{"key with a blank", files("it/d.json", `{"A_A": "{a b}"}`), `locale: it/d.json: "A_A": {a b} names no metadata key`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			catalog, err := locale.New(tt.files)
			require.ErrorContains(t, err, tt.want)
			assert.Nil(t, catalog)
		})
	}
}

func TestLaterFilesReplaceWhatWasThere(t *testing.T) {
	t.Parallel()
	catalog, err := locale.New(own,
		files("it/platform.json", "\uFEFF"+`{"NOT_FOUND": "Non c'è."}`),
		files("it/library.example.com.json", `{"SHELF_FULL": "Pieno."}`))
	require.NoError(t, err)
	_, text := catalog.Localize("it", status.New(status.NotFound, "x"))
	assert.Equal(t, "Non c'è.", text)
	_, text = catalog.Localize("it", status.New(status.NotFound, "x").WithServiceCode(shelfFull))
	assert.Equal(t, "Pieno.", text)
	_, text = catalog.Localize("it", status.New(status.Aborted, "x"))
	assert.Equal(t, "La richiesta è stata interrotta da una modifica simultanea.", text, "the rest stays")
}

func FuzzLocalize(f *testing.F) {
	f.Add("it", "it", "Lo scaffale {shelf}", "42")
	f.Add("ar;q=0.1,*", "pt-BR", "{{}}{shelf}", "شعر")
	f.Add("x-private", "x-private", "{", "\xff")
	f.Add("it", "it", "{shelf}", "")
	f.Add("de, %%%", "und-u-co-phonebk", "x", "")
	f.Fuzz(func(t *testing.T, wish, folder, text, value string) {
		if !fs.ValidPath(folder) {
			return // no file system has it
		}
		quoted := strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(text)
		catalog, err := locale.New(files(folder+"/"+domain+".json", `{"SHELF_FULL": "`+quoted+`"}`))
		if err != nil {
			return
		}
		e := status.New(status.NotFound, "x").WithServiceCode(shelfFull).WithMetadata(map[string]string{"shelf": value})
		locale, said := catalog.Localize(wish, e)
		assert.Equal(t, locale == "", said == "", "both or none: %q %q", locale, said)
	})
}
