package generate_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/descriptorpb"

	"github.com/errwire/errwire/cmd/protoc-gen-go-errwire/internal/generate"
	errwirev1 "github.com/errwire/errwire/proto/errwire/v1"
)

// What a newer proto/errwire says must not be passed over in silence, and a
// request need not have line numbers.
func TestOptionsThatThisPluginDoesNotKnow(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		change  func(*descriptorpb.FileDescriptorProto, *errwirev1.Catalog, *errwirev1.Error)
		refusal string
	}{
		{"a field of the catalog", func(_ *descriptorpb.FileDescriptorProto, c *errwirev1.Catalog, _ *errwirev1.Error) {
			c.ProtoReflect().SetUnknown(protowire.AppendVarint(protowire.AppendTag(nil, 999, protowire.VarintType), 1))
		}, "golden/legacy/legacy.proto:10: OAuth2Error has an option that this protoc-gen-go-errwire does not know: update the plugin"},
		{"a field of an error", func(_ *descriptorpb.FileDescriptorProto, _ *errwirev1.Catalog, e *errwirev1.Error) {
			e.ProtoReflect().SetUnknown(protowire.AppendVarint(protowire.AppendTag(nil, 999, protowire.VarintType), 1))
		}, "golden/legacy/legacy.proto:13: INVALID_GRANT has an option that this protoc-gen-go-errwire does not know: update the plugin"},
		{"a field of an umbrella", func(_ *descriptorpb.FileDescriptorProto, c *errwirev1.Catalog, e *errwirev1.Error) {
			c.Umbrellas, e.Umbrellas = []*errwirev1.Umbrella{{Name: "REFUSED"}}, []string{"REFUSED"}
			c.GetUmbrellas()[0].ProtoReflect().SetUnknown(protowire.AppendVarint(protowire.AppendTag(nil, 999, protowire.VarintType), 1))
		}, "golden/legacy/legacy.proto:10: umbrella REFUSED has an option that this protoc-gen-go-errwire does not know: update the plugin"},
		{"a field of a parameter", func(_ *descriptorpb.FileDescriptorProto, _ *errwirev1.Catalog, e *errwirev1.Error) {
			e.Parameters = []*errwirev1.Parameter{{Key: "shelf"}}
			e.GetParameters()[0].ProtoReflect().SetUnknown(protowire.AppendVarint(protowire.AppendTag(nil, 999, protowire.VarintType), 1))
		}, `golden/legacy/legacy.proto:13: metadata key "shelf" of INVALID_GRANT has an option that this protoc-gen-go-errwire does not know: update the plugin`},
		{"a platform code", func(_ *descriptorpb.FileDescriptorProto, _ *errwirev1.Catalog, e *errwirev1.Error) {
			e.Code = errwirev1.Code(99).Enum()
		}, "golden/legacy/legacy.proto:13: INVALID_GRANT has platform code 99, which this protoc-gen-go-errwire does not know"},
		{"a type of parameter", func(_ *descriptorpb.FileDescriptorProto, _ *errwirev1.Catalog, e *errwirev1.Error) {
			e.Parameters = []*errwirev1.Parameter{{Key: "shelf", Type: 99}}
		}, `golden/legacy/legacy.proto:13: metadata key "shelf" of INVALID_GRANT has type 99, which this protoc-gen-go-errwire does not know`},
		{"no line numbers", func(f *descriptorpb.FileDescriptorProto, _ *errwirev1.Catalog, e *errwirev1.Error) {
			f.SourceCodeInfo = nil
			e.Code = nil
		}, "golden/legacy/legacy.proto: INVALID_GRANT has no platform code: set code in (errwire.v1.error)"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			req := request(t, "golden/legacy", "")
			for _, file := range req.GetProtoFile() {
				if file.GetName() != "golden/legacy/legacy.proto" {
					continue
				}
				enum := file.GetEnumType()[0]
				catalog := proto.GetExtension(enum.GetOptions(), errwirev1.E_Catalog).(*errwirev1.Catalog)
				first := proto.GetExtension(enum.GetValue()[0].GetOptions(), errwirev1.E_Error).(*errwirev1.Error)
				test.change(file, catalog, first)
			}
			resp := generate.Run(req)
			assert.Equal(t, test.refusal, resp.GetError())
			require.Empty(t, resp.GetFile())
		})
	}
}
