package status_test

import (
	"errors"
	"fmt"

	"github.com/errwire/errwire/status"
)

// ShelfFull is the sentinel of one error of the library.
var ShelfFull = status.ServiceCode{Domain: "shelves.library.example.com", Reason: "SHELF_FULL"}

// A catalog is usually generated from a proto enum by protoc-gen-go-errwire, and
// registers itself. One written by hand does as well.
func ExampleRegister() {
	err := status.Register(&status.Catalog{
		Domain: ShelfFull.Domain,
		Source: "shelves/errors.go",
		Definitions: []status.Definition{{
			Reason:  ShelfFull.Reason,
			Code:    status.FailedPrecondition,
			Message: "The shelf is full.",
			Aliases: []string{"ERR_FULL"}, // what the old REST API calls it
		}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}

	put := func() error { return fmt.Errorf("put book: %w", ShelfFull) } // a handler may return the bare code
	e := status.FromError(put())
	fmt.Println(e.Code(), e.Reason(), e.Message())
	fmt.Println(errors.Is(put(), ShelfFull), status.IsFailedPrecondition(put()))

	code, _ := status.LookupAlias(ShelfFull.Domain, "ERR_FULL")
	fmt.Println(code)
	// Output:
	// FAILED_PRECONDITION SHELF_FULL The shelf is full.
	// true true
	// shelves.library.example.com/SHELF_FULL
}
