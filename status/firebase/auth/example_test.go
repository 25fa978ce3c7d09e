package auth_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httputil"
	"strings"

	"github.com/errwire/errwire/status"
	"github.com/errwire/errwire/status/firebase/auth"
)

// verify, lookup and answer stand for calls that fail.
func verify(token string) error { return fmt.Errorf("verify %q: %w", token, auth.NewExpiredIDToken()) }

func lookup(uid string) error { return fmt.Errorf("look up %q: %w", uid, auth.NewUserNotFound()) }

func answer() error {
	body := `{"error": {"code": 503, "message": "The service is down.", "status": "UNAVAILABLE"}}`
	return status.New(status.Unavailable, "The service is down.").WithHTTPResponse(&http.Response{
		Status:        "503 Service Unavailable",
		StatusCode:    http.StatusServiceUnavailable,
		Proto:         "HTTP/1.1",
		ProtoMajor:    1,
		ProtoMinor:    1,
		Header:        http.Header{"Content-Type": {"application/json"}, "Retry-After": {"30"}},
		Body:          io.NopCloser(strings.NewReader(body)),
		ContentLength: int64(len(body)),
	})
}

// A handler for errors of any service: everything that there is to know of one.
func Example() {
	err := lookup("ada")

	e := status.FromError(err)
	fmt.Println("code:", e.Code())
	fmt.Println("service code:", e.ServiceCode())
	fmt.Println("message:", e.Message())
	if response := e.HTTPResponse(); response != nil {
		fmt.Println("HTTP status:", response.Status)
	}
	switch e.Code() {
	case status.Unauthenticated, status.PermissionDenied:
		fmt.Println("check the credential")
	case status.Unavailable:
		fmt.Println("try again later")
	default:
		fmt.Println("give up")
	}
	// Output:
	// code: NOT_FOUND
	// service code: identitytoolkit.googleapis.com/USER_NOT_FOUND
	// message: There is no such user.
	// give up
}

// An expired token is an everyday thing: the client gets a new one. A token that
// was never good is not.
func ExampleIsExpiredIDToken() {
	err := verify("eyJhbGciOi…")

	switch {
	case auth.IsExpiredIDToken(err):
		fmt.Println("get a new token")
	case auth.IsInvalidIDToken(err):
		fmt.Println("somebody is trying something")
	}
	fmt.Println("acceptable:", !auth.IsIDTokenInvalid(err))
	// Output:
	// get a new token
	// acceptable: false
}

// The HTTP response that an error came from, for a log or a support case. Its
// body can be read as often as is wanted; what could leak is not in it.
func Example_httpResponse() {
	err := answer()

	if response := status.HTTPResponse(err); response != nil {
		dump, dumpErr := httputil.DumpResponse(response, true)
		if dumpErr != nil {
			fmt.Println(dumpErr)
		}
		fmt.Println(strings.ReplaceAll(string(dump), "\r\n", "\n"))
	}
	// Output:
	// HTTP/1.1 503 Service Unavailable
	// Content-Length: 84
	// Content-Type: application/json
	// Retry-After: 30
	//
	// {"error": {"code": 503, "message": "The service is down.", "status": "UNAVAILABLE"}}
}

// CodeOf is for a switch over many codes.
func ExampleCodeOf() {
	err := lookup("ada")

	switch auth.CodeOf(err) {
	case auth.CodeUserNotFound, auth.CodeEmailNotFound:
		fmt.Println("no such user")
	case auth.CodeUserDisabled:
		fmt.Println("talk to the administrator")
	default:
		fmt.Println(err)
	}
	// Output: no such user
}
