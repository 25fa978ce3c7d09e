package httpbridge_test

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/errwire/errwire/httpbridge"
	"github.com/errwire/errwire/status"
)

func quiet() httpbridge.ServerOption { return httpbridge.WithLogger(slog.New(slog.DiscardHandler)) }

func TestHandler(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		f    func(http.ResponseWriter, *http.Request) error
		code status.Code // OK: no error
	}{
		{"no error", func(w http.ResponseWriter, _ *http.Request) error {
			_, err := io.WriteString(w, "fine")
			return err
		}, status.OK},
		{"an error", func(http.ResponseWriter, *http.Request) error { return missing }, status.NotFound},
		{"a plain one", func(http.ResponseWriter, *http.Request) error { return errors.New("x") }, status.Internal},
		{"a panic", func(http.ResponseWriter, *http.Request) error { panic("at the disco") }, status.Internal},
		{"a panic with an error", func(http.ResponseWriter, *http.Request) error { panic(missing) }, status.Internal},
		{"a panic with nil", func(http.ResponseWriter, *http.Request) error { panic(nil) }, status.Internal},
		{"a panic with what cannot be compared", func(http.ResponseWriter, *http.Request) error { panic([]int{1}) }, status.Internal},
		{"an informational header first", func(w http.ResponseWriter, _ *http.Request) error {
			w.Header().Set("Link", "</style.css>; rel=preload")
			w.WriteHeader(http.StatusEarlyHints)
			return missing
		}, status.NotFound},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(httpbridge.Handler(test.f, quiet()))
			t.Cleanup(server.Close)
			resp, err := fresh(t).Get(server.URL)
			require.NoError(t, err)
			failure := httpbridge.CheckResponse(resp)
			assert.Equal(t, test.code, status.CodeOf(failure), "%v", failure)
			body := readAll(t, resp.Body)
			if test.code == status.OK {
				assert.Equal(t, "fine", body)
			}
			assert.NotContains(t, body, "disco")
		})
	}
}

func TestAbortPasses(t *testing.T) {
	t.Parallel()
	h := httpbridge.Recover(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }))
	assert.PanicsWithValue(t, http.ErrAbortHandler, func() {
		h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil))
	})
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	_, err := fresh(t).Get(server.URL) //nolint:bodyclose // there is none
	require.ErrorIs(t, err, io.EOF)
}

func TestNothingAfterTheResponseHasStarted(t *testing.T) {
	t.Parallel()
	start := map[string]func(http.ResponseWriter){
		"Write":       func(w http.ResponseWriter) { _, _ = io.WriteString(w, "half") },
		"WriteHeader": func(w http.ResponseWriter) { w.WriteHeader(http.StatusAccepted) },
		"Flush":       func(w http.ResponseWriter) { w.(http.Flusher).Flush() },
		"ReadFrom":    func(w http.ResponseWriter) { _, _ = io.Copy(w, strings.NewReader("half")) },
		"controller":  func(w http.ResponseWriter) { _ = http.NewResponseController(w).Flush() },
	}
	end := map[string]func(http.ResponseWriter, *http.Request) error{
		"error": func(http.ResponseWriter, *http.Request) error { return missing },
		"panic": func(http.ResponseWriter, *http.Request) error { panic("at the disco") },
		"write": func(w http.ResponseWriter, r *http.Request) error {
			httpbridge.Write(w, r, missing)
			return missing
		},
	}
	for how, begin := range start {
		for what, fail := range end {
			t.Run(how+" then "+what, func(t *testing.T) {
				t.Parallel()
				var log bytes.Buffer
				h := httpbridge.Handler(func(w http.ResponseWriter, r *http.Request) error {
					begin(w)
					return fail(w, r)
				}, httpbridge.WithLogger(slog.New(slog.NewTextHandler(&log, nil))))

				// Without a server there is nobody to cut the connection.
				rec := httptest.NewRecorder()
				h.ServeHTTP(rec, httptest.NewRequest("GET", "/", nil))
				assert.Less(t, rec.Code, 300)
				assert.Contains(t, []string{"", "half"}, rec.Body.String())
				assert.Contains(t, log.String(), "after its response had started")

				server := httptest.NewServer(h)
				t.Cleanup(server.Close)
				resp, err := fresh(t).Get(server.URL)
				require.NoError(t, err)
				body, err := io.ReadAll(resp.Body)
				require.ErrorIs(t, err, io.ErrUnexpectedEOF, "half an answer must not look like a whole one")
				assert.NoError(t, resp.Body.Close())
				assert.Less(t, resp.StatusCode, 300)
				assert.Contains(t, []string{"", "half"}, string(body))
			})
		}
	}
}

