package interop_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// runNode runs a script of folder node with input as JSON on stdin, and reads
// its stdout as JSON into output.
func runNode(t *testing.T, script string, input, output any) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	node := nodeCommand(ctx, t, script)
	stdin, err := json.Marshal(input)
	require.NoError(t, err)
	node.Stdin = bytes.NewReader(stdin)
	var stdout, stderr bytes.Buffer
	node.Stdout, node.Stderr = &stdout, &stderr
	require.NoError(t, node.Run(), "%s", &stderr)
	require.NoError(t, json.Unmarshal(stdout.Bytes(), output), "%s", &stdout)
}

// startNode is runNode for a script that goes on until the test ends; the first
// line of its stdout is what is read.
func startNode(t *testing.T, script string, input, output any) {
	t.Helper()
	node := nodeCommand(context.Background(), t, script)
	line, err := json.Marshal(input)
	require.NoError(t, err)
	stdin, err := node.StdinPipe()
	require.NoError(t, err)
	stdout, err := node.StdoutPipe()
	require.NoError(t, err)
	node.Stderr = os.Stderr
	require.NoError(t, node.Start())
	t.Cleanup(func() {
		_ = stdin.Close() // which ends it
		_ = node.Wait()
	})
	_, err = stdin.Write(append(line, '\n'))
	require.NoError(t, err)
	require.NoError(t, json.NewDecoder(stdout).Decode(output))
}

func nodeCommand(ctx context.Context, t *testing.T, script string) *exec.Cmd {
	t.Helper()
	if _, err := exec.LookPath("node"); err != nil {
		t.Skip("node is not on the PATH; .ci/run requires it, so CI never comes here")
	}
	modules, err := nodeModules()
	require.NoError(t, err)
	node := exec.CommandContext(ctx, "node", filepath.Join("node", script))
	node.Env = append(os.Environ(), "NODE_PATH="+modules)
	return node
}

// nodeModules is the folder of the packages that node/package-lock.json pins.
// They are installed once per lock file, into the user's cache.
var nodeModules = sync.OnceValues(func() (string, error) {
	var pinned []byte
	files := map[string][]byte{}
	for _, name := range []string{"package.json", "package-lock.json"} {
		content, err := os.ReadFile(filepath.Join("node", name))
		if err != nil {
			return "", err
		}
		files[name] = content
		pinned = append(pinned, content...)
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(pinned)
	folder := filepath.Join(cache, "errwire-interop", hex.EncodeToString(sum[:8]))
	modules := filepath.Join(folder, "node_modules")
	if _, err := os.Stat(modules); err == nil {
		return modules, nil
	}
	return modules, install(folder, files)
})

// install runs npm beside folder and moves the result there whole, so that an
// interrupted or a second run never meets half of it.
func install(folder string, files map[string][]byte) error {
	if err := os.MkdirAll(filepath.Dir(folder), 0o755); err != nil {
		return err
	}
	temporary, err := os.MkdirTemp(filepath.Dir(folder), "install")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(temporary) }()
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(temporary, name), content, 0o600); err != nil {
			return err
		}
	}
	npm := exec.Command("npm", "ci", "--prefix", temporary, "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
	if out, err := npm.CombinedOutput(); err != nil {
		return errors.New("npm ci: " + err.Error() + ": " + string(out))
	}
	if err := os.Rename(temporary, folder); err != nil {
		if _, there := os.Stat(folder); there == nil {
			return nil // somebody else was quicker
		}
		return err
	}
	return nil
}
