package status_test

import (
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/errwire/errwire/status"
)

func TestRegisteredCatalogGivesBareCodesTheirMeaning(t *testing.T) {
	t.Parallel()
	domain := newDomain()
	full := status.ServiceCode{Domain: domain, Reason: "SHELF_FULL"}
	burnt := status.ServiceCode{Domain: domain, Reason: "SHELF_BURNT"}
	require.NoError(t, status.Register(&status.Catalog{
		Domain:  domain,
		Source:  "registered.proto",
		HelpURL: "https://registered.catalog.test/errors",
		Definitions: []status.Definition{
			{Reason: "SHELF_FULL", Code: status.FailedPrecondition, Message: "The shelf is full.", Aliases: []string{"full", "FULL"}},
			{Reason: "SHELF_BURNT", Code: status.DataLoss, HelpURL: "https://registered.catalog.test/fire"},
		},
	}))

	def, ok := status.Lookup(full)
	require.True(t, ok)
	assert.Equal(t, status.Definition{
		Reason:  "SHELF_FULL",
		Code:    status.FailedPrecondition,
		Message: "The shelf is full.",
		Aliases: []string{"full", "FULL"},
		HelpURL: "https://registered.catalog.test/errors",
	}, def, "the catalog's help, as there is no other")
	def, ok = status.Lookup(burnt)
	require.True(t, ok)
	assert.Equal(t, "https://registered.catalog.test/fire", def.HelpURL)

	e := status.FromError(fmt.Errorf("put: %w", full))
	assert.Equal(t, status.FailedPrecondition, e.Code())
	assert.Equal(t, "The shelf is full.", e.Message())
	assert.True(t, status.IsFailedPrecondition(full))
	assert.ErrorIs(t, full, status.FailedPrecondition)
	assert.NotErrorIs(t, full, status.NotFound)
	assert.Equal(t, status.DataLoss.DefaultMessage(), status.FromError(burnt).Message())

	for _, name := range []string{"full", "FULL"} {
		code, ok := status.LookupAlias(domain, name)
		assert.True(t, ok)
		assert.Equal(t, full, code)
	}
	for _, other := range [][2]string{{domain, "SHELF_FULL"}, {"elsewhere.test", "full"}, {domain, ""}} {
		_, ok := status.LookupAlias(other[0], other[1])
		assert.False(t, ok, "%q", other)
	}
	for _, other := range []status.ServiceCode{{}, {Domain: domain}, {Domain: "elsewhere.test", Reason: "SHELF_FULL"}} {
		_, ok := status.Lookup(other)
		assert.False(t, ok, "%q", other)
	}
}

