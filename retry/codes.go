package retry

import "github.com/errwire/errwire/status"

// A codeSet is a set of platform codes, one bit each.
type codeSet uint32

func (s codeSet) with(code status.Code) codeSet { return s | 1<<code }

// has answers for numbers that no code has, too: a shift past the last bit is 0.
func (s codeSet) has(code status.Code) bool { return code >= 0 && s&(1<<code) != 0 }

// neverRetried are the codes that no policy may name (AIP-194).
var neverRetried = codeSet(0).with(status.OK).with(status.Cancelled).with(status.DeadlineExceeded).
	with(status.InvalidArgument).with(status.DataLoss)

// ofContext are the codes of an attempt that ended because its context did.
var ofContext = codeSet(0).with(status.Cancelled).with(status.DeadlineExceeded)

// ofTimeout are the codes of an attempt that ran into its own timeout. Some
// clients call a connection broken that they cut themselves.
var ofTimeout = ofContext.with(status.Unavailable)

// unwell are the codes after which nobody knows whether the target is well: it
// is down or overloaded, or it was not the target that spoke.
var unwell = ofTimeout.with(status.ResourceExhausted)

// allCodes are the codes there are.
const allCodes = codeSet(1)<<(status.Conflict+1) - 1
