package generate_test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/pluginpb"

	"github.com/errwire/errwire/cmd/protoc-gen-go-errwire/internal/generate"
	errwirev1 "github.com/errwire/errwire/proto/errwire/v1"
)

// bigRequest asks for a catalog of n values, each with what values usually have.
func bigRequest(n int) *pluginpb.CodeGeneratorRequest {
	enum := &descriptorpb.EnumDescriptorProto{
		Name:    new("BigError"),
		Options: &descriptorpb.EnumOptions{},
		Value:   []*descriptorpb.EnumValueDescriptorProto{{Name: new("BIG_ERROR_UNSPECIFIED"), Number: new(int32(0))}},
	}
	proto.SetExtension(enum.GetOptions(), errwirev1.E_Catalog, &errwirev1.Catalog{Domain: "big.example.com"})
	for i := range int32(n) {
		options := &descriptorpb.EnumValueOptions{}
		proto.SetExtension(options, errwirev1.E_Error, &errwirev1.Error{
			Code:        errwirev1.Code(1 + i%17).Enum(),
			Message:     fmt.Sprintf("Number {number} of kind %d went wrong.", i),
			Parameters:  []*errwirev1.Parameter{{Key: "number", Type: errwirev1.Parameter_TYPE_INT64}},
			RestAliases: []string{fmt.Sprintf("old-name-of-kind-%d", i)},
		})
		enum.Value = append(enum.Value, &descriptorpb.EnumValueDescriptorProto{
			Name: new(fmt.Sprintf("BIG_ERROR_NUMBER_WENT_WRONG_%d", i)), Number: new(i + 1), Options: options,
		})
	}
	return requestOf(enum)
}

func TestAThousandValues(t *testing.T) {
	t.Parallel()
	resp := generate.Run(bigRequest(1000))
	require.Empty(t, resp.GetError())
	requireGood(t, resp)
}

func BenchmarkGenerate(b *testing.B) {
	for _, n := range []int{10, 1000} {
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			req := bigRequest(n)
			for b.Loop() {
				generate.Run(req)
			}
		})
	}
}

// BenchmarkStart builds a program with a catalog of a thousand values, runs the
// catalog's own test, and then measures what the catalog costs the program when
// it starts, as the Go runtime sees it.
func BenchmarkStart(b *testing.B) {
	resp := generate.Run(bigRequest(1000))
	require.Empty(b, resp.GetError())

	// An overlay puts the files into this module without writing them there.
	dir, root := b.TempDir(), "../../../.."
	overlay := map[string]string{}
	place := func(name, content string) {
		file := filepath.Join(dir, filepath.Base(name))
		require.NoError(b, os.WriteFile(file, []byte(content), 0o600))
		target, err := filepath.Abs(filepath.Join(root, name))
		require.NoError(b, err)
		overlay[target] = file
	}
	for _, file := range resp.GetFile() {
		place("cmd/protoc-gen-go-errwire/internal/made/"+filepath.Base(file.GetName()), file.GetContent())
	}
	place("cmd/protoc-gen-go-errwire/internal/madeprogram/main.go", `package main
		import "github.com/errwire/errwire/cmd/protoc-gen-go-errwire/internal/made"
		func main() { if len(made.All()) != 1000 { panic("not a thousand") } }`)
	b2, err := json.Marshal(map[string]any{"Replace": overlay})
	require.NoError(b, err)
	overlayFile := filepath.Join(dir, "overlay.json")
	require.NoError(b, os.WriteFile(overlayFile, b2, 0o600))
	run := func(env string, name string, args ...string) string {
		cmd := exec.CommandContext(b.Context(), name, args...)
		cmd.Dir = root
		cmd.Env = append(os.Environ(), env)
		out, err := cmd.CombinedOutput()
		require.NoError(b, err, "%s", out)
		return string(out)
	}
	program := filepath.Join(dir, "program")
	start := time.Now()
	run("", "go", "build", "-overlay", overlayFile, "-o", program, "./cmd/protoc-gen-go-errwire/internal/madeprogram")
	build := time.Since(start)
	test := filepath.Join(dir, "made.test")
	run("", "go", "test", "-vet=off", "-overlay", overlayFile, "-c", "-o", test, "./cmd/protoc-gen-go-errwire/internal/made")
	run("", test)

	trace := regexp.MustCompile(`init \S+/internal/made @.*, ([0-9.]+) ms clock, (\d+) bytes, (\d+) allocs`)
	runs, clock, allocs := 0.0, 0.0, 0.0
	for b.Loop() {
		found := trace.FindStringSubmatch(run("GODEBUG=inittrace=1", program))
		require.Len(b, found, 4)
		ms, err := strconv.ParseFloat(found[1], 64)
		require.NoError(b, err)
		n, err := strconv.ParseFloat(found[3], 64)
		require.NoError(b, err)
		runs, clock, allocs = runs+1, clock+ms, allocs+n
	}
	b.ReportMetric(build.Seconds(), "build-s")
	b.ReportMetric(clock/runs, "init-ms/op")
	b.ReportMetric(allocs/runs, "init-allocs/op")
}
