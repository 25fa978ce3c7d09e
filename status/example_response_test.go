package status_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"strings"

	"github.com/errwire/errwire/status"
)

// An error that came over HTTP has kept the response, without credentials, and
// its body can be read as often as you like.
func ExampleHTTPResponse() {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Set-Cookie", "session=secret")
		w.Header()["Date"] = nil
		w.WriteHeader(http.StatusBadGateway)
		_, _ = io.WriteString(w, "<html>Bad Gateway</html>")
	}))
	defer server.Close()
	resp, err := http.Get(server.URL)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = resp.Body.Close() }()
	err = status.New(status.FromHTTPStatus(resp.StatusCode), "").WithHTTPResponse(resp) // as package httpbridge does

	if kept := status.HTTPResponse(err); kept != nil {
		dump, _ := httputil.DumpResponse(kept, true)
		fmt.Println(strings.ReplaceAll(string(dump), "\r\n", "\n"))
	}
	// Output:
	// HTTP/1.1 502 Bad Gateway
	// Content-Length: 24
	// Content-Type: text/html; charset=utf-8
	//
	// <html>Bad Gateway</html>
}
