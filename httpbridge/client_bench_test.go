package httpbridge_test

import (
	"io"
	"net/http"
	"testing"

	"github.com/errwire/errwire/httpbridge"
)

// What the client costs, beside the http.Client that it is made of.
func BenchmarkClient(b *testing.B) {
	for _, answer := range []struct {
		name   string
		status int
	}{{"success", 200}, {"not found", 404}} {
		s := newService(b, failing(1<<40, answer.status))
		plain := fresh(b)
		clients := map[string]func(*http.Request) (*http.Response, error){
			"net-http":   plain.Do,
			"httpbridge": httpbridge.NewClient(plain).Do,
		}
		for _, name := range []string{"net-http", "httpbridge"} {
			do := clients[name]
			b.Run(answer.name+"/"+name, func(b *testing.B) {
				b.ReportAllocs()
				req := request(b, http.MethodGet, s.URL, "")
				for b.Loop() {
					resp, err := do(req)
					if err == nil {
						_, _ = io.Copy(io.Discard, resp.Body)
						_ = resp.Body.Close()
					}
				}
			})
		}
	}
}
