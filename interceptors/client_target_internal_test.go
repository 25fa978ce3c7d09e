package interceptors

import (
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

// Closed channels are looked for when the number of channels has doubled, so that
// a new one costs the same however many there are.
func TestChannelsAreLookedThroughSeldom(t *testing.T) {
	t.Parallel()
	c := newClient(nil)
	searches := map[int]bool{} // by the limit that each sets
	for i := range 200 {
		cc, err := grpc.NewClient("127.0.0.1:"+strconv.Itoa(1+i), grpc.WithTransportCredentials(insecure.NewCredentials()))
		require.NoError(t, err)
		t.Cleanup(func() { assert.NoError(t, cc.Close()) })
		known := c.conn(cc)
		assert.Same(t, known, c.conn(cc))
		searches[c.conns.limit] = true
	}
	assert.Equal(t, 200, c.conns.count)
	assert.LessOrEqual(t, len(searches), 10)
	assert.GreaterOrEqual(t, c.conns.limit, 200, "the next search is yet to come")
}
