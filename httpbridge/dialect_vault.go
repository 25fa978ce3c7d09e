package httpbridge

import (
	"strings"

	"github.com/errwire/errwire/status"
)

// Vault and Consul: {"errors": ["permission denied"]}.

func readVault(a *Answer, d *draft) bool {
	errors := a.root().get("errors")
	d.message = strings.Join(errors.texts(), "; ")
	return d.message != "" && errors.isArray() && !a.succeeded()
}

// Vault reads a bare list of messages, as HashiCorp's Vault sends it.
func Vault(a *Answer) *status.Error { return a.as(readVault) }
