package httpbridge_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/errwire/errwire/httpbridge"
	"github.com/errwire/errwire/status"
	"github.com/errwire/errwire/status/firebase/auth"
)

func ExampleParse() {
	body := []byte(`{"error": {"code": 400, "message": "EMAIL_EXISTS : someone was faster"}}`)
	err := httpbridge.Parse(http.StatusBadRequest, http.Header{"Retry-After": {"2"}}, body)

	fmt.Println(err)
	fmt.Println(err.ServiceCode())
	fmt.Println(auth.IsEmailAlreadyExists(err), status.IsAlreadyExists(err))
	fmt.Println(err.RetryDelay())
	// Output:
	// The email address is already in use: someone was faster
	// identitytoolkit.googleapis.com/EMAIL_ALREADY_EXISTS
	// true true
	// 2s true
}

func ExampleCheckResponse() {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusNotFound)
		_, _ = fmt.Fprint(w, `{"code": 5, "message": "There is no shelf 42."}`)
	}))
	defer server.Close()

	resp, err := http.Get(server.URL)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = resp.Body.Close() }()

	err = httpbridge.CheckResponse(resp)
	fmt.Println(err, status.IsNotFound(err))
	fmt.Println(status.HTTPResponse(err).Status)
	// Output:
	// There is no shelf 42. true
	// 404 Not Found
}

func ExampleEncode() {
	err := status.New(status.NotFound, "There is no shelf 42.").
		WithServiceCode(status.ServiceCode{Domain: "library.example.com", Reason: "SHELF_NOT_FOUND"})

	httpStatus, header, body := httpbridge.Encode(err, httpbridge.Problem)
	fmt.Println(httpStatus, header.Get("Content-Type"))
	fmt.Println(string(body))

	// What only this process may know does not leave.
	_, _, body = httpbridge.Encode(fmt.Errorf("dial tcp 10.0.0.7:5432: refused"), httpbridge.AIP193)
	fmt.Println(string(body))
	// Output:
	// 404 application/problem+json
	// {"title":"Not Found","status":404,"detail":"There is no shelf 42.","code":"NOT_FOUND","reason":"SHELF_NOT_FOUND","domain":"library.example.com"}
	// {"error":{"code":500,"message":"An internal error occurred.","status":"INTERNAL"}}
}

// A dialect of one's own is a function. Auto behind it reads the others.
func ExampleDialect() {
	acme := func(a *httpbridge.Answer) *status.Error {
		var body struct {
			Trouble string `json:"trouble"`
			Number  int    `json:"number"`
		}
		_ = json.Unmarshal(a.Body, &body) // what is not JSON is not ours
		if body.Trouble == "" {
			return nil
		}
		reason := fmt.Sprintf("TROUBLE_%d", body.Number)
		return status.New(status.FailedPrecondition, body.Trouble).
			WithServiceCode(status.ServiceCode{Domain: "acme.example.com", Reason: reason})
	}

	err := httpbridge.ParseAs(http.StatusOK, nil, []byte(`{"trouble": "no ink", "number": 17}`), acme, httpbridge.Auto)
	fmt.Println(err.Code(), err.Reason(), err)
	err = httpbridge.ParseAs(http.StatusNotFound, nil, []byte(`{"code": "not_found", "message": "no printer"}`), acme, httpbridge.Auto)
	fmt.Println(err.Code(), err)
	// Output:
	// FAILED_PRECONDITION TROUBLE_17 no ink
	// NOT_FOUND no printer
}

// A service that is known to speak one dialect is read in that, and nothing is
// guessed.
func ExampleParseAs() {
	users := httpbridge.DefaultDomain(httpbridge.Kratos, "users.example.com")

	body := []byte(`{"code": 404, "reason": "USER_NOT_FOUND", "message": "user 42 missing", "metadata": {"user": "42"}}`)
	err := httpbridge.ParseAs(http.StatusNotFound, nil, body, users)
	fmt.Println(err.Code(), err.ServiceCode(), err.Metadata())
	// Output:
	// NOT_FOUND users.example.com/USER_NOT_FOUND map[user:42]
}
