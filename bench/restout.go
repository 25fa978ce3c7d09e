package main

import (
	"context"
	"net/http"
	"net/http/httptest"

	"connectrpc.com/connect"
	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"

	"github.com/errwire/errwire/httpbridge"
)

// writing is a contender that answers a REST request with the failure.
func writing(name string, write func(w http.ResponseWriter, r *http.Request)) contender {
	return contender{name, func() (func() any, func()) {
		r := httptest.NewRequest(http.MethodGet, "/users/42", nil)
		r.Header.Set("Content-Type", "application/json")
		return func() any {
			w := httptest.NewRecorder()
			write(w, r)
			return w.Code
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