func TestRegisterRefusesAClashAsAWhole(t *testing.T) {
	t.Parallel()
	domain := newDomain()
	define := func(reason string, aliases ...string) status.Definition {
		return status.Definition{Reason: reason, Code: status.NotFound, Aliases: aliases}
	}
	require.NoError(t, status.Register(&status.Catalog{
		Domain: domain, Source: "first.proto",
		Definitions: []status.Definition{define("TAKEN", "taken")},
	}))
	tests := []struct {
		name    string
		catalog *status.Catalog
		want    string
	}{
		{"nil", nil, "nil catalog"},
		{"no domain", &status.Catalog{Source: "second.proto"}, `catalog "second.proto" has no domain`},
		{
			"a taken reason",
			&status.Catalog{Domain: domain, Source: "second.proto", Definitions: []status.Definition{define("FREE", "free"), define("TAKEN")}},
			`DOMAIN/TAKEN is declared in "first.proto" and in "second.proto"`,
		},
		{
			"a taken alias",
			&status.Catalog{Domain: domain, Source: "second.proto", Definitions: []status.Definition{define("FREE", "free", "taken")}},
			`alias "taken" of DOMAIN/FREE in "second.proto" is taken by DOMAIN/TAKEN in "first.proto"`,
		},
		{
			"one alias for two",
			&status.Catalog{Domain: domain, Source: "second.proto", Definitions: []status.Definition{define("FREE", "free"), define("LOOSE", "free")}},
			`alias "free" of DOMAIN/LOOSE in "second.proto" is taken by DOMAIN/FREE in "second.proto"`,
		},
		{
			"no reason",
			&status.Catalog{Domain: domain, Source: "second.proto", Definitions: []status.Definition{define("FREE", "free"), {Code: status.NotFound}}},
			`a definition of "DOMAIN" in "second.proto" has no reason`,
		},
		{
			"no platform code",
			&status.Catalog{Domain: domain, Source: "second.proto", Definitions: []status.Definition{define("FREE", "free"), {Reason: "LOOSE"}}},
			`DOMAIN/LOOSE in "second.proto" has platform code OK`,
		},
		{
			"a platform code that is none",
			&status.Catalog{Domain: domain, Source: "second.proto", Definitions: []status.Definition{{Reason: "LOOSE", Code: 99}}},
			`DOMAIN/LOOSE in "second.proto" has platform code Code(99)`,
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			require.ErrorContains(t, status.Register(test.catalog), strings.ReplaceAll(test.want, "DOMAIN", domain))
			_, free := status.Lookup(status.ServiceCode{Domain: domain, Reason: "FREE"})
			assert.False(t, free, "nothing of a refused catalog stays")
			_, free = status.LookupAlias(domain, "free")
			assert.False(t, free)
			code, ok := status.LookupAlias(domain, "taken")
			assert.True(t, ok)
			assert.Equal(t, "TAKEN", code.Reason, "nothing of the first is lost")
		})
	}
}

// bigCatalog is a catalog of n service codes with an alias each.
func bigCatalog(domain string, n int) *status.Catalog {
	c := &status.Catalog{Domain: domain, Source: "big.proto"}
	for i := range n {
		c.Definitions = append(c.Definitions, status.Definition{
			Reason:  fmt.Sprintf("SOME_LONGISH_REASON_NUMBER_%04d", i),
			Code:    status.NotFound,
			Message: "Something.",
			Aliases: []string{fmt.Sprintf("SOME_OLD_NAME_OF_NUMBER_%04d", i)},
		})
	}
	return c
}

func TestLookupsAllocateNothing(t *testing.T) {
	domain := newDomain()
	require.NoError(t, status.Register(bigCatalog(domain, 100)))
	code := status.ServiceCode{Domain: domain, Reason: "SOME_LONGISH_REASON_NUMBER_0099"}
	assert.Zero(t, testing.AllocsPerRun(100, func() {
		if _, ok := status.Lookup(code); !ok {
			t.Error("not found")
		}
		if _, ok := status.LookupAlias(domain, "SOME_OLD_NAME_OF_NUMBER_0099"); !ok {
			t.Error("alias not found")
		}
	}))
}

// newDomain is a domain that nobody has registered: with -count a test runs again
// in the same process.
func newDomain() string { return fmt.Sprintf("n%d.catalog.test", domains.Add(1)) }

var domains atomic.Int64

// BenchmarkRegister is what a program with one more catalog pays when it starts.
// The domain is new each time; the definitions are made once.
func BenchmarkRegister(b *testing.B) {
	for _, n := range []int{10, 100, 1000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			definitions := bigCatalog("", n).Definitions
			b.ReportAllocs()
			for b.Loop() {
				if err := status.Register(&status.Catalog{Domain: newDomain(), Definitions: definitions}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkLookup(b *testing.B) {
	for _, n := range []int{10, 1000} {
		domain := newDomain()
		if err := status.Register(bigCatalog(domain, n)); err != nil {
			b.Fatal(err)
		}
		code := status.ServiceCode{Domain: domain, Reason: "SOME_LONGISH_REASON_NUMBER_0005"}
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, ok := status.Lookup(code); !ok {
					b.Fatal("not found")
				}
			}
		})
	}
}
