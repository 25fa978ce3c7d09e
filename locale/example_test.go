package locale_test

import (
	"fmt"
	"testing/fstest"

	"github.com/errwire/errwire/interceptors"
	"github.com/errwire/errwire/locale"
	"github.com/errwire/errwire/status"
)

// The catalog goes into the options of the server. A service's own messages are
// files, best embedded in the program.
func ExampleNew() {
	own := fstest.MapFS{"it/library.example.com.json": {Data: []byte(`{
		"SHELF_FULL": "Sullo scaffale {shelf} non c'è più posto."
	}`)}}
	catalog, err := locale.New(own)
	if err != nil {
		fmt.Println(err)
		return
	}
	options := interceptors.ServerOptions(
		interceptors.WithDomain("library.example.com"),
		interceptors.WithLocalizer(catalog.Localize),
	)
	fmt.Println(len(options), "options for grpc.NewServer")
	// Output: 2 options for grpc.NewServer
}

func ExampleCatalog_Localize() {
	catalog, err := locale.New()
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, wish := range []string{"it-CH, de;q=0.8", "bn", "ar", "ja"} {
		fmt.Println(catalog.Localize(wish, status.New(status.AlreadyExists, "There is a shelf 42.")))
	}
	// Output:
	// it La risorsa esiste già.
	// bn রিসোর্সটি আগে থেকেই আছে।
	// ar المورد موجود بالفعل.
	// en The resource already exists.
}
