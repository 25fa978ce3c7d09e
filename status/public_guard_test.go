package status_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"google.golang.org/grpc/codes"
	grpcstatus "google.golang.org/grpc/status"

	"github.com/errwire/errwire/status"
)

// selfWrapped is an error that is its own cause.
type selfWrapped struct{}

func (e selfWrapped) Error() string { return "circle" }
func (e selfWrapped) Unwrap() error { return e }

func TestMappersAreNotAskedAboutAnErrorWithoutAnEnd(t *testing.T) {
	t.Parallel()
	endless := func(err error) *status.Error {
		if errors.Is(err, status.NotFound) { // would never return
			return status.New(status.NotFound, "")
		}
		return nil
	}
	assert.True(t, status.IsInternal(status.Public(selfWrapped{}, endless)))
}

func TestWhatGRPCGoSaysOfItselfDoesNotLeave(t *testing.T) {
	t.Parallel()
	for message, origin := range map[string]status.Origin{
		`connection error: desc = "transport: Error while dialing: dial tcp 10.0.0.7:443: connect: connection refused"`: status.OriginLocal,
		`last connection error: connection error: desc = "transport: Error while dialing: dial tcp 10.0.0.7:443"`:       status.OriginLocal,
		"name resolver error: produced zero addresses for backend.internal":                                             status.OriginLocal,
		"error reading from server: read tcp 10.0.0.7:443: connection reset by peer":                                    status.OriginLocal,
		"unexpected HTTP status code received from server: 502 (Bad Gateway)":                                           status.OriginIntermediary,
	} {
		err := grpcstatus.Error(codes.Unavailable, message)
		assert.Equal(t, origin, status.FromError(err).Origin(), message)
		assert.Equal(t, message, status.FromError(err).Message())
		assert.Equal(t, status.Unavailable.DefaultMessage(), status.Public(err).Message())
	}
	said := grpcstatus.Error(codes.Unavailable, "The connection error: of a user's.")
	assert.Equal(t, status.OriginUnspecified, status.FromError(said).Origin())
	assert.Equal(t, "The connection error: of a user's.", status.Public(said).Message())
}
