package httpbridge_test

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"

	"github.com/errwire/errwire/httpbridge"
	"github.com/errwire/errwire/status"
)

// show prints what a handler answers.
func show(h http.Handler, req *http.Request) {
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, req)
	fmt.Println(rec.Code, rec.Header().Get("Content-Type"))
	fmt.Println(rec.Body)
}

func ExampleWrite() {
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		httpbridge.Write(w, r, status.New(status.NotFound, "There is no shelf 42."))
	})
	show(h, httptest.NewRequest(http.MethodGet, "/shelves/42", nil))

	req := httptest.NewRequest(http.MethodGet, "/shelves/42", nil)
	req.Header.Set("Accept", "application/problem+json")
	show(h, req)
	// Output:
	// 404 application/json; charset=UTF-8
	// {"error":{"code":404,"message":"There is no shelf 42.","status":"NOT_FOUND"}}
	// 404 application/problem+json
	// {"title":"Not Found","status":404,"detail":"There is no shelf 42.","code":"NOT_FOUND"}
}

func ExampleHandler() {
	open := func(http.ResponseWriter, *http.Request) error {
		return &fs.PathError{Op: "open", Path: "/var/lib/library/shelf-42", Err: fs.ErrNotExist}
	}
	missing := func(err error) *status.Error {
		if errors.Is(err, fs.ErrNotExist) {
			return status.New(status.NotFound, "There is no such shelf.")
		}
		return nil
	}
	h := httpbridge.Handler(open, httpbridge.WithMapper(missing), httpbridge.WithDomain("library.example.com"))
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, httptest.NewRequest(http.MethodGet, "/shelves/42", nil))

	e := httpbridge.Parse(rec.Code, rec.Header(), rec.Body.Bytes())
	fmt.Println(e.Code(), e.ServiceCode(), e)
	// Output:
	// NOT_FOUND library.example.com/NOT_FOUND There is no such shelf.
}

func ExampleRecover() {
	mux := http.NewServeMux()
	mux.HandleFunc("/", func(http.ResponseWriter, *http.Request) {
		panic("dsn=postgres://root:hunter2@db")
	})
	ew := httpbridge.NewErrorWriter(httpbridge.WithLogger(slog.New(slog.DiscardHandler))) // or httpbridge.Recover(mux)
	show(ew.Recover(mux), httptest.NewRequest(http.MethodGet, "/", nil))
	// Output:
	// 500 application/json; charset=UTF-8
	// {"error":{"code":500,"message":"An internal error occurred.","status":"INTERNAL"}}
}
