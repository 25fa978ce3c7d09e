package status

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	grpcstatus "google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
)

// TestPeek fails when grpc-go changes the inside of its Status: nothing breaks
// then, but reading an error costs a deep copy.
func TestPeek(t *testing.T) {
	t.Parallel()
	st, err := grpcstatus.New(codes.NotFound, "m").WithDetails(&errdetails.ErrorInfo{Reason: "R_R"}, &errdetails.Help{})
	require.NoError(t, err)
	require.True(t, proto.Equal(st.Proto(), peek(st)))
	first, again := peek(st), peek(st)
	assert.Same(t, first, again, "no copy")
	assert.NotSame(t, first, st.Proto(), "unlike this")
	assert.Nil(t, peek(nil).GetDetails())
	assert.Nil(t, peek(&grpcstatus.Status{}).GetDetails())
}
