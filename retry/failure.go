package retry

import (
	"time"

	"github.com/errwire/errwire/status"
)

// A Reach says how far the request of a failed attempt got.
type Reach int8

const (
	// Answered: whoever was asked answered, or the transport cannot tell.
	Answered Reach = iota
	// NeverLeft: nothing was sent. A repeat is always safe.
	NeverLeft
	// Lost: the request left and no answer came. It may have run.
	Lost
)

// A Failure describes a failed attempt in terms that every transport has. The
// zero value of each field is the careful one: no wish, no promise.
type Failure struct {
	Err  error       // what the attempt failed with
	Code status.Code // its platform code

	Reach Reach
	Safe  bool // the request may run twice without harm; asked only when Lost

	// Transient: a repeat may help whatever the policy's codes say, such as after
	// an attempt that ran into its own timeout.
	Transient bool
	// Permanent: no repeat will mend it, such as a certificate that does not hold.
	Permanent bool

	Asked  bool          // the server asked to wait
	Delay  time.Duration // how long, if it asked; negative says nothing, and math.MaxInt64 is always too long
	Refuse bool          // the server asked for no retry
}
