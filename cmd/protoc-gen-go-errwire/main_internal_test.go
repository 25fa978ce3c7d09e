package main

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/pluginpb"

	errwirev1 "github.com/errwire/errwire/proto/errwire/v1"
)

// What protoc does: a request on standard input, a response on standard output.
func TestRunAnswersOverPipes(t *testing.T) {
	t.Parallel()
	enumOptions, valueOptions := &descriptorpb.EnumOptions{}, &descriptorpb.EnumValueOptions{}
	proto.SetExtension(enumOptions, errwirev1.E_Catalog, &errwirev1.Catalog{Domain: "library.example.com"})
	proto.SetExtension(valueOptions, errwirev1.E_Error, &errwirev1.Error{Code: errwirev1.Code_NOT_FOUND.Enum()})
	request, err := proto.Marshal(&pluginpb.CodeGeneratorRequest{
		FileToGenerate: []string{"library.proto"},
		ProtoFile: []*descriptorpb.FileDescriptorProto{
			protodesc.ToFileDescriptorProto(descriptorpb.File_google_protobuf_descriptor_proto),
			protodesc.ToFileDescriptorProto(errwirev1.File_errwire_v1_code_proto),
			protodesc.ToFileDescriptorProto(errwirev1.File_errwire_v1_catalog_proto),
			{
				Name:       new("library.proto"),
				Syntax:     new("proto3"),
				Dependency: []string{"errwire/v1/catalog.proto"},
				Options:    &descriptorpb.FileOptions{GoPackage: new("example.com/library")},
				EnumType: []*descriptorpb.EnumDescriptorProto{{
					Name:    new("LibraryError"),
					Options: enumOptions,
					Value: []*descriptorpb.EnumValueDescriptorProto{
						{Name: new("LIBRARY_ERROR_UNSPECIFIED"), Number: new(int32(0))},
						{Name: new("LIBRARY_ERROR_GONE"), Number: new(int32(1)), Options: valueOptions},
					},
				}},
			},
		},
	})
	require.NoError(t, err)

	var out bytes.Buffer
	require.NoError(t, run(nil, bytes.NewReader(request), &out))
	resp := &pluginpb.CodeGeneratorResponse{}
	require.NoError(t, proto.Unmarshal(out.Bytes(), resp))
	assert.Empty(t, resp.GetError())
	var names []string
	for _, file := range resp.GetFile() {
		names = append(names, file.GetName())
	}
	assert.Equal(t, []string{"example.com/library/library.errwire.go", "example.com/library/library_errwire_test.go"}, names)
	assert.Contains(t, resp.GetFile()[0].GetContent(), "func IsGone(err error) bool")
}

func TestRunRefusesWhatIsNoRequest(t *testing.T) {
	t.Parallel()
	assert.ErrorContains(t, run(nil, strings.NewReader("\xff\xff"), nil), "not a request of a protobuf compiler")
	assert.ErrorContains(t, run([]string{"library.proto"}, strings.NewReader(""), nil), `unknown argument "library.proto"`)
	broken := errors.New("broken pipe")
	assert.ErrorIs(t, run(nil, iotest.ErrReader(broken), nil), broken)
}

func TestRunTellsItsVersion(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	require.NoError(t, run([]string{"--version"}, nil, &out))
	assert.Regexp(t, `^protoc-gen-go-errwire \S+\n$`, out.String())
}
