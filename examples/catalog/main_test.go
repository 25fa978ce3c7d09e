package main

import (
	"bytes"
	"context"
	"net"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/errwire/errwire/examples/catalog/library"
	"github.com/errwire/errwire/status"
)

func TestRun(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	require.NoError(t, run(t.Context(), &out))
	assert.Equal(t, strings.TrimLeft(`
The Raven is on shelf poetry
Sonnets is on shelf poetry
build another shelf: poetry takes no more than 2 books
look again: There is no shelf cooking.
go to shelf poetry, Ada
reserve it, Bob: The Raven is on loan for 14 more days.
reserve it, Bob: The book is reserved for another reader.
try the bookshop, Bob: The library does not have this book.
`, "\n"), out.String())
}

// serve starts a real server on a real port and returns its address.
func serve(t *testing.T, impl library.LibraryServiceServer) string {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	server := newServer(impl)
	done := make(chan error, 1)
	go func() { done <- server.Serve(listener) }()
	t.Cleanup(func() {
		server.Stop()
		assert.NoError(t, <-done)
	})
	return listener.Addr().String()
}

// clients are an errwire client and one that has never heard of errwire.
func clients(t *testing.T, target string) map[string]library.LibraryServiceClient {
	t.Helper()
	clients := map[string]library.LibraryServiceClient{}
	for name, dial := range map[string]func() (*grpc.ClientConn, error){
		"errwire": func() (*grpc.ClientConn, error) { return dial(target) },
		"bare": func() (*grpc.ClientConn, error) {
			return grpc.NewClient(target, grpc.WithTransportCredentials(insecure.NewCredentials()))
		},
	} {
		conn, err := dial()
		require.NoError(t, err)
		t.Cleanup(func() { assert.NoError(t, conn.Close()) })
		clients[name] = library.NewLibraryServiceClient(conn)
	}
	return clients
}

func TestEveryErrorArrivesAsWhatItIs(t *testing.T) {
	t.Parallel()
	impl := newShelves(1, "poetry")
	impl.shelves["poetry"] = 1
	impl.books["Odes"] = &book{shelf: "poetry", lentTo: "Ada", daysLeft: 3}
	impl.books["Faust"] = &book{shelf: "drama", reservedFor: "Gretchen"}
	target := serve(t, impl)

	put := func(shelf string) func(context.Context, library.LibraryServiceClient) error {
		return func(ctx context.Context, client library.LibraryServiceClient) error {
			_, err := client.PutBook(ctx, &library.PutBookRequest{Shelf: shelf, Title: "Any"})
			return err
		}
	}
	borrow := func(title string) func(context.Context, library.LibraryServiceClient) error {
		return func(ctx context.Context, client library.LibraryServiceClient) error {
			_, err := client.BorrowBook(ctx, &library.BorrowBookRequest{Title: title, Reader: "Bob"})
			return err
		}
	}
	tests := []struct {
		name     string
		call     func(context.Context, library.LibraryServiceClient) error
		is       func(error) bool
		umbrella bool
		code     library.Code
		sentinel status.ServiceCode
		platform status.Code
		message  string
		metadata map[string]string
	}{
		{
			"no shelf", put("cooking"), library.IsShelfNotFound, false, library.CodeShelfNotFound, library.ShelfNotFound,
			status.NotFound, "There is no shelf cooking.", map[string]string{"shelf": "cooking"},
		},
		{
			"a full shelf", put("poetry"), library.IsShelfFull, false, library.CodeShelfFull, library.ShelfFull,
			status.FailedPrecondition, "Shelf poetry holds 1 books already.", map[string]string{"shelf": "poetry", "capacity": "1"},
		},
		{
			"no book", borrow("Ulysses"), library.IsBookNotFound, false, library.CodeBookNotFound, library.BookNotFound,
			status.NotFound, "The library does not have this book.", nil,
		},
		{
			"on loan", borrow("Odes"), library.IsBookOnLoan, true, library.CodeBookOnLoan, library.BookOnLoan,
			status.FailedPrecondition, "Odes is on loan for 3 more days.", map[string]string{"title": "Odes", "daysLeft": "3"},
		},
		{
			"on loan, by its other name", borrow("Odes"), library.IsBookLent, true, library.CodeBookOnLoan, library.BookOnLoan,
			status.FailedPrecondition, "Odes is on loan for 3 more days.", map[string]string{"title": "Odes", "daysLeft": "3"},
		},
		{
			"reserved", borrow("Faust"), library.IsBookReserved, true, library.CodeBookReserved, library.BookReserved,
			status.FailedPrecondition, "The book is reserved for another reader.", nil,
		},
	}
	for name, client := range clients(t, target) {
		for _, test := range tests {
			t.Run(name+"/"+test.name, func(t *testing.T) {
				err := test.call(t.Context(), client)
				assert.True(t, test.is(err), "%v", err)
				assert.Equal(t, test.umbrella, library.IsBookUnavailable(err))
				assert.Equal(t, test.code, library.CodeOf(err))
				assert.Equal(t, test.platform, status.CodeOf(err))
				e := status.FromError(err)
				assert.ErrorIs(t, e, test.sentinel)
				assert.Equal(t, test.message, e.Message())
				assert.Equal(t, test.metadata, e.Metadata())
				matches := 0
				for _, code := range library.All() {
					if e.ServiceCode() == code {
						matches++
					}
				}
				assert.Equal(t, 1, matches, "it is one error, not several")
			})
		}
	}
}

