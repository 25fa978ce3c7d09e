package httpbridge

import "net/http"

// idempotentMethods may be repeated by themselves (RFC 9110 §9.2.2). No method is
// GET.
var idempotentMethods = map[string]bool{
	"":                 true,
	http.MethodGet:     true,
	http.MethodHead:    true,
	http.MethodOptions: true,
	http.MethodTrace:   true,
	http.MethodPut:     true,
	http.MethodDelete:  true,
}

// idempotencyKeys are the headers by which a service recognises a repeat. As with
// net/http, one that is there without a value says that the request may be
// repeated, and is not sent.
var idempotencyKeys = [...]string{"Idempotency-Key", "X-Idempotency-Key"}

// mayRepeat reports whether a request that may have run may run again.
func (s *settings) mayRepeat(req *http.Request) bool {
	if s.idempotent || idempotentMethods[req.Method] {
		return true
	}
	for _, key := range idempotencyKeys {
		if _, ok := req.Header[key]; ok {
			return true
		}
	}
	return false
}
