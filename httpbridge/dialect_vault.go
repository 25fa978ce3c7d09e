package httpbridge

import (
	"strings"

	"github.com/errwire/errwire/status"
)

// Vault and Consul: {"errors": ["permission denied"]}.

func readVault(a *Answer, d *draft) bool {
	var texts []string
	for item := range a.root().get("errors").elements() {
		if !item.isString() {
			return false
		}
		texts = append(texts, item.string())
	}
	d.message = strings.Join(texts, "; ")
	return len(texts) > 0 && !a.succeeded()
}

// Vault reads a bare list of messages, as HashiCorp's Vault sends it.
func Vault(a *Answer) *status.Error { return a.as(readVault) }
