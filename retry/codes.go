package retry

import "github.com/errwire/errwire/status"

// A codeSet is a set of platform codes, one bit each.
type codeSet uint32

func (s codeSet) with(code status.Code) codeSet { return s | 1<<code }

func (s codeSet) has(code status.Code) bool {
	return code >= 0 && code <= status.Conflict && s&(1<<code) != 0
}

// neverRetried are the codes that no policy may name (AIP-194).
var neverRetried = codeSet(0).with(status.OK).with(status.Cancelled).with(status.DeadlineExceeded).
	with(status.InvalidArgument).with(status.DataLoss)

// allCodes are the codes there are.
const allCodes = codeSet(1)<<(status.Conflict+1) - 1
