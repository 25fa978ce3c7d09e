package generate_test

import (
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"go/types"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/pluginpb"

	"github.com/errwire/errwire/cmd/protoc-gen-go-errwire/internal/generate"
	errwirev1 "github.com/errwire/errwire/proto/errwire/v1"
)

// stubs are as much of the packages that generated code imports as it uses.
var stubs = map[string]string{
	"github.com/errwire/errwire/status": `package status
		type Code int32
		const (
			OK Code = iota
			Cancelled; Unknown; InvalidArgument; DeadlineExceeded; NotFound; AlreadyExists; PermissionDenied
			ResourceExhausted; FailedPrecondition; Aborted; OutOfRange; Unimplemented; Internal; Unavailable
			DataLoss; Unauthenticated; Conflict
		)
		type ServiceCode struct{ Domain, Reason string }
		type Definition struct{ Reason string; Code Code; Message string; Aliases []string; HelpURL string }
		type Catalog struct{ Domain, Source, HelpURL string; Definitions []Definition }
		type Error struct{}
		func New(Code, string) *Error { return nil }
		func (*Error) WithServiceCode(ServiceCode) *Error { return nil }
		func (*Error) WithMetadata(map[string]string) *Error { return nil }
		func ServiceCodeOf(error) ServiceCode { return ServiceCode{} }
		func Register(*Catalog) error { return nil }`,
	"strconv": `package strconv
		func FormatInt(int64, int) string { return "" }
		func FormatFloat(float64, byte, int, int) string { return "" }
		func FormatBool(bool) string { return "" }`,
}

type stubImporter struct{}

func (stubImporter) Import(path string) (*types.Package, error) {
	return check(path, stubs[path], nil)
}

// check does what the Go compiler's front end does.
func check(path, source string, imports types.Importer) (*types.Package, error) {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, path, source, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	return (&types.Config{Importer: imports}).Check(path, fset, []*ast.File{file}, nil)
}

// requireGood checks a response: a refusal, or Go that compiles and that gofmt
// does not change.
func requireGood(t *testing.T, resp *pluginpb.CodeGeneratorResponse) {
	t.Helper()
	if resp.GetError() != "" {
		require.Empty(t, resp.GetFile())
		return
	}
	for _, file := range resp.GetFile() {
		formatted, err := format.Source([]byte(file.GetContent()))
		require.NoError(t, err)
		require.Equal(t, string(formatted), file.GetContent())
		if !strings.HasSuffix(file.GetName(), "_test.go") {
			_, err = check(file.GetName(), file.GetContent(), stubImporter{})
			require.NoError(t, err, "%s", file.GetContent())
		}
	}
}

// small is a request without what makes requests long.
func small(tb testing.TB, dir string) *pluginpb.CodeGeneratorRequest {
	tb.Helper()
	req := request(tb, dir, "")
	var needed []*descriptorpb.FileDescriptorProto
	for _, file := range req.GetProtoFile() {
		file.SourceCodeInfo = nil
		if name := file.GetName(); strings.HasPrefix(name, dir) || strings.HasPrefix(name, "errwire/") || strings.HasPrefix(name, "google/") {
			needed = append(needed, file)
		}
	}
	req.ProtoFile = needed
	return req
}

// FuzzCatalog puts any text into the places where a user writes text.
func FuzzCatalog(f *testing.F) {
	f.Add("SHELF_FULL", "library.example.com", "Shelf {shelf} is full.", "shelf", "full", "IS_FULL", "FULL", "A comment.\n", "https://example.com", "use another")
	f.Add("ALL", "d", "{{}}", "type", "a-b", "ALL_ALL", "ANY", "*/ //go:embed x\n\x00\xff\u202e", "https://example.com/\n", "\n")
	f.Add("ID", "d", "{platformCode}", "platformCode", "\"", "", "ID", "\ufeff(-- x\n\n --)\n\n\t- a\n\t- b", "mailto:x", "`")
	f.Fuzz(func(t *testing.T, reason, domain, message, key, alias, synonym, umbrella, comment, link, deprecated string) {
		enumOptions, valueOptions := &descriptorpb.EnumOptions{}, &descriptorpb.EnumValueOptions{}
		proto.SetExtension(enumOptions, errwirev1.E_Catalog, &errwirev1.Catalog{
			Domain:    domain,
			HelpUrl:   link,
			Umbrellas: []*errwirev1.Umbrella{{Name: umbrella, Description: comment}},
		})
		proto.SetExtension(valueOptions, errwirev1.E_Error, &errwirev1.Error{
			Code:    errwirev1.Code_NOT_FOUND.Enum(),
			Message: message,
			Parameters: []*errwirev1.Parameter{
				{Key: key},
				{Key: key + "Count", Type: errwirev1.Parameter_TYPE_INT64},
			},
			RestAliases: []string{alias},
			Umbrellas:   []string{umbrella},
			Synonyms:    []string{synonym},
			HelpUrl:     link + "/a",
			Deprecated:  deprecated,
		})
		req := requestOf(&descriptorpb.EnumDescriptorProto{
			Name:    new("FuzzError"),
			Options: enumOptions,
			Value: []*descriptorpb.EnumValueDescriptorProto{
				{Name: new("FUZZ_ERROR_UNSPECIFIED"), Number: new(int32(0))},
				{Name: new("FUZZ_ERROR_" + reason), Number: new(int32(1)), Options: valueOptions},
			},
		})
		req.GetProtoFile()[len(req.GetProtoFile())-1].SourceCodeInfo = &descriptorpb.SourceCodeInfo{
			Location: []*descriptorpb.SourceCodeInfo_Location{{Path: []int32{5, 0, 2, 1}, Span: []int32{4, 2, 30}, LeadingComments: &comment}},
		}
		// A compiler's request has crossed a pipe.
		b, err := proto.Marshal(req)
		if err != nil {
			return // text that is not UTF-8
		}
		require.NoError(t, proto.Unmarshal(b, req))
		resp := generate.Run(req)
		requireGood(t, resp)
		assert.NotContains(t, resp.GetError(), "cannot be read")
		if resp.GetError() == "" {
			assert.Len(t, resp.GetFile(), 2)
		}
	})
}
