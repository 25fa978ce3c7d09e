package httpbridge_test

import (
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"

	"github.com/errwire/errwire/httpbridge"
	"github.com/errwire/errwire/status"
)

// hostile are bodies that cost much if they are read carelessly. repeat makes
// each as long as asked.
var hostile = map[string]func(size int) string{
	"brackets":        func(n int) string { return strings.Repeat("[", n) },
	"closed brackets": func(n int) string { return strings.Repeat("[", n/2) + strings.Repeat("]", n/2) },
	"braces":          func(n int) string { return strings.Repeat(`{"a":`, n/5) },
	"deep error":      func(n int) string { return strings.Repeat(`{"error":`, n/9) },
	"deep details": func(n int) string {
		return `{"error":{"status":"X","details":[{"@type":"x","a":` + strings.Repeat("[", n)
	},
	"deep inner error": func(n int) string {
		return `{"error":{"code":"x","innererror":` + strings.Repeat(`{"innererror":`, n/14)
	},
	"zeros":         func(n int) string { return "[" + strings.Repeat("0,", n/2) + "0]" },
	"objects":       func(n int) string { return "[" + strings.Repeat(`{"a":0},`, n/8) + "{}]" },
	"members":       func(n int) string { return `{` + strings.Repeat(`"a":0,`, n/6) + `"b":0}` },
	"escaped names": func(n int) string { return `{` + strings.Repeat(`"\u0061bcdefghijklmnopq":0,`, n/27) + `"b":0}` },
	"details":       func(n int) string { return `{"error":{"status":"X","details":[` + strings.Repeat(`{},`, n/3) + `{}]}}` },
	"typed details": func(n int) string {
		return `{"error":{"status":"X","details":[` + strings.Repeat(`{"@type":"google.rpc.Help"},`, n/28) + `{}]}}`
	},
	"error infos": func(n int) string {
		return `{"error":{"status":"X","details":[` + strings.Repeat(`{"@type":"google.rpc.ErrorInfo","reason":"R"},`, n/46) + `{}]}}`
	},
	"bad violations": func(n int) string {
		return `{"error":{"status":"X","details":[{"@type":"google.rpc.BadRequest","fieldViolations":[` + strings.Repeat(`{"field":0},`, n/12) + `0]}]}}`
	},
	"bad strings": func(n int) string {
		return `{"error":{"status":"X","details":[{"@type":"google.rpc.DebugInfo","stackEntries":[` + strings.Repeat(`"a",`, n/4) + `0]}]}}`
	},
	"errors": func(n int) string {
		return `{"errors":[` + strings.Repeat(`{"detail":"d","pointer":"/a/b"},`, n/32) + `0]}`
	},
	"legacy items": func(n int) string {
		return `{"error":{"message":"m","errors":[` + strings.Repeat(`{"location":"l"},`, n/17) + `0]}}`
	},
	"metadata": func(n int) string {
		var b strings.Builder
		for i := 0; b.Len() < n; i++ {
			fmt.Fprintf(&b, `"k%d":"",`, i)
		}
		return `{"code":"not_found","msg":"m","meta":{` + b.String() + `"x":""}}`
	},
	"info metadata": func(n int) string {
		var b strings.Builder
		for i := 0; b.Len() < n; i++ {
			fmt.Fprintf(&b, `"k%d":"",`, i)
		}
		return `{"error":{"status":"X","details":[{"@type":"google.rpc.ErrorInfo","reason":"R","metadata":{` + b.String() + `"x":""}}]}}`
	},
	"long string": func(n int) string { return `{"error":{"status":"X","message":"` + strings.Repeat("é", n/2) + `"}}` },
	"escapes": func(n int) string {
		return `{"error":{"status":"X","message":"` + strings.Repeat(`\u00e9`, n/6) + `"}}`
	},
	"quotes":         func(n int) string { return `{"message":"` + strings.Repeat(`\"`, n/2) + `"}` },
	"surrogates":     func(n int) string { return `{"message":"` + strings.Repeat(`\ud800`, n/6) + `"}` },
	"not UTF-8":      func(n int) string { return `{"message":"` + strings.Repeat("\xff", n) + `"}` },
	"binary":         func(n int) string { return strings.Repeat("\xff\x00", n/2) },
	"long number":    func(n int) string { return `{"error":{"status":"X","code":` + strings.Repeat("9", n) + `}}` },
	"lines":          func(n int) string { return strings.Repeat("{}\n", n/3) },
	"cut lines":      func(n int) string { return strings.Repeat("{\n", n/2) },
	"events":         func(n int) string { return strings.Repeat("data: {}\n\n", n/10) },
	"cut array":      func(n int) string { return "[" + strings.Repeat("{},", n/3) },
	"xml depth":      func(n int) string { return strings.Repeat("<Error>", n/7) },
	"xml children":   func(n int) string { return "<Error>" + strings.Repeat("<a>b</a>", n/8) + "</Error>" },
	"xml comments":   func(n int) string { return "<Error>" + strings.Repeat("a<!---->", n/8) + "</Error>" },
	"xml attributes": func(n int) string { return "<Error" + strings.Repeat(" a='b'", n/6) + "/>" },
	"xml entities": func(n int) string {
		return `<!DOCTYPE Error [<!ENTITY a "` + strings.Repeat("x", n) + `">]><Error><Code>&a;&a;&a;</Code></Error>`
	},
	"html": func(n int) string { return "<html>" + strings.Repeat("<p>x", n/4) },
	"text": func(n int) string { return strings.Repeat("x", n) },
	"base64 detail": func(n int) string {
		return `{"code":"internal","message":"m","details":[{"type":"a","value":"` + strings.Repeat("A", n) + `"}]}`
	},
	"connect details": func(n int) string {
		return `{"code":"internal","message":"m","details":[` + strings.Repeat(`{"type":"a","value":""},`, n/24) + `0]}`
	},
}

