package status_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/errwire/errwire/status"
)

func TestOriginString(t *testing.T) {
	t.Parallel()
	for origin, name := range map[status.Origin]string{
		status.OriginUnspecified:  "UNSPECIFIED",
		status.OriginService:      "SERVICE",
		status.OriginIntermediary: "INTERMEDIARY",
		status.OriginLocal:        "LOCAL",
		-1:                        "UNSPECIFIED",
		4:                         "UNSPECIFIED",
	} {
		assert.Equal(t, name, origin.String())
		got := status.New(status.NotFound, "m").WithOrigin(origin).Origin()
		if name == "UNSPECIFIED" {
			assert.Equal(t, status.OriginUnspecified, got)
		} else {
			assert.Equal(t, origin, got)
		}
	}
}
