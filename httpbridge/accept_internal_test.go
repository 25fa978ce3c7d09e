package httpbridge

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestParseAccept(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		fields []string
		want   []acceptRange
	}{
		{"none", nil, nil},
		{"empty", []string{"", " ,, "}, nil},
		{"one", []string{"application/json"}, []acceptRange{{"application/json", 1000}}},
		{"case and parameters", []string{"Application/JSON; Charset=utf-8"}, []acceptRange{{"application/json", 1000}}},
		{"weights", []string{"a/b;q=0.5, c/d ; q=1, e/f;q=0,g/h;q=0.001"}, []acceptRange{
			{"a/b", 500}, {"c/d", 1000}, {"e/f", 0}, {"g/h", 1},
		}},
		{"several fields", []string{"a/b", "c/d;q=0.1"}, []acceptRange{{"a/b", 1000}, {"c/d", 100}}},
		{"Java's", []string{"text/html, image/gif, *; q=.2, */*; q=.2"}, []acceptRange{
			{"text/html", 1000}, {"image/gif", 1000}, {"*/*", 200}, {"*/*", 200},
		}},
		{"more digits than allowed", []string{"a/b;q=0.12345"}, []acceptRange{{"a/b", 123}}},
		{"no weights", []string{"a/b;q=2, c/d;q=-1, e/f;q=x, g/h;q=1.001, i/j;q=."}, nil},
		{"a weight without a value", []string{"a/b;q="}, nil},
		{"a quoted comma", []string{`a/b;x="1,2;q=0";q=0.3, c/d`}, []acceptRange{{"a/b", 300}, {"c/d", 1000}}},
		{"a quoted comma in junk", []string{`a/ "x, a/b, y", "\", a/b, y", c/d`}, []acceptRange{{"c/d", 1000}}},
		{"junk between", []string{"a, /b, a/, a b/c, @/x, c/d"}, []acceptRange{{"c/d", 1000}}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, test.want, parseAccept(test.fields))
		})
	}
}

func FuzzAccept(f *testing.F) {
	for _, seed := range []string{
		"", "*/*", "application/json", "application/problem+json;q=0.9, application/json;q=0.1", `a/b;x="\",";q=0`, "*;q=.2", "a/b;;;q=1;=,",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, field string) {
		ranges := parseAccept([]string{field})
		if len(ranges) > maxRanges {
			t.Fatalf("%d ranges", len(ranges))
		}
		for _, r := range ranges {
			kind, subtype, ok := strings.Cut(r.media, "/")
			if !ok || kind == "" || subtype == "" || strings.ContainsAny(r.media, ",; \t\"") || r.weight < 0 || r.weight > 1000 {
				t.Fatalf("range %+v of %q", r, field)
			}
		}
		offers := []Format{AIP193, Problem}
		if chosen := negotiate([]string{field}, offers); !slices.Contains(offers, chosen) {
			t.Fatalf("%v of %q", chosen, field)
		}
	})
}

func TestNegotiate(t *testing.T) {
	t.Parallel()
	both := []Format{AIP193, Problem}
	tests := []struct {
		name   string
		accept []string
		offers []Format
		want   Format
	}{
		{"nothing", nil, both, AIP193},
		{"anything", []string{"*/*"}, both, AIP193},
		{"any application", []string{"application/*"}, both, AIP193},
		{"JSON", []string{"application/json"}, both, AIP193},
		{"problems", []string{"application/problem+json"}, both, Problem},
		{"problems rather", []string{"application/json;q=0.5, application/problem+json;q=0.6"}, both, Problem},
		{"JSON rather", []string{"application/problem+json;q=0.5, application/json;q=0.6"}, both, AIP193},
		{"both alike", []string{"application/json, application/problem+json"}, both, Problem},
		{"problems, or else anything", []string{"application/problem+json, */*;q=0.8"}, both, Problem},
		{"anything, and problems by name", []string{"*/*, application/problem+json"}, both, Problem},
		{"anything but problems", []string{"*/*, application/problem+json;q=0"}, both, AIP193},
		{"anything but JSON", []string{"*/*, application/json;q=0"}, both, Problem},
		{"the most particular range decides", []string{"application/*;q=0.9, application/json;q=0.1, application/problem+json;q=0.2"}, both, Problem},
		{"a browser", []string{"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}, both, AIP193},
		{"nothing that we have", []string{"text/html"}, both, AIP193},
		{"refused", []string{"application/json;q=0, application/problem+json;q=0"}, both, AIP193},
		{"unreadable", []string{"@@@"}, both, AIP193},
		{"problems by default", []string{"*/*"}, []Format{Problem, Gateway}, Problem},
		{"JSON of another format", []string{"application/json"}, []Format{Problem, Gateway}, Gateway},
		{"a single one", []string{"application/problem+json"}, []Format{Twirp}, Twirp},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, test.want, negotiate(test.accept, test.offers))
		})
	}
}
