package status_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/errwire/errwire/status"
)

// TestLookupsWhileCatalogsRegister is for the race detector: a plug-in may
// bring its catalog when the program has long been serving.
func TestLookupsWhileCatalogsRegister(t *testing.T) {
	t.Parallel()
	domains := make([]string, 20)
	for i := range domains {
		domains[i] = newDomain()
	}
	var wg sync.WaitGroup
	for _, domain := range domains {
		wg.Go(func() {
			assert.NoError(t, status.Register(bigCatalog(domain, 50)))
			assert.Error(t, status.Register(bigCatalog(domain, 50)), "a second time")
		})
		wg.Go(func() {
			for range 20 {
				for n := range 50 {
					code := status.ServiceCode{Domain: domain, Reason: fmt.Sprintf("SOME_LONGISH_REASON_NUMBER_%04d", n)}
					_, declared := status.Lookup(code)
					if declared {
						assert.True(t, status.IsNotFound(code))
					}
					alias, ok := status.LookupAlias(domain, fmt.Sprintf("SOME_OLD_NAME_OF_NUMBER_%04d", n))
					if ok {
						assert.Equal(t, code, alias)
					}
				}
			}
		})
	}
	wg.Wait()
	for _, domain := range domains {
		code := status.ServiceCode{Domain: domain, Reason: "SOME_LONGISH_REASON_NUMBER_0049"}
		def, ok := status.Lookup(code)
		assert.True(t, ok)
		assert.Equal(t, status.NotFound, def.Code)
		assert.ErrorIs(t, code, status.NotFound)
	}
}

func TestACatalogWithAnEmptyAliasIsRefused(t *testing.T) {
	t.Parallel()
	err := status.Register(&status.Catalog{Domain: "empty.alias.test", Source: "empty.proto", Definitions: []status.Definition{
		{Reason: "FREE", Code: status.NotFound, Aliases: []string{"free", ""}},
	}})
	assert.EqualError(t, err, `status: Register: empty.alias.test/FREE in "empty.proto" has an empty alias`)
	_, ok := status.LookupAlias("empty.alias.test", "free")
	assert.False(t, ok)
}
