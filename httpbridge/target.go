package httpbridge

import (
	"net"
	"net/url"
	"strings"
)

// defaultPorts are those that a URL need not name.
var defaultPorts = map[string]string{"http": "80", "ws": "80"}

// targetKey is the lower-case host:port of a URL: the key of the retry budget
// that gRPC calls to the same place share (see retry.TargetBudget).
func targetKey(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = defaultPorts[u.Scheme]
	}
	if port == "" {
		port = "443"
	}
	return strings.ToLower(net.JoinHostPort(u.Hostname(), port))
}

// targetOf is the target of a request to u.
func (s *settings) targetOf(u *url.URL) string {
	if s.budgetTarget != "" {
		return s.budgetTarget
	}
	return targetKey(u)
}
