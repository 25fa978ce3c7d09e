package status_test

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	grpcstatus "google.golang.org/grpc/status"

	"github.com/errwire/errwire/status"
)

// getShelf stands for a call that fails.
func getShelf() error {
	return fmt.Errorf("get shelf: %w", status.New(status.NotFound, "There is no shelf 42.").
		WithServiceCode(status.ServiceCode{Domain: "library.example.com", Reason: "SHELF_NOT_FOUND"}).
		WithMetadata(map[string]string{"shelf": "42"}))
}

// The predicates are safe on nil and on any error, wrapped ones too.
func Example() {
	switch err := getShelf(); {
	case err == nil:
		fmt.Println("found")
	case status.IsNotFound(err):
		fmt.Println("not found:", status.FromError(err).Message())
	case status.IsUnavailable(err):
		fmt.Println("try again later")
	default:
		fmt.Println("failed:", err)
	}
	// Output: not found: There is no shelf 42.
}

// Whatever a call failed with, FromError makes the same of it, and errors.Is and
// errors.As still find all that they found before.
func ExampleFromError() {
	for _, err := range []error{
		getShelf(),
		grpcstatus.Error(codes.ResourceExhausted, "Quota exceeded."),
		fmt.Errorf("read: %w", os.ErrDeadlineExceeded),
		errors.New("boom"),
	} {
		e := status.FromError(err)
		fmt.Printf("%v %q %v %v\n", e.Code(), e.Message(), e.Origin(), errors.Is(e, err))
	}
	// Output:
	// NOT_FOUND "There is no shelf 42." UNSPECIFIED true
	// RESOURCE_EXHAUSTED "Quota exceeded." UNSPECIFIED true
	// DEADLINE_EXCEEDED "read: i/o timeout" LOCAL true
	// UNKNOWN "boom" LOCAL true
}

// A service code says more than a code does: compare with errors.Is, or with the
// predicates that protoc-gen-go-errwire generates.
func ExampleServiceCode() {
	shelfNotFound := status.ServiceCode{Domain: "library.example.com", Reason: "SHELF_NOT_FOUND"}
	err := getShelf()
	if errors.Is(err, shelfNotFound) {
		fmt.Println("no shelf", status.FromError(err).Metadata()["shelf"])
	}
	// Output: no shelf 42
}

// A handler makes its error of a code, a message for the caller, and whatever
// else the caller can use.
func ExampleNew() {
	putBook := func() error {
		cause := errors.New("pq: deadlock detected") // for the log of this process
		return status.New(status.Unavailable, "The catalogue is busy.").
			WithServiceCode(status.ServiceCode{Domain: "library.example.com", Reason: "CATALOGUE_BUSY"}).
			WithMetadata(map[string]string{"shelf": "42"}).
			WithRetryDelay(2 * time.Second).
			WithDetails(&errdetails.Help{Links: []*errdetails.Help_Link{{Description: "Busy hours", Url: "https://library.example.com/busy"}}}).
			WithCause(cause)
	}
	err := putBook()
	delay, _ := status.RetryDelay(err)
	fmt.Println(err)
	fmt.Println(status.CodeOf(err), "retry in", delay)
	// Output:
	// The catalogue is busy.
	// UNAVAILABLE retry in 2s
}

// The message of Newf leaves the process, the text of %w included. A cause whose
// text must not leave goes to WithCause.
func ExampleNewf() {
	_, cause := os.Open("/no/such/file")
	err := status.Newf(status.Internal, "no catalogue %d", 7).WithCause(cause)
	fmt.Println(err)
	fmt.Println(errors.Is(err, os.ErrNotExist))
	// Output:
	// no catalogue 7
	// true
}

// A code is an error too, and finds itself anywhere in a chain.
func ExampleCode() {
	err := fmt.Errorf("a: %w", status.NotFound)
	fmt.Println(errors.Is(err, status.NotFound), status.CodeOf(err).GRPC(), status.CodeOf(err).HTTPStatus())
	// Output: true NotFound 404
}

// Nothing but the detail that is asked for is decoded.
func ExampleDetail() {
	err := status.New(status.InvalidArgument, "The book is wrong.").WithDetails(&errdetails.BadRequest{
		FieldViolations: []*errdetails.BadRequest_FieldViolation{
			{Field: "isbn", Description: "13 digits, please"},
			{Field: "title", Description: "must not be empty"},
		},
	})
	if request, ok := status.Detail[*errdetails.BadRequest](err); ok {
		for _, violation := range request.GetFieldViolations() {
			fmt.Printf("%s: %s\n", violation.GetField(), violation.GetDescription())
		}
	}
	// Output:
	// isbn: 13 digits, please
	// title: must not be empty
}

// An *Error is a group in slog. FromError makes one of any error.
func ExampleError_LogValue() {
	logger := slog.New(slog.NewJSONHandler(os.Stdout, &slog.HandlerOptions{
		ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey {
				return slog.Attr{} // so that the output is always the same
			}
			return a
		},
	}))
	logger.Error("lookup failed", "error", status.FromError(getShelf()))
	// Output:
	// {"level":"ERROR","msg":"lookup failed","error":{"code":"NOT_FOUND","message":"There is no shelf 42.","domain":"library.example.com","reason":"SHELF_NOT_FOUND","metadata":{"shelf":"42"},"cause":"get shelf: There is no shelf 42."}}
}

// The plus flag shows all that is known.
func ExampleError_Format() {
	err := status.New(status.Unavailable, "The catalogue is busy.").
		WithServiceCode(status.ServiceCode{Domain: "library.example.com", Reason: "CATALOGUE_BUSY"}).
		WithMetadata(map[string]string{"shelf": "42", "hall": "north"}).
		WithRetryDelay(2 * time.Second).
		WithCause(errors.New("pq: deadlock detected"))
	fmt.Printf("%v\n\n%+v\n", err, err)
	// Output:
	// The catalogue is busy.
	//
	// UNAVAILABLE: The catalogue is busy.
	//     service code: library.example.com/CATALOGUE_BUSY
	//     metadata: map[hall:north shelf:42]
	//     retry delay: 2s
	//     cause: pq: deadlock detected
}
