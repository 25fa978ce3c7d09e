package firebase_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"google.golang.org/grpc/codes"
	grpcstatus "google.golang.org/grpc/status"

	"github.com/errwire/errwire/httpbridge"
	"github.com/errwire/errwire/status"
	"github.com/errwire/errwire/status/firebase/auth"
	"github.com/errwire/errwire/status/firebase/messaging"
)

// A code that has crossed three hops answers the same predicates: it comes over
// gRPC, goes on as a REST body, and leaves over gRPC again.
func TestIdentitySurvivesThreeHops(t *testing.T) {
	t.Parallel()
	for name, format := range map[string]httpbridge.Format{
		"AIP-193":  httpbridge.AIP193,
		"problem":  httpbridge.Problem,
		"gateway":  httpbridge.Gateway,
		"connect":  httpbridge.Connect,
		"Firebase": httpbridge.Firebase,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, code := range slices.Concat(auth.All(), messaging.All()) {
				// Not the catalog's platform code: the wire decides about that one.
				first := status.New(status.DataLoss, "x").WithServiceCode(code).GRPCStatus().Err()
				httpStatus, header, body := httpbridge.Encode(first, format)
				second := httpbridge.Parse(httpStatus, header, body)
				third := grpcstatus.FromProto(second.GRPCStatus().Proto()).Err()
				assert.Equal(t, code, status.ServiceCodeOf(third), "%s", body)
				if format != httpbridge.Firebase { // in such a body the server code decides
					assert.Equal(t, codes.DataLoss, grpcstatus.Code(third), "%v", code)
				}
			}
		})
	}
}
