package errwirev1_test

import (
	"fmt"

	"google.golang.org/protobuf/proto"

	"github.com/errwire/errwire/examples/catalog/library"
	errwirev1 "github.com/errwire/errwire/proto/errwire/v1"
)

// A tool, such as one that writes a page about a service's errors, reads the
// catalog from the enum's descriptor.
func Example() {
	enum := library.LibraryError(0).Descriptor()
	catalog := proto.GetExtension(enum.Options(), errwirev1.E_Catalog).(*errwirev1.Catalog)
	fmt.Println(catalog.GetDomain())
	for i := range enum.Values().Len() {
		value := enum.Values().Get(i)
		if !proto.HasExtension(value.Options(), errwirev1.E_Error) {
			continue // LIBRARY_ERROR_UNSPECIFIED
		}
		e := proto.GetExtension(value.Options(), errwirev1.E_Error).(*errwirev1.Error)
		fmt.Println(value.Name(), e.GetCode(), e.GetMessage())
	}
	// Output:
	// library.example.com
	// LIBRARY_ERROR_SHELF_NOT_FOUND NOT_FOUND There is no shelf {shelf}.
	// LIBRARY_ERROR_SHELF_FULL FAILED_PRECONDITION Shelf {shelf} holds {capacity} books already.
	// LIBRARY_ERROR_BOOK_NOT_FOUND NOT_FOUND The library does not have this book.
	// LIBRARY_ERROR_BOOK_ON_LOAN FAILED_PRECONDITION {title} is on loan for {daysLeft} more days.
	// LIBRARY_ERROR_BOOK_RESERVED FAILED_PRECONDITION The book is reserved for another reader.
}
