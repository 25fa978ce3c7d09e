package status

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/protobuf/proto"
)

// FuzzEncodeErrorInfo holds our own encoding to protobuf's, byte for byte.
func FuzzEncodeErrorInfo(f *testing.F) {
	f.Add("USER_NOT_FOUND", "users.example.com", "user", "42", "", "", []byte(nil))
	f.Add("", "", "", "", "b", "", []byte{0x7a, 1, 'x'})
	f.Add("", "d", "k", "v", "k", "w", []byte(nil))
	f.Fuzz(func(t *testing.T, reason, domain, key1, value1, key2, value2 string, unknown []byte) {
		info := &errdetails.ErrorInfo{
			Reason: valid(reason), Domain: valid(domain),
			Metadata: map[string]string{valid(key1): valid(value1), valid(key2): valid(value2)},
		}
		probe := &errdetails.ErrorInfo{}
		if proto.Unmarshal(unknown, probe) == nil && len(probe.ProtoReflect().GetUnknown()) == len(unknown) {
			info.ProtoReflect().SetUnknown(unknown)
		}
		want, err := proto.MarshalOptions{Deterministic: true}.Marshal(info)
		require.NoError(t, err)
		assert.Equal(t, want, append([]byte{}, encodeErrorInfo(info).GetValue()...))
	})
}

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
