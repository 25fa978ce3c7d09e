package httpbridge_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"flag"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"

	"github.com/errwire/errwire/httpbridge"
	"github.com/errwire/errwire/status"
	_ "github.com/errwire/errwire/status/firebase/auth"
	_ "github.com/errwire/errwire/status/firebase/messaging"
)

var update = flag.Bool("update", false, "write the golden files in testdata anew")

// A seen is all that a caller can see of an error, for a golden file.
type seen struct {
	Code     string            `json:"code"`
	Message  string            `json:"message"`
	Reason   string            `json:"reason,omitempty"`
	Domain   string            `json:"domain,omitempty"`
	Metadata map[string]string `json:"metadata,omitempty"`
	Delay    string            `json:"delay,omitempty"`
	Origin   string            `json:"origin"`
	Details  []json.RawMessage `json:"details,omitempty"`
}

func look(t *testing.T, e *status.Error) seen {
	t.Helper()
	s := seen{
		Code:     e.Code().String(),
		Message:  e.Message(),
		Reason:   e.Reason(),
		Domain:   e.Domain(),
		Metadata: e.Metadata(),
		Origin:   e.Origin().String(),
	}
	if delay, ok := e.RetryDelay(); ok {
		s.Delay = delay.String()
	}
	for _, detail := range e.Details() {
		s.Details = append(s.Details, lookDetail(t, detail))
	}
	return s
}

func lookDetail(t *testing.T, detail proto.Message) json.RawMessage {
	t.Helper()
	if unknown, ok := detail.(*anypb.Any); ok {
		text, err := json.Marshal(map[string]any{"unknown": unknown.GetTypeUrl(), "value": unknown.GetValue()})
		require.NoError(t, err)
		return text
	}
	text, err := protojson.Marshal(detail)
	require.NoError(t, err)
	text, err = json.Marshal(map[string]json.RawMessage{string(detail.ProtoReflect().Descriptor().FullName()): text})
	require.NoError(t, err)
	return text
}

// golden compares JSON with that of a file; spaces do not count, for protojson's
// are random.
func golden(t *testing.T, path string, got any) {
	t.Helper()
	text, err := json.MarshalIndent(got, "", "  ")
	require.NoError(t, err)
	if *update {
		require.NoError(t, os.WriteFile(path, append(text, '\n'), 0o600))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err, "run the test with -update to make it")
	assert.Equal(t, compacted(t, want), compacted(t, text))
}

func compacted(t *testing.T, text []byte) string {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, json.Compact(&b, text))
	return b.String()
}

// readAnswer reads an HTTP answer as it was on the wire.
func readAnswer(t testing.TB, path string) (*http.Response, []byte) {
	t.Helper()
	wire, err := os.ReadFile(path)
	require.NoError(t, err)
	resp, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(wire)), nil)
	require.NoError(t, err)
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return resp, body
}

// Each dialect: what is on the wire in testdata/read/*.http, and what it becomes
// in the *.json beside it.
func TestReadsEveryDialect(t *testing.T) {
	t.Parallel()
	paths, err := filepath.Glob("testdata/read/*.http")
	require.NoError(t, err)
	require.NotEmpty(t, paths)
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".http"), func(t *testing.T) {
			t.Parallel()
			resp, body := readAnswer(t, path)
			before := bytes.Clone(body)
			e := httpbridge.Parse(resp.StatusCode, resp.Header, body)
			golden(t, strings.TrimSuffix(path, ".http")+".json", look(t, e))
			assert.Equal(t, before, body, "the body is the caller's")
			for _, format := range lossless {
				assertRoundTrip(t, e.WithOrigin(status.OriginUnspecified), format)
			}
		})
	}
}
