package status

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/protobuf/proto"
)

// FuzzDecodeErrorInfo holds our own decoding to protobuf's: what it takes,
// protobuf reads the same, and it takes all that protobuf writes.
func FuzzDecodeErrorInfo(f *testing.F) {
	for _, info := range []*errdetails.ErrorInfo{
		{},
		{Reason: "USER_NOT_FOUND", Domain: "users.example.com", Metadata: map[string]string{"user": "42", "": "", "é": "ü"}},
	} {
		b, err := proto.Marshal(info)
		require.NoError(f, err)
		f.Add(b)
		f.Add(append(b, b...))
	}
	for _, b := range []string{"\x0a\x01\xff", "\x1a\x03\x0a\x01\xff", "\x1a\x06\x0a\x01\xff\x0a\x01a", "\x1a\x02\x18\x01", "\x22\x00", "\x1a\x00", "\x0a\x05a"} {
		f.Add([]byte(b))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		want := &errdetails.ErrorInfo{}
		err := proto.Unmarshal(b, want)
		if got, ok := decodeErrorInfo(b); ok {
			require.NoError(t, err)
			assert.True(t, proto.Equal(want, got), "%v, not %v", got, want)
		}
		if err != nil || len(want.ProtoReflect().GetUnknown()) > 0 {
			return
		}
		b, err = proto.Marshal(want)
		require.NoError(t, err)
		got, ok := decodeErrorInfo(b)
		assert.True(t, ok && proto.Equal(want, got), "%v, not %v", got, want)
	})
}
