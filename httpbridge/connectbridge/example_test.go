package connectbridge_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/errwire/errwire/httpbridge/connectbridge"
	"github.com/errwire/errwire/status"
)

func Example() {
	// Generated code makes these two of a service.
	getShelf := func(context.Context, *connect.Request[emptypb.Empty]) (*connect.Response[emptypb.Empty], error) {
		return nil, fmt.Errorf("dsn=postgres://root:hunter2@db: %w", status.New(status.NotFound, "There is no shelf 42."))
	}
	server := httptest.NewServer(connect.NewUnaryHandler("/library.v1.Library/GetShelf", getShelf,
		connect.WithInterceptors(connectbridge.NewServerInterceptor())))
	defer server.Close()
	client := connect.NewClient[emptypb.Empty, emptypb.Empty](http.DefaultClient, server.URL+"/library.v1.Library/GetShelf",
		connect.WithInterceptors(connectbridge.NewClientInterceptor()))

	_, err := client.CallUnary(context.Background(), connect.NewRequest(&emptypb.Empty{}))
	fmt.Println(status.IsNotFound(err), err)
	// Output:
	// true There is no shelf 42.
}
