package httpbridge_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/errwire/errwire/httpbridge"
	"github.com/errwire/errwire/status"
)

const notFound = `{"error":{"code":404,"message":"user 42 missing","status":"NOT_FOUND"}}`

// get asks a real server.
func get(t *testing.T, handler http.HandlerFunc) *http.Response {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL, nil)
	require.NoError(t, err)
	resp, err := server.Client().Do(request)
	require.NoError(t, err)
	t.Cleanup(func() { _ = resp.Body.Close() })
	return resp
}

func bodyText(t *testing.T, r io.Reader) string {
	t.Helper()
	text, err := io.ReadAll(r)
	require.NoError(t, err)
	return string(text)
}

func TestCheckResponseKeepsTheResponse(t *testing.T) {
	t.Parallel()
	resp := get(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusNotFound)
		_, _ = io.WriteString(w, notFound)
	})
	err := httpbridge.CheckResponse(resp)
	assert.True(t, status.IsNotFound(err))
	assert.Equal(t, "user 42 missing", err.Error())
	assert.JSONEq(t, notFound, bodyText(t, resp.Body), "the body can be read from its start")
	for range 2 {
		kept := status.HTTPResponse(err)
		require.NotNil(t, kept)
		assert.Equal(t, http.StatusNotFound, kept.StatusCode)
		assert.JSONEq(t, notFound, bodyText(t, kept.Body))
	}
}

func TestCheckResponseOfSuccesses(t *testing.T) {
	t.Parallel()
	for _, httpStatus := range []int{200, 201, 204, 206, 299, 300, 301, 304, 399, 101} {
		body := &touchy{}
		resp := &http.Response{StatusCode: httpStatus, Header: http.Header{"Grpc-Status": {"0"}}, Body: body}
		require.NoError(t, httpbridge.CheckResponse(resp), "%d", httpStatus)
		assert.Same(t, body, resp.Body)
		assert.False(t, body.touched, "the body of a success is not read")
	}
	for _, httpStatus := range []int{0, 100, 199, 400, 404, 499, 500, 599, 600} {
		require.Error(t, httpbridge.CheckResponse(&http.Response{StatusCode: httpStatus}), "%d", httpStatus)
	}
}

// A touchy body notices that it is read.
type touchy struct{ touched bool }

func (b *touchy) Read([]byte) (int, error) { b.touched = true; return 0, io.EOF }
func (b *touchy) Close() error             { b.touched = true; return nil }

func TestCheckResponseOfNothing(t *testing.T) {
	t.Parallel()
	for _, err := range []error{httpbridge.CheckResponse(nil), httpbridge.CheckResponseAs(nil, httpbridge.Auto)} {
		require.Error(t, err)
		_, ok := errors.AsType[*status.Error](err)
		assert.False(t, ok, "a programming error is nobody's API error")
	}
	require.Error(t, httpbridge.CheckResponse(&http.Response{}))
}

func frame(flags byte, content string) string {
	head := binary.BigEndian.AppendUint32([]byte{flags}, uint32(len(content)))
	return string(head) + content
}

func TestCheckResponseOfStreams(t *testing.T) {
	t.Parallel()
	const connectError = `{"error":{"code":"unavailable","message":"try again"},"metadata":{"acme":["1"]}}`
	const trailer = "grpc-status: 5\r\ngrpc-message: gone\r\n"
	for _, test := range []struct {
		name   string
		header http.Header
		body   string
		want   status.Code
	}{
		{"grpc header", http.Header{"Grpc-Status": {"14"}, "Grpc-Message": {"m"}}, "", status.Unavailable},
		{"grpc header, no number", http.Header{"Grpc-Status": {"x"}}, "", status.Unknown},
		{"connect end", http.Header{"Content-Type": {"application/connect+json"}}, frame(2, connectError), status.Unavailable},
		{"connect proto end", http.Header{"Content-Type": {"application/connect+proto; x=y"}}, frame(2, connectError), status.Unavailable},
		{"connect message and end", http.Header{"Content-Type": {"application/connect+json"}}, frame(0, "{}") + frame(2, connectError), status.Unavailable},
		{"connect success", http.Header{"Content-Type": {"application/connect+json"}}, frame(0, "{}") + frame(2, "{}"), status.OK},
		{"connect, nothing", http.Header{"Content-Type": {"application/connect+json"}}, "", status.OK},
		{"connect, cut", http.Header{"Content-Type": {"application/connect+json"}}, frame(2, connectError)[:20], status.OK},
		{"connect, compressed", http.Header{"Content-Type": {"application/connect+json"}}, frame(3, connectError), status.OK},
		{"grpc-web", http.Header{"Content-Type": {"application/grpc-web+proto"}}, frame(0x80, trailer), status.NotFound},
		{"grpc-web success", http.Header{"Content-Type": {"application/grpc-web"}}, frame(0, "x") + frame(0x80, "grpc-status: 0\r\n"), status.OK},
		{"connect in unary JSON", http.Header{"Content-Type": {"application/json"}}, frame(2, connectError), status.OK},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			resp := get(t, func(w http.ResponseWriter, _ *http.Request) {
				maps.Copy(w.Header(), test.header)
				_, _ = io.WriteString(w, test.body)
			})
			err := httpbridge.CheckResponse(resp)
			if test.want == status.OK {
				require.NoError(t, err)
			} else {
				assert.Equal(t, test.want, status.CodeOf(err))
			}
			assert.Equal(t, test.body, bodyText(t, resp.Body))
		})
	}
	trailerOnly := &http.Response{StatusCode: 200, Trailer: http.Header{"Grpc-Status": {"5"}}, Body: http.NoBody}
	assert.True(t, status.IsNotFound(httpbridge.CheckResponse(trailerOnly)))
}