// A newer library has an error that the client's catalog lacks.
type newerLibrary struct {
	library.UnimplementedLibraryServiceServer
}

func (newerLibrary) BorrowBook(context.Context, *library.BorrowBookRequest) (*library.BorrowBookResponse, error) {
	return nil, status.New(status.FailedPrecondition, "The binding is being mended.").
		WithServiceCode(status.ServiceCode{Domain: library.BookOnLoan.Domain, Reason: "BOOK_IN_REPAIR"})
}

// Another service's error that has a reason of this one's.
func (newerLibrary) PutBook(context.Context, *library.PutBookRequest) (*library.PutBookResponse, error) {
	return nil, status.New(status.FailedPrecondition, "The warehouse is full.").
		WithServiceCode(status.ServiceCode{Domain: "warehouse.example.com", Reason: library.ShelfFull.Reason})
}

func TestANewerServerBreaksNothing(t *testing.T) {
	t.Parallel()
	for name, client := range clients(t, serve(t, newerLibrary{})) {
		t.Run(name, func(t *testing.T) {
			_, err := client.BorrowBook(t.Context(), &library.BorrowBookRequest{Title: "Odes"})
			for _, is := range []func(error) bool{
				library.IsShelfNotFound, library.IsShelfFull, library.IsBookNotFound,
				library.IsBookOnLoan, library.IsBookReserved, library.IsBookUnavailable,
			} {
				assert.False(t, is(err))
			}
			assert.True(t, status.IsFailedPrecondition(err), "the platform code is known all the same")
			assert.Equal(t, "BOOK_IN_REPAIR", status.FromError(err).Reason())
			assert.Equal(t, library.Code("BOOK_IN_REPAIR"), library.CodeOf(err), "readable in a switch's default")
			assert.Contains(t, borrow(t.Context(), client, "Bob", "Odes"), "ask at the desk, Bob: BOOK_IN_REPAIR: ")
		})
	}
}

func TestTheSameReasonElsewhereIsAnotherError(t *testing.T) {
	t.Parallel()
	for name, client := range clients(t, serve(t, newerLibrary{})) {
		t.Run(name, func(t *testing.T) {
			_, err := client.PutBook(t.Context(), &library.PutBookRequest{})
			assert.Equal(t, "SHELF_FULL", status.FromError(err).Reason())
			assert.False(t, library.IsShelfFull(err))
			assert.Empty(t, library.CodeOf(err))
			assert.NotErrorIs(t, status.FromError(err), library.ShelfFull)
		})
	}
}

// The library's old REST service has names of its own.
func TestOldNamesAreRecognised(t *testing.T) {
	t.Parallel()
	code, ok := status.LookupAlias("library.example.com", "no-such-book")
	assert.True(t, ok)
	assert.Equal(t, library.BookNotFound, code)
}
