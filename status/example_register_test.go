package status_test

import (
	"errors"
	"fmt"

	"github.com/errwire/errwire/status"
)

// ShelfFull is the sentinel of one error of the library.
var ShelfFull = status.ServiceCode{Domain: "shelves.library.example.com", Reason: "SHELF_FULL"}

// A generated catalog registers itself when the program starts. So does this one,
// which is written by hand.
var errRegister = status.Register(&status.Catalog{
	Domain: ShelfFull.Domain,
	Source: "shelves/errors.go",
	Definitions: []status.Definition{{
		Reason:  ShelfFull.Reason,
		Code:    status.FailedPrecondition,
		Message: "The shelf is full.",
		Aliases: []string{"ERR_FULL"}, // what the old REST API calls it
	}},
})

// A catalog is usually generated from a proto enum by protoc-gen-go-errwire; one
// written by hand does as well.
func ExampleRegister() {
	if errRegister != nil { // a reason or an alias is taken
		fmt.Println(errRegister)
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