// sane is what every error must be, whatever it was made from.
func sane(t *testing.T, e *status.Error) {
	t.Helper()
	if e == nil {
		t.Fatal("Parse returned nil")
	}
	assert.NotEqual(t, status.OK, e.Code())
	assert.NotEmpty(t, e.Message())
	assert.LessOrEqual(t, len(e.Message()), 16<<10)
	assert.True(t, utf8.ValidString(e.Message()))
	assert.LessOrEqual(t, len(e.Details()), 300)
	delay, ok := e.RetryDelay()
	assert.True(t, !ok || delay >= 0)
}

// Memory is in proportion to what is read: 64 MiB cost no more than 1 MiB, and a
// hostile MiB no more than a few dozen.
func TestHostileBodies(t *testing.T) { //nolint:paralleltest // it measures memory
	header := http.Header{}
	for name, body := range hostile {
		t.Run(name, func(t *testing.T) {
			for _, size := range []int{1 << 10, 1 << 16, 1<<20 - 1<<8, 64 << 20} { // the third is read whole
				if size > 1<<20 && (testing.Short() || name != "zeros" && name != "long string" && name != "text") {
					continue
				}
				text := []byte(body(size))
				var before, after runtime.MemStats
				runtime.ReadMemStats(&before)
				e := httpbridge.Parse(400, header, text)
				runtime.ReadMemStats(&after)
				sane(t, e)
				assert.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(64<<20), "%d bytes", size)
			}
		})
	}
}

// Twice the input takes about twice the allocations: nothing is quadratic. Time
// would say the same, but not on a busy machine.
func TestHostileBodiesTakeLinearMemory(t *testing.T) { //nolint:paralleltest // it measures memory
	cost := func(text []byte) float64 {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_ = httpbridge.Parse(400, nil, text)
		runtime.ReadMemStats(&after)
		return float64(after.TotalAlloc-before.TotalAlloc) + 1<<16
	}
	for name, body := range hostile {
		small, large := []byte(body(1<<15)), []byte(body(1<<17))
		_ = httpbridge.Parse(400, nil, large) // the pool's and the decoder's own
		assert.Less(t, cost(large)/cost(small), 8.0, name)
	}
}