// A stream that goes on is a success so far: CheckResponse does not wait for its
// end.
func TestCheckResponseDoesNotWaitForAStream(t *testing.T) {
	t.Parallel()
	resp := get(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/connect+json")
		_, _ = io.WriteString(w, frame(0, `{"name":"a"}`))
		w.(http.Flusher).Flush()
		<-r.Context().Done() // until the client closes the body
	})
	checked := make(chan error, 1)
	go func() { checked <- httpbridge.CheckResponse(resp) }()
	select {
	case err := <-checked:
		require.NoError(t, err)
	case <-time.After(30 * time.Second):
		t.Fatal("CheckResponse waits for the end of the stream")
	}
	first := make([]byte, 5)
	_, err := io.ReadFull(resp.Body, first)
	require.NoError(t, err)
	assert.Equal(t, frame(0, `{"name":"a"}`)[:5], string(first))
}

// A body of 64 MiB is read as far as its first MiB, and can still be read whole.
func TestCheckResponseOfAHugeBody(t *testing.T) {
	t.Parallel()
	const size, limit = 64 << 20, 1 << 20
	source := &counted{r: io.LimitReader(endless('x'), size)}
	resp := &http.Response{StatusCode: 500, Header: http.Header{"Content-Type": {"text/plain"}}, Body: io.NopCloser(source)}
	err := httpbridge.CheckResponse(resp)
	assert.True(t, status.IsInternal(err))
	assert.LessOrEqual(t, len(err.Error()), 16<<10)
	assert.LessOrEqual(t, source.n, 2*limit)
	n, copyErr := io.Copy(io.Discard, resp.Body)
	require.NoError(t, copyErr)
	assert.EqualValues(t, size, n)
}

type counted struct {
	r io.Reader
	n int
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += n
	return n, err
}

// An endless reader is made of one byte.
type endless byte

func (e endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(e)
	}
	return len(p), nil
}

func TestCheckResponseOfABrokenBody(t *testing.T) {
	t.Parallel()
	broken := errors.New("connection reset")
	resp := &http.Response{
		StatusCode: 503,
		Body:       io.NopCloser(io.MultiReader(strings.NewReader("no healthy"), iotest.ErrReader(broken))),
	}
	err := httpbridge.CheckResponse(resp)
	assert.True(t, status.IsUnavailable(err))
	require.ErrorIs(t, err, broken)
	assert.Equal(t, "no healthy", err.Error())
	text, readErr := io.ReadAll(resp.Body)
	assert.Equal(t, "no healthy", string(text))
	require.ErrorIs(t, readErr, broken, "the caller meets the same end")
}

func TestCheckResponseUsesTheRequest(t *testing.T) {
	t.Parallel()
	request := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "http://example.com/", http.NoBody)
	resp := &http.Response{StatusCode: 409, Request: request, Body: io.NopCloser(bytes.NewReader([]byte(`{"kind":"Status","status":"Failure","code":409}`)))}
	assert.True(t, status.IsAlreadyExists(httpbridge.CheckResponseAs(resp, httpbridge.Kubernetes)))
}
