package status

import (
	"errors"
	"fmt"
	"sync"
)

// A Catalog declares the service codes of one domain. protoc-gen-go-errwire
// generates it from a proto enum; one written by hand works as well.
type Catalog struct {
	Domain      string // such as "library.example.com"
	Source      string // where the catalog is declared, for the message about a clash
	HelpURL     string // documentation of the service's errors, an absolute URL, or ""
	Definitions []Definition
}

// A Definition declares one service code of a [Catalog].
type Definition struct {
	Reason  string   // such as "SHELF_FULL"; unique in the domain
	Code    Code     // the platform code; never OK
	Message string   // the default message, or ""
	Aliases []string // the names that HTTP bodies use for it; the first is the one to write
}

// registry holds every registered catalog. It is written at start-up and read
// for every service code that is looked up.
var registry struct {
	sync.RWMutex
	codes   map[ServiceCode]registered
	aliases map[alias]ServiceCode
}

type registered struct {
	*Definition
	source string
}

// An alias is a name in a domain: two services may use one name for two things.
type alias struct{ domain, name string }

// Register adds a catalog, so that its bare service codes have a platform code
// and a message, and httpbridge recognises the names that REST bodies use.
// A generated package does it when the program starts.
//
// The catalog must not change afterwards. It is refused as a whole, with an
// error that names both sides, when one of its reasons or aliases is taken,
// and when a definition has no reason or no platform code.
func Register(c *Catalog) error {
	if c == nil {
		return errors.New("status: Register: nil catalog")
	}
	if c.Domain == "" {
		return fmt.Errorf("status: Register: catalog %q has no domain", c.Source)
	}
	registry.Lock()
	defer registry.Unlock()
	if registry.codes == nil {
		registry.codes = make(map[ServiceCode]registered, len(c.Definitions))
		registry.aliases = make(map[alias]ServiceCode, len(c.Definitions))
	}
	for i := range c.Definitions {
		if err := registerOne(c, &c.Definitions[i]); err != nil {
			unregister(c, i)
			return fmt.Errorf("status: Register: %w", err)
		}
	}
	return nil
}

func registerOne(c *Catalog, def *Definition) error {
	code := ServiceCode{c.Domain, def.Reason}
	if def.Reason == "" {
		return fmt.Errorf("a definition of %q in %q has no reason", c.Domain, c.Source)
	}
	if def.Code == OK || !def.Code.valid() {
		return fmt.Errorf("%v in %q has platform code %v", code, c.Source, def.Code)
	}
	if other, taken := registry.codes[code]; taken {
		return fmt.Errorf("%v is declared in %q and in %q", code, other.source, c.Source)
	}
	for i, name := range def.Aliases {
		if other, taken := registry.aliases[alias{c.Domain, name}]; taken {
			removeAliases(c.Domain, def.Aliases[:i])
			return fmt.Errorf("alias %q of %v in %q is taken by %v in %q",
				name, code, c.Source, other, sourceOf(other, c))
		}
		registry.aliases[alias{c.Domain, name}] = code
	}
	registry.codes[code] = registered{def, c.Source}
	return nil
}

// sourceOf is where code is declared; one that is not entered yet is being
// declared by c.
func sourceOf(code ServiceCode, c *Catalog) string {
	if other, ok := registry.codes[code]; ok {
		return other.source
	}
	return c.Source
}

// unregister takes the first n definitions of c out again.
func unregister(c *Catalog, n int) {
	for _, def := range c.Definitions[:n] {
		delete(registry.codes, ServiceCode{c.Domain, def.Reason})
		removeAliases(c.Domain, def.Aliases)
	}
}

func removeAliases(domain string, names []string) {
	for _, name := range names {
		delete(registry.aliases, alias{domain, name})
	}
}

// Lookup returns what a registered catalog declares of a service code. It is a
// constant-time look-up that allocates nothing. Do not change the result's
// Aliases.
func Lookup(code ServiceCode) (Definition, bool) {
	registry.RLock()
	defer registry.RUnlock()
	r, ok := registry.codes[code]
	if !ok {
		return Definition{}, false
	}
	return *r.Definition, true
}

// LookupAlias returns the service code that HTTP bodies of a domain call by
// that name: LookupAlias("identitytoolkit.googleapis.com", "EMAIL_EXISTS") is
// auth.EmailAlreadyExists. A reason is not its own alias unless the catalog says
// so. It is a constant-time look-up that allocates nothing.
func LookupAlias(domain, name string) (ServiceCode, bool) {
	registry.RLock()
	defer registry.RUnlock()
	code, ok := registry.aliases[alias{domain, name}]
	return code, ok
}
