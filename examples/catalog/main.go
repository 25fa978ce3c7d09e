package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"time"

	"github.com/errwire/errwire/examples/catalog/library"
)

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := run(ctx, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "catalog:", err)
		os.Exit(1)
	}
}

// run starts a library, visits it and writes down what happened.
func run(ctx context.Context, out io.Writer) error {
	impl := newShelves(2, "poetry")
	impl.books["Faust"] = &book{shelf: "drama", reservedFor: "Gretchen"}

	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	server := newServer(impl)
	defer server.Stop()
	go func() { _ = server.Serve(listener) }()

	conn, err := dial(listener.Addr().String())
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	client := library.NewLibraryServiceClient(conn)

	for _, line := range []string{
		put(ctx, client, "poetry", "The Raven"),
		put(ctx, client, "poetry", "Sonnets"),
		put(ctx, client, "poetry", "Odes"),
		put(ctx, client, "cooking", "Soups"),
		borrow(ctx, client, "Ada", "The Raven"),
		borrow(ctx, client, "Bob", "The Raven"),
		borrow(ctx, client, "Bob", "Faust"),
		borrow(ctx, client, "Bob", "Ulysses"),
	} {
		if _, err := fmt.Fprintln(out, line); err != nil {
			return err
		}
	}
	return nil
}
