package main

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"

	"connectrpc.com/connect"
	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"

	"github.com/errwire/errwire/httpbridge"
)

// An answered is a response writer that a contender writes to. It is used again
// and again: what net/http does for a request is not the handler's work.
type answered struct {
	header http.Header
	status int
	body   []byte
}

func (a *answered) Header() http.Header        { return a.header }
func (a *answered) WriteHeader(httpStatus int) { a.status = httpStatus }

func (a *answered) Write(p []byte) (int, error) {
	a.body = append(a.body, p...)
	return len(p), nil
}

// String is what a client makes of it.
func (a *answered) String() string {
	e := httpbridge.Parse(a.status, a.header, a.body)
	return fmt.Sprint(e.Code(), e.Message(), e.ServiceCode(), e.Metadata())
}

// writing is a contender that answers a REST request with the failure.
func writing(name string, write func(w http.ResponseWriter, r *http.Request)) contender {
	return contender{name, func() (func() any, func()) {
		r := httptest.NewRequest(http.MethodGet, "/users/42", nil)
		r.Header.Set("Content-Type", "application/json")
		w := &answered{header: http.Header{}}
		return func() any {
			clear(w.header)
			w.body = w.body[:0]
			write(w, r)
			return w
		}, no
	}}
}

var restOut = []contender{
	writing("errwire", func(w http.ResponseWriter, r *http.Request) { httpbridge.Write(w, r, ourError) }),
	writing("grpc-gateway", func() func(w http.ResponseWriter, r *http.Request) {
		mux, marshaler := runtime.NewServeMux(), &runtime.JSONPb{}
		err := ourError.GRPCStatus().Err()
		return func(w http.ResponseWriter, r *http.Request) {
			runtime.DefaultHTTPErrorHandler(context.Background(), mux, marshaler, w, r, err)
		}
	}()),
	writing("connect ErrorWriter", func() func(w http.ResponseWriter, r *http.Request) {
		writer := connect.NewErrorWriter()
		err := connect.NewError(connect.CodeNotFound, ourError)
		if detail, bad := connect.NewErrorDetail(errorInfo()); bad == nil {
			err.AddDetail(detail)
		}
		return func(w http.ResponseWriter, r *http.Request) { _ = writer.Write(w, r, err) }
	}()),
}
