package httpbridge_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"time"

	"github.com/errwire/errwire/httpbridge"
	"github.com/errwire/errwire/retry"
	"github.com/errwire/errwire/status"
)

// library is a service that is busy once, and then has no shelf but 1.
func library() *httptest.Server {
	var calls atomic.Int64
	return httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case calls.Add(1) == 1:
			w.WriteHeader(http.StatusServiceUnavailable)
		case r.URL.Path == "/shelves/1":
			_, _ = io.WriteString(w, `{"name": "shelves/1", "theme": "history"}`)
		default:
			httpbridge.Write(w, r, status.New(status.NotFound, "There is no such shelf.").
				WithServiceCode(status.ServiceCode{Domain: "library.example.com", Reason: "SHELF_NOT_FOUND"}))
		}
	}))
}

var quickly = retry.MustPolicy(retry.WithBackoff(time.Millisecond, time.Millisecond))

func ExampleClient_Do() {
	server := library()
	defer server.Close()

	client := httpbridge.NewClient(nil, httpbridge.WithRetryPolicy(quickly))
	req, err := http.NewRequest(http.MethodGet, server.URL+"/shelves/42", nil)
	if err != nil {
		return
	}
	resp, err := client.Do(req)
	switch {
	case err == nil:
		_ = resp.Body.Close()
	case status.IsNotFound(err):
		e := status.FromError(err)
		fmt.Println(e.Code(), e.Reason(), "after", e.Attempts(), "attempts:", e)
		fmt.Println("HTTP", e.HTTPResponse().Status)
	}
	// Output:
	// NOT_FOUND SHELF_NOT_FOUND after 2 attempts: There is no such shelf.
	// HTTP 404 Not Found
}

func ExampleClient_DoJSON() {
	server := library()
	defer server.Close()

	client := httpbridge.NewClient(nil, httpbridge.WithRetryPolicy(quickly))
	req, err := http.NewRequest(http.MethodGet, server.URL+"/shelves/1", nil)
	if err != nil {
		return
	}
	var shelf struct{ Name, Theme string }
	err = client.DoJSON(req, &shelf)
	fmt.Println(shelf.Name, shelf.Theme, err)
	// Output:
	// shelves/1 history <nil>
}

// A client of somebody else's gets the retries, and goes on to read the errors
// as it always did.
func ExampleNewTransport() {
	server := library()
	defer server.Close()

	client := &http.Client{Transport: httpbridge.NewTransport(nil, httpbridge.WithRetryPolicy(quickly))}
	resp, err := client.Get(server.URL + "/shelves/1")
	if err != nil {
		return
	}
	defer func() { _ = resp.Body.Close() }()
	fmt.Println(resp.Status)
	// Output:
	// 200 OK
}
