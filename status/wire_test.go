package status_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"

	"github.com/errwire/errwire/status"
)

func packed(t *testing.T, m proto.Message) *anypb.Any {
	t.Helper()
	a, err := anypb.New(m)
	require.NoError(t, err)
	return a
}

func TestFromWireKeepsEveryDetailInOrder(t *testing.T) {
	t.Parallel()
	unknown := &anypb.Any{TypeUrl: "type.googleapis.com/acme.Unknown", Value: []byte{8, 1}}
	e := status.FromWire(status.NotFound, "gone", status.OriginService, []*anypb.Any{
		unknown,
		nil,
		{Value: []byte("no type")},
		{TypeUrl: "type.googleapis.com/\xff"},
		packed(t, &errdetails.ErrorInfo{Reason: "GONE", Domain: "a.example"}),
		packed(t, &errdetails.ErrorInfo{Reason: "SECOND", Domain: "b.example"}),
	})
	assert.Equal(t, status.NotFound, e.Code())
	assert.Equal(t, "gone", e.Message())
	assert.Equal(t, status.OriginService, e.Origin())
	assert.Equal(t, status.ServiceCode{Domain: "a.example", Reason: "GONE"}, e.ServiceCode())
	details := e.Details()
	require.Len(t, details, 3)
	assert.True(t, proto.Equal(unknown, details[0]))
	assert.Equal(t, "SECOND", details[2].(*errdetails.ErrorInfo).GetReason())
	assert.True(t, status.Equal(e, status.FromError(e.GRPCStatus().Err())), "the same over gRPC")
}

func TestFromWireIsAnErrorWhateverItIsGiven(t *testing.T) {
	t.Parallel()
	e := status.FromWire(status.OK, "", status.Origin(99), nil)
	assert.Equal(t, status.Unknown, e.Code())
	assert.Equal(t, status.Unknown.DefaultMessage(), e.Message())
	assert.Equal(t, status.OriginUnspecified, e.Origin())
	assert.Empty(t, e.Details())
}

func TestFromWireReadsAConflict(t *testing.T) {
	t.Parallel()
	want := status.New(status.Conflict, "busy").WithMetadata(map[string]string{"row": "7"})
	wire := want.GRPCStatus().Proto()
	got := status.FromWire(status.FromGRPC(want.GRPCStatus().Code()), wire.GetMessage(), status.OriginService, wire.GetDetails())
	assert.True(t, status.IsConflict(got))
	assert.True(t, status.Equal(want, got))
}
