package status_test

import (
	"math"
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

func TestAttempts(t *testing.T) {
	t.Parallel()
	e := status.New(status.Unavailable, "m")
	for _, test := range [][2]int{{0, 0}, {1, 1}, {5, 5}, {-1, 0}, {math.MinInt, 0}, {math.MaxInt32, math.MaxInt32}, {math.MaxInt, math.MaxInt32}} {
		assert.Equal(t, test[1], e.WithAttempts(test[0], "").Attempts(), test[0])
	}
	assert.JSONEq(t, `{"error":{"code":"UNAVAILABLE","message":"m"}}`, logged(e.WithAttempts(3, "budget_exhausted").WithAttempts(0, "")))
}
