package messaging_test

import (
	"fmt"
	"time"

	"github.com/errwire/errwire/status"
	"github.com/errwire/errwire/status/firebase/messaging"
)

// push stands for a call that fails.
func push(token string) error {
	if token == "old" {
		return messaging.NewUnregistered()
	}
	return status.New(status.Unavailable, "The service is overloaded.").WithRetryDelay(30 * time.Second)
}

// A push has failed. First the service code: is the token still any good? Then
// the platform code: is it worth another try?
func Example() {
	for _, token := range []string{"old", "new"} {
		err := push(token)
		switch {
		case err == nil:
			fmt.Println("sent")
		case messaging.IsUnregistered(err):
			fmt.Println("forget token", token)
		case status.IsUnavailable(err):
			delay, _ := status.RetryDelay(err)
			fmt.Println("try again in", delay)
		default:
			fmt.Println("give up:", err)
		}
	}
	// Output:
	// forget token old
	// try again in 30s
}

// An error has a service code and a platform code; ask for either.
func ExampleIsQuotaExceeded() {
	err := status.New(status.ResourceExhausted, "Too many messages to this device.").
		WithServiceCode(messaging.QuotaExceeded)

	fmt.Println(messaging.IsQuotaExceeded(err), status.IsResourceExhausted(err))
	// Output: true true
}
