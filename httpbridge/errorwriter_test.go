package httpbridge_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/errwire/errwire/httpbridge"
	"github.com/errwire/errwire/status"
)

var missing = status.New(status.NotFound, "There is no shelf 42.").
	WithServiceCode(status.ServiceCode{Domain: "library.example.com", Reason: "SHELF_NOT_FOUND"}).
	WithRetryDelay(1500 * time.Millisecond)

func TestWrite(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		accept  string
		media   string
		written error
	}{
		{"no Accept", "", "application/json; charset=UTF-8", missing},
		{"problems", "application/json;q=0.4, application/problem+json;q=0.5", "application/problem+json", missing},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newService(t, func(_ int, w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Content-Length", "7")
				w.Header().Set("Etag", `"of the success"`)
				w.Header().Set("X-Kept", "1")
				httpbridge.Write(w, r, fmt.Errorf("load: %w", test.written))
			})
			req := request(t, "GET", s.URL, "")
			if test.accept != "" {
				req.Header.Set("Accept", test.accept)
			}
			resp, err := fresh(t).Do(req)
			require.NoError(t, err)
			assert.Equal(t, 404, resp.StatusCode)
			assert.Equal(t, test.media, resp.Header.Get("Content-Type"))
			assert.Equal(t, "nosniff", resp.Header.Get("X-Content-Type-Options"))
			assert.Equal(t, "no-store", resp.Header.Get("Cache-Control"))
			assert.Equal(t, "2", resp.Header.Get("Retry-After"))
			assert.Equal(t, "1", resp.Header.Get("X-Kept"))
			assert.Empty(t, resp.Header.Get("Etag"))
			got := httpbridge.CheckResponse(resp)
			assert.True(t, status.Equal(missing, got), "%+v", got)
			readAll(t, resp.Body)
		})
	}
}

func TestWriteToHEAD(t *testing.T) {
	t.Parallel()
	rec := httptest.NewRecorder()
	httpbridge.Write(rec, httptest.NewRequest("HEAD", "/", nil), missing)
	assert.Equal(t, 404, rec.Code)
	assert.Empty(t, rec.Body.String())
	assert.Equal(t, "application/json; charset=UTF-8", rec.Header().Get("Content-Type"))
}

func TestWriteKeepsTheHandlersChallenge(t *testing.T) {
	t.Parallel()
	rec := httptest.NewRecorder()
	rec.Header().Set("Www-Authenticate", `Basic realm="library"`)
	bad := status.New(status.Unauthenticated, "m").WithServiceCode(status.ServiceCode{Reason: "invalid_token"})
	httpbridge.Write(rec, httptest.NewRequest("GET", "/", nil), bad)
	assert.Equal(t, []string{`Basic realm="library"`}, rec.Header().Values("WWW-Authenticate"))

	rec = httptest.NewRecorder()
	httpbridge.Write(rec, httptest.NewRequest("GET", "/", nil), bad)
	assert.Equal(t, []string{`Bearer error="invalid_token"`}, rec.Header().Values("WWW-Authenticate"))
}

func TestNothingPrivateIsWritten(t *testing.T) {
	t.Parallel()
	const secret = "dsn=postgres://root:hunter2@10.0.0.7"
	tests := []struct {
		name string
		err  error
		code status.Code
		log  string // a part of the line; "" is no line
	}{
		{"a plain error", errors.New(secret), status.Internal, "level=ERROR"},
		{"the text around an error", fmt.Errorf("%s: %w", secret, missing), status.NotFound, ""},
		{"a cause", missing.WithCause(errors.New(secret)), status.NotFound, ""},
		{"a failure of this side", status.New(status.Unavailable, secret).WithOrigin(status.OriginLocal), status.Unavailable, "level=WARN"},
		{"the end of the context", fmt.Errorf("%s: %w", secret, context.Canceled), status.Cancelled, ""},
		{"a mapped error", fmt.Errorf("%s: %w", secret, io.ErrNoProgress), status.ResourceExhausted, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var log bytes.Buffer
			ew := httpbridge.NewErrorWriter(
				httpbridge.WithLogger(slog.New(slog.NewTextHandler(&log, nil))),
				httpbridge.WithMapper(func(err error) *status.Error {
					if errors.Is(err, io.ErrNoProgress) {
						return status.New(status.ResourceExhausted, "full")
					}
					return nil
				}))
			rec := httptest.NewRecorder()
			req := httptest.NewRequest("GET", "/shelves/42?key=SECRET", nil)
			req.Header.Set("X-Request-Id", "r-17")
			ew.Write(rec, req, test.err)
			assert.Equal(t, test.code, httpbridge.Parse(rec.Code, rec.Header(), rec.Body.Bytes()).Code())
			assert.NotContains(t, rec.Body.String()+fmt.Sprint(rec.Header()), "hunter2")
			if test.log == "" {
				assert.Empty(t, log.String())
				return
			}
			assert.Contains(t, log.String(), test.log)
			assert.Contains(t, log.String(), "hunter2")
			assert.Contains(t, log.String(), "request_id=r-17")
			assert.Contains(t, log.String(), "path=/shelves/42 ")
			assert.NotContains(t, log.String(), "SECRET")
		})
	}
}