func TestRecoverOfSeveralLayers(t *testing.T) {
	t.Parallel()
	inner := httpbridge.Handler(func(w http.ResponseWriter, r *http.Request) error {
		_, _ = io.WriteString(w, "half")
		return missing
	}, quiet())
	rec := httptest.NewRecorder()
	httpbridge.NewErrorWriter(quiet()).Recover(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		inner.ServeHTTP(wrapper{w}, r)
		httpbridge.Write(w, r, missing)
	})).ServeHTTP(rec, httptest.NewRequest("GET", "/", nil))
	assert.Equal(t, "half", rec.Body.String())
}

// A wrapper is somebody else's middleware.
type wrapper struct{ http.ResponseWriter }

func (w wrapper) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func TestHandlersFindWhatTheWriterCanDo(t *testing.T) {
	t.Parallel()
	t.Run("HTTP/1", func(t *testing.T) {
		t.Parallel()
		var complaints bytes.Buffer
		server := httptest.NewUnstartedServer(httpbridge.Handler(func(w http.ResponseWriter, _ *http.Request) error {
			assert.Implements(t, (*http.Flusher)(nil), w)
			assert.Implements(t, (*io.ReaderFrom)(nil), w)
			conn, buffered, err := w.(http.Hijacker).Hijack()
			if err != nil {
				return err
			}
			defer func() { _ = conn.Close() }()
			_, _ = io.WriteString(conn, "raw\n")
			_ = buffered.Flush()
			return errors.New("too late")
		}, quiet()))
		server.Config.ErrorLog = log.New(&complaints, "", 0)
		server.Start()
		t.Cleanup(func() {
			server.Close()
			assert.Empty(t, complaints.String())
		})
		conn, err := net.Dial("tcp", server.Listener.Addr().String())
		require.NoError(t, err)
		defer func() { _ = conn.Close() }()
		_, err = io.WriteString(conn, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
		require.NoError(t, err)
		line, err := bufio.NewReader(conn).ReadString('\n')
		require.NoError(t, err)
		assert.Equal(t, "raw\n", line)
		rest, err := io.ReadAll(conn)
		require.NoError(t, err)
		assert.Empty(t, rest)
	})
	t.Run("HTTP/2", func(t *testing.T) {
		t.Parallel()
		server := httptest.NewUnstartedServer(httpbridge.Handler(func(w http.ResponseWriter, _ *http.Request) error {
			assert.Implements(t, (*http.Flusher)(nil), w)
			assert.Implements(t, (*http.Pusher)(nil), w)
			_, hijacks := w.(http.Hijacker)
			assert.False(t, hijacks)
			return missing
		}))
		server.EnableHTTP2 = true
		server.StartTLS()
		t.Cleanup(server.Close)
		resp, err := server.Client().Get(server.URL)
		require.NoError(t, err)
		assert.Equal(t, 2, resp.ProtoMajor)
		assert.True(t, status.IsNotFound(httpbridge.CheckResponse(resp)))
		readAll(t, resp.Body)
	})
	t.Run("nothing", func(t *testing.T) {
		t.Parallel()
		bare := &bareWriter{header: http.Header{}}
		httpbridge.Handler(func(w http.ResponseWriter, _ *http.Request) error {
			_, flushes := w.(http.Flusher)
			assert.False(t, flushes)
			return missing
		}).ServeHTTP(bare, httptest.NewRequest("GET", "/", nil))
		assert.Equal(t, 404, bare.status)
	})
}

type bareWriter struct {
	header http.Header
	status int
}

func (w *bareWriter) Header() http.Header         { return w.header }
func (w *bareWriter) WriteHeader(status int)      { w.status = status }
func (w *bareWriter) Write(p []byte) (int, error) { return len(p), nil }
