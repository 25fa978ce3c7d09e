// Package docs_test holds the documents to the code.
package docs_test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"sort"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var documents = []string{"../README.md", "migrating.md"}

// packages are what a block may use without an import of its own, by the name it
// uses.
var packages = map[string]string{
	"auth":         "github.com/errwire/errwire/status/firebase/auth",
	"context":      "context",
	"errdetails":   "google.golang.org/genproto/googleapis/rpc/errdetails",
	"errors":       "errors",
	"fmt":          "fmt",
	"grpc":         "google.golang.org/grpc",
	"http":         "net/http",
	"httpbridge":   "github.com/errwire/errwire/httpbridge",
	"interceptors": "github.com/errwire/errwire/interceptors",
	"json":         "encoding/json",
	"messaging":    "github.com/errwire/errwire/status/firebase/messaging",
	"retry":        "github.com/errwire/errwire/retry",
	"slog":         "log/slog",
	"status":       "github.com/errwire/errwire/status",
	"time":         "time",
}

// around is what a block may take for granted: the variables of the function
// that it stands in, and packages that are not in this module.
const around = `
var (
	users interface {
		Get(context.Context, any) (any, error)
		List(context.Context, *ListRequest, ...grpc.CallOption) (grpc.ServerStreamingClient[User], error)
	}
	errorutils interface{ HTTPResponse(error) *http.Response }
	creds      credentials.TransportCredentials
)

type (
	ListRequest struct {
		proto.Message
		After string
	}
	User struct {
		proto.Message
		Name string
	}
)
`

var (
	goBlock  = regexp.MustCompile("(?ms)^```go\n(.*?)^```$")
	selector = regexp.MustCompile(`\b([a-z]+)\.[A-Z]`)
)

// TestEveryGoBlockCompiles builds each block, in a package of this module that
// exists in an overlay only.
func TestEveryGoBlockCompiles(t *testing.T) {
	t.Parallel()
	root, err := filepath.Abs("..")
	require.NoError(t, err)
	overlay := map[string]string{}
	dir := t.TempDir()
	for _, document := range documents {
		text, err := os.ReadFile(document)
		require.NoError(t, err)
		blocks := goBlock.FindAllSubmatch(text, -1)
		require.NotEmpty(t, blocks, document)
		for i, block := range blocks {
			name := fmt.Sprintf("%s_%d", strings.TrimSuffix(filepath.Base(document), ".md"), i+1)
			file := filepath.Join(dir, name+".go")
			require.NoError(t, os.WriteFile(file, []byte(program(string(block[1]))), 0o600))
			overlay[filepath.Join(root, "docs", "blocks", name, "block.go")] = file
		}
	}
	encoded, err := json.Marshal(map[string]any{"Replace": overlay})
	require.NoError(t, err)
	overlayFile := filepath.Join(dir, "overlay.json")
	require.NoError(t, os.WriteFile(overlayFile, encoded, 0o600))
	args := []string{"build", "-overlay", overlayFile}
	for file := range overlay {
		args = append(args, "./docs/blocks/"+filepath.Base(filepath.Dir(file)))
	}
	build := exec.Command("go", args...)
	build.Dir = root
	out, err := build.CombinedOutput()
	assert.NoError(t, err, "%s", out)
}

// program makes a file of a block: one that starts with an import stands by
// itself, any other is the body of a function.
func program(block string) string {
	if strings.HasPrefix(block, "import ") {
		return "package block\n" + block
	}
	imports := map[string]bool{
		"context": true, "net/http": true, "google.golang.org/grpc": true,
		"google.golang.org/grpc/credentials": true, "google.golang.org/protobuf/proto": true,
	}
	for _, match := range selector.FindAllStringSubmatch(block, -1) {
		if path, ok := packages[match[1]]; ok {
			imports[path] = true
		}
	}
	var file strings.Builder
	file.WriteString("package block\n")
	for _, path := range sorted(imports) {
		fmt.Fprintf(&file, "import %q\n", path)
	}
	file.WriteString(around)
	result, end := "error", "return nil"
	if strings.HasPrefix(block, "return nil,") {
		result, end = "(any, error)", ""
	}
	fmt.Fprintf(&file, "func _(ctx context.Context, target string, req any, err error) %s {\n{\n%s\n}\n%s\n}\n", result, used(block), end)
	return file.String()
}

// used makes use of the variables that a block declares and the reader would.
func used(block string) string {
	for _, name := range []string{"conn", "server", "stream", "err"} {
		if regexp.MustCompile(`\b` + name + `(, err)? := `).MatchString(block) {
			block += "\n_ = " + name
		}
	}
	return block
}

func sorted(set map[string]bool) []string {
	var list []string
	for item := range set {
		list = append(list, item)
	}
	sort.Strings(list)
	return list
}