func TestErrorWriterOptions(t *testing.T) {
	t.Parallel()
	t.Run("a single format, whatever is accepted", func(t *testing.T) {
		t.Parallel()
		rec := httptest.NewRecorder()
		req := httptest.NewRequest("GET", "/", nil)
		req.Header.Set("Accept", "application/problem+json")
		httpbridge.NewErrorWriter(httpbridge.WithFormats(httpbridge.Twirp)).Write(rec, req, missing)
		assert.Contains(t, rec.Body.String(), `"code":"not_found"`)
	})
	t.Run("a domain", func(t *testing.T) {
		t.Parallel()
		relayed := httpbridge.Parse(404, nil, []byte(`{"error":{"code":404,"status":"NOT_FOUND","message":"m","details":[
			{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"X"}]}}`))
		tests := []struct {
			name string
			err  error
			want status.ServiceCode
		}{
			{"none", status.NotFound, status.ServiceCode{Domain: "library.example.com", Reason: "NOT_FOUND"}},
			{"a reason", status.New(status.NotFound, "m").WithServiceCode(status.ServiceCode{Reason: "X"}),
				status.ServiceCode{Domain: "library.example.com", Reason: "X"}},
			{"its own", missing.WithServiceCode(status.ServiceCode{Domain: "d", Reason: "X"}), status.ServiceCode{Domain: "d", Reason: "X"}},
			{"a backend's", relayed, status.ServiceCode{Reason: "X"}},
			{"a panic's", nil, status.ServiceCode{Domain: "library.example.com", Reason: "INTERNAL"}},
		}
		ew := httpbridge.NewErrorWriter(httpbridge.WithDomain("library.example.com"), httpbridge.WithLogger(slog.New(slog.DiscardHandler)))
		for _, test := range tests {
			rec := httptest.NewRecorder()
			ew.Handler(func(http.ResponseWriter, *http.Request) error {
				if test.err == nil {
					panic(missing)
				}
				return test.err
			}).ServeHTTP(rec, httptest.NewRequest("GET", "/", nil))
			assert.Equal(t, test.want, httpbridge.Parse(rec.Code, nil, rec.Body.Bytes()).ServiceCode(), test.name)
		}
	})
	t.Run("bad ones", func(t *testing.T) {
		t.Parallel()
		for name, opt := range map[string]httpbridge.ServerOption{
			"nil": nil, "no format": httpbridge.WithFormats(), "unknown format": httpbridge.WithFormats(99),
			"nil mapper": httpbridge.WithMapper(nil), "nil logger": httpbridge.WithLogger(nil),
			"no domain": httpbridge.WithDomain(""), "a domain with a blank": httpbridge.WithDomain("a b"),
		} {
			var log bytes.Buffer
			h := httpbridge.Handler(func(http.ResponseWriter, *http.Request) error {
				t.Error("called")
				return nil
			}, httpbridge.WithLogger(slog.New(slog.NewTextHandler(&log, nil))), opt)
			assert.Contains(t, log.String(), "bad server option", name)
			rec := httptest.NewRecorder()
			h.ServeHTTP(rec, httptest.NewRequest("GET", "/", nil))
			assert.Equal(t, 500, rec.Code, name)
			assert.NotContains(t, rec.Body.String(), "httpbridge", name)
		}
	})
}

func TestMappersAreNotAskedAboutPanics(t *testing.T) {
	t.Parallel()
	all := func(error) *status.Error { return status.New(status.NotFound, "mapped") }
	h := httpbridge.Handler(func(http.ResponseWriter, *http.Request) error { panic("at the disco") }, quiet(), httpbridge.WithMapper(all))
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, httptest.NewRequest("GET", "/", nil))
	assert.Equal(t, 500, rec.Code)
}

func TestServerSideNilArguments(t *testing.T) {
	t.Parallel()
	req := httptest.NewRequest("GET", "/", nil)
	require.NotPanics(t, func() {
		httpbridge.Write(nil, req, missing)
		httpbridge.Write(httptest.NewRecorder(), nil, missing)
		rec := httptest.NewRecorder()
		httpbridge.Write(rec, req, nil)
		assert.Empty(t, rec.Body.String(), "no error, no answer")
		(*httpbridge.ErrorWriter)(nil).Write(rec, req, missing)
		assert.Equal(t, 404, rec.Code)
		for _, h := range []http.Handler{
			httpbridge.Handler(nil), httpbridge.Recover(nil), (*httpbridge.ErrorWriter)(nil).Recover(nil),
			httpbridge.Recover(http.HandlerFunc(nil)), httpbridge.Recover((*http.ServeMux)(nil)),
		} {
			rec := httptest.NewRecorder()
			h.ServeHTTP(rec, req)
			assert.Equal(t, 500, rec.Code)
			h.ServeHTTP(nil, nil)
		}
		for _, err := range []error{(*status.Error)(nil), status.OK, circle()} {
			rec := httptest.NewRecorder()
			httpbridge.Write(rec, &http.Request{}, err)
			assert.GreaterOrEqual(t, rec.Code, 400)
		}
	})
}

type loop struct{ next error }

func (l *loop) Error() string { return "loop" }
func (l *loop) Unwrap() error { return l.next }

func circle() error {
	l := &loop{}
	l.next = l
	return l
}

func TestLongTextsAreCutInTheLog(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	ew := httpbridge.NewErrorWriter(httpbridge.WithLogger(slog.New(slog.NewTextHandler(&log, nil))))
	h := ew.Recover(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(strings.Repeat("x", 1<<20)) }))
	h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/"+strings.Repeat("y", 1<<20), nil))
	assert.Contains(t, log.String(), "request failed by a fault of the server")
	assert.Contains(t, log.String(), "errorwriter_test.go", "the stack")
	assert.Less(t, log.Len(), 100<<10)
}