func TestHostileHeaders(t *testing.T) {
	t.Parallel()
	long := strings.Repeat(`Bearer a="`, 1<<12)
	for _, text := range []string{
		long, strings.Repeat(",", 1<<15), strings.Repeat("a ", 1<<14), strings.Repeat("a=b,", 1<<13), strings.Repeat(`a="\`, 1<<13), "Bearer", "Bearer =", "Bearer a=", `Bearer a="`,
		`Bearer error="` + strings.Repeat(`\"`, 1<<13) + `"`, "\x00\xff", strings.Repeat("9", 1<<15), strings.Repeat("-", 1<<15), strings.Repeat("%", 1<<15), strings.Repeat("A", 1<<15),
	} {
		header := http.Header{}
		for _, name := range []string{
			"Www-Authenticate", "Retry-After", "Date", "Retry-After-Ms", "X-Ratelimit-Reset", "X-Ratelimit-Remaining", "Content-Type",
			"Grpc-Message", "Grpc-Status-Details-Bin", "X-Amzn-Errortype", "X-Ms-Error-Code", "X-Prpc-Grpc-Code", "X-Prpc-Status-Details-Bin", "Server", "Goa-Error", "Request-Id",
		} {
			header.Set(name, text)
			sane(t, httpbridge.Parse(401, http.Header{name: {text}}, nil))
		}
		sane(t, httpbridge.Parse(401, header, []byte(notFound)))
		header.Set("Grpc-Status", "5")
		sane(t, httpbridge.Parse(401, header, nil))
		header.Set("Grpc-Status", text)
		sane(t, httpbridge.Parse(401, header, nil))
	}
}

// What errors cost that are not hostile: a promise of the package, and of the
// benchmark that compares it.
func TestParseAllocates(t *testing.T) {
	body := []byte(`{"error":{"code":404,"message":"user 42 missing","status":"NOT_FOUND","details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"USER_NOT_FOUND","domain":"users.example.com","metadata":{"user":"42"}}]}}`)
	header := http.Header{"Content-Type": {"application/json; charset=UTF-8"}}
	allocations := testing.AllocsPerRun(200, func() {
		if httpbridge.Parse(404, header, body).Reason() != "USER_NOT_FOUND" {
			t.Fail()
		}
	})
	assert.LessOrEqual(t, allocations, 16.0)
}

func BenchmarkParse(b *testing.B) {
	for _, bench := range []struct{ name, body string }{
		{"aip193", `{"error":{"code":404,"message":"user 42 missing","status":"NOT_FOUND","details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"USER_NOT_FOUND","domain":"users.example.com","metadata":{"user":"42"}}]}}`},
		{"docker", `{"message":"No such container: web"}`},
		{"page", "<html><head><title>502 Bad Gateway</title></head><body></body></html>"},
	} {
		b.Run(bench.name, func(b *testing.B) {
			b.ReportAllocs()
			header, body := http.Header{"Content-Type": {"application/json; charset=UTF-8"}}, []byte(bench.body)
			for b.Loop() {
				_ = httpbridge.Parse(404, header, body).Reason()
			}
		})
	}
}

func BenchmarkEncode(b *testing.B) {
	e := status.New(status.NotFound, "user 42 missing").
		WithServiceCode(status.ServiceCode{Domain: "users.example.com", Reason: "USER_NOT_FOUND"}).
		WithMetadata(map[string]string{"user": "42"})
	for _, format := range allFormats {
		b.Run(format.String(), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				httpbridge.Encode(e, format)
			}
		})
	}
}
