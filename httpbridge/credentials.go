package httpbridge

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"reflect"

	"github.com/errwire/errwire/status"
)

// refusedCredentials recognises the error of a RoundTripper that could not get a
// token because the token endpoint refused: UNAUTHENTICATED, with the reason that
// it gave, such as invalid_grant. A token endpoint that is merely unwell keeps the
// code of its answer, so that it may be asked again. nil is any other error.
func refusedCredentials(err error) *status.Error {
	resp := tokenResponse(err)
	if resp == nil {
		return nil
	}
	said := status.FromError(CheckResponse(resp))
	if said == nil { // the answer was a success that could not be read
		return nil
	}
	code := said.Code()
	if resp.StatusCode >= http.StatusBadRequest && resp.StatusCode < http.StatusInternalServerError &&
		resp.StatusCode != http.StatusTooManyRequests {
		code = status.Unauthenticated
	}
	// Not the service but another said so: whose credentials are bad is nobody's
	// business but ours.
	return status.New(code, said.Message()).WithDetails(said.Details()...).
		WithOrigin(status.OriginLocal).WithCause(err).WithHTTPResponse(resp)
}

// maxLinks bounds the walk through a chain of errors.
const maxLinks = 64

// tokenResponse finds the answer of a token endpoint in the chain of err. The
// libraries that fetch tokens have no method in common, but the same two fields:
// golang.org/x/oauth2's RetrieveError and cloud.google.com/go/auth's Error hold
// the Response and the Body that they have read of it.
func tokenResponse(err error) *http.Response {
	for range maxLinks {
		if err == nil {
			return nil
		}
		if resp := responseAndBody(err); resp != nil {
			return resp
		}
		err = unwrap(err)
	}
	return nil
}

// unwrap is errors.Unwrap; a method that panics, as some do on nil, ends the walk.
func unwrap(err error) (next error) {
	defer func() { _ = recover() }()
	return errors.Unwrap(err)
}

// responseAndBody is a copy of the Response of an error that has one and the Body.
func responseAndBody(err error) (answer *http.Response) {
	defer func() { _ = recover() }() // reflect, at an embedded pointer that is nil
	v := reflect.ValueOf(err)
	if v.Kind() == reflect.Pointer {
		v = v.Elem() // of nil it is the zero Value
	}
	if v.Kind() != reflect.Struct {
		return nil
	}
	resp, isResponse := fieldOf[*http.Response](v, "Response")
	body, isBody := fieldOf[[]byte](v, "Body")
	if !isResponse || !isBody || resp == nil {
		return nil
	}
	found := *resp
	found.Body = io.NopCloser(bytes.NewReader(body))
	return &found
}

func fieldOf[T any](v reflect.Value, name string) (member T, ok bool) {
	field := v.FieldByName(name)
	if !field.IsValid() || !field.CanInterface() {
		return member, false
	}
	return reflect.TypeAssert[T](field)
}
