package generate_test

import (
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/pluginpb"

	errwirev1 "github.com/errwire/errwire/proto/errwire/v1"
)

// requestOf asks for a file, the last one, that holds nothing but an enum.
func requestOf(enum *descriptorpb.EnumDescriptorProto) *pluginpb.CodeGeneratorRequest {
	return &pluginpb.CodeGeneratorRequest{
		FileToGenerate: []string{"made/made.proto"},
		ProtoFile: []*descriptorpb.FileDescriptorProto{
			protodesc.ToFileDescriptorProto(descriptorpb.File_google_protobuf_descriptor_proto),
			protodesc.ToFileDescriptorProto(errwirev1.File_errwire_v1_code_proto),
			protodesc.ToFileDescriptorProto(errwirev1.File_errwire_v1_catalog_proto),
			{
				Name:       new("made/made.proto"),
				Syntax:     new("proto3"),
				Dependency: []string{"errwire/v1/catalog.proto"},
				Options:    &descriptorpb.FileOptions{GoPackage: new("example.com/made")},
				EnumType:   []*descriptorpb.EnumDescriptorProto{enum},
			},
		},
	}
}
