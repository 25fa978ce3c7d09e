package status

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"
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
		assert.Equal(t, want, append([]byte{}, encodeInfo(info).GetValue()...))
	})
}

func encodeInfo(m *errdetails.ErrorInfo) *anypb.Any {
	i := infoOf(m)
	return i.encode()
}
