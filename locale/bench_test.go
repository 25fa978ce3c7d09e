package locale_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/errwire/errwire/locale"
	"github.com/errwire/errwire/status"
)

func BenchmarkLocalize(b *testing.B) {
	catalog, err := locale.New()
	require.NoError(b, err)
	e := status.New(status.NotFound, "x")
	b.ReportAllocs()
	for b.Loop() {
		catalog.Localize("it-IT,it;q=0.9,en;q=0.8", e)
	}
}
