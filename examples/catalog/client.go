package main

import (
	"context"
	"fmt"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/errwire/errwire/examples/catalog/library"
	"github.com/errwire/errwire/interceptors"
	"github.com/errwire/errwire/status"
)

// dial makes a channel that retries what may be retried, and whose errors are
// *status.Error. The predicates need none of it: they understand any gRPC
// status.
func dial(target string) (*grpc.ClientConn, error) {
	options := interceptors.DialOptions()
	options = append(options, grpc.WithTransportCredentials(insecure.NewCredentials()))
	return grpc.NewClient(target, options...)
}

// put puts a book on a shelf and says, for a person, how it went.
func put(ctx context.Context, client library.LibraryServiceClient, shelf, title string) string {
	_, err := client.PutBook(ctx, &library.PutBookRequest{Shelf: shelf, Title: title})
	switch {
	case err == nil:
		return fmt.Sprintf("%s is on shelf %s", title, shelf)
	case library.IsShelfFull(err): // this very error
		return fmt.Sprintf("build another shelf: %s takes no more than %s books", shelf, status.FromError(err).Metadata()["capacity"])
	case status.IsNotFound(err): // any error of this kind
		return fmt.Sprintf("look again: %v", err)
	default:
		return fmt.Sprintf("call the librarian: %v", err)
	}
}

// borrow borrows a book and says, for a person, how it went.
func borrow(ctx context.Context, client library.LibraryServiceClient, reader, title string) string {
	resp, err := client.BorrowBook(ctx, &library.BorrowBookRequest{Reader: reader, Title: title})
	if library.IsBookUnavailable(err) { // several errors under one name
		return fmt.Sprintf("reserve it, %s: %v", reader, err)
	}
	switch library.CodeOf(err) { // a switch that a linter can check for completeness
	case library.CodeBookNotFound:
		return fmt.Sprintf("try the bookshop, %s: %v", reader, err)
	default:
		if err != nil { // such as a code that a newer server has
			return fmt.Sprintf("ask at the desk, %s: %s: %v", reader, status.FromError(err).Reason(), err)
		}
		return fmt.Sprintf("go to shelf %s, %s", resp.GetShelf(), reader)
	}
}
