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
	HelpURL string   // documentation of this very error, if it is not the catalog's; see [Lookup]
}

// registry holds every registered catalog, by domain. It is written at start-up
// and read for every service code that is looked up.
var registry struct {
	sync.RWMutex
	domains map[string]*domainIndex
}

// A domainIndex finds the definitions of one domain. It has strings for keys and
// not a ServiceCode, which would cost a starting program three times as much.
type domainIndex struct {
	reasons map[string]registered
	aliases map[string]registered
}

type registered struct {
	*Definition
	catalog *Catalog
}

// Register adds a catalog, so that its bare service codes have a platform code
// and a message, and httpbridge recognises the names that REST bodies use.
// A generated package does it when the program starts.
//
// The catalog must not change afterwards. It is refused as a whole, with an
// error that names both sides, when one of its reasons or aliases is taken,
// and when a definition has no reason, no platform code or an empty alias.
func Register(c *Catalog) error {
	if c == nil {
		return errors.New("status: Register: nil catalog")
	}
	if c.Domain == "" {
		return fmt.Errorf("status: Register: catalog %q has no domain", c.Source)
	}
	registry.Lock()
	defer registry.Unlock()
	index := registry.domains[c.Domain]
	if index == nil {
		if registry.domains == nil {
			registry.domains = make(map[string]*domainIndex)
		}
		index = &domainIndex{
			reasons: make(map[string]registered, len(c.Definitions)),
			aliases: make(map[string]registered, len(c.Definitions)),
		}
		registry.domains[c.Domain] = index
	}
	for i := range c.Definitions {
		if err := index.add(registered{&c.Definitions[i], c}); err != nil {
			for j := range c.Definitions[:i] {
				index.remove(&c.Definitions[j])
			}
			return fmt.Errorf("status: Register: %w", err)
		}
	}
	return nil
}

// add enters one definition, or nothing of it.
func (x *domainIndex) add(r registered) error {
	code, source := ServiceCode{r.catalog.Domain, r.Reason}, r.catalog.Source
	if r.Reason == "" {
		return fmt.Errorf("a definition of %q in %q has no reason", code.Domain, source)
	}
	if r.Code == OK || !r.Code.valid() {
		return fmt.Errorf("%v in %q has platform code %v", code, source, r.Code)
	}
	if other, taken := x.reasons[r.Reason]; taken {
		return fmt.Errorf("%v is declared in %q and in %q", code, other.catalog.Source, source)
	}
	for i, name := range r.Aliases {
		if name == "" {
			x.removeAliases(r.Aliases[:i])
			return fmt.Errorf("%v in %q has an empty alias", code, source)
		}
		if other, taken := x.aliases[name]; taken {
			x.removeAliases(r.Aliases[:i])
			return fmt.Errorf("alias %q of %v in %q is taken by %v in %q",
				name, code, source, ServiceCode{code.Domain, other.Reason}, other.catalog.Source)
		}
		x.aliases[name] = r
	}
	x.reasons[r.Reason] = r
	return nil
}

// remove takes a definition out again.
func (x *domainIndex) remove(def *Definition) {
	delete(x.reasons, def.Reason)
	x.removeAliases(def.Aliases)
}

func (x *domainIndex) removeAliases(names []string) {
	for _, name := range names {
		delete(x.aliases, name)
	}
}

// Lookup returns what a registered catalog declares of a service code; a
// definition without a HelpURL has the catalog's. It is a constant-time look-up
// that allocates nothing. Do not change the result's Aliases.
func Lookup(code ServiceCode) (Definition, bool) {
	registry.RLock()
	defer registry.RUnlock()
	index := registry.domains[code.Domain]
	if index == nil {
		return Definition{}, false
	}
	r, ok := index.reasons[code.Reason]
	if !ok {
		return Definition{}, false
	}
	def := *r.Definition
	if def.HelpURL == "" {
		def.HelpURL = r.catalog.HelpURL
	}
	return def, true
}

// LookupAlias returns the service code that HTTP bodies of a domain call by
// that name: LookupAlias("identitytoolkit.googleapis.com", "EMAIL_EXISTS") is
// auth.EmailAlreadyExists. A reason is not its own alias unless the catalog says
// so. It is a constant-time look-up that allocates nothing.
func LookupAlias(domain, name string) (ServiceCode, bool) {
	registry.RLock()
	defer registry.RUnlock()
	index := registry.domains[domain]
	if index == nil {
		return ServiceCode{}, false
	}
	r, ok := index.aliases[name]
	if !ok {
		return ServiceCode{}, false
	}
	return ServiceCode{r.catalog.Domain, r.Reason}, true
}
