package status

import (
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"
)

// RetryDelay returns how long the server asks to wait before a retry, by
// google.rpc.RetryInfo: wait at least that long. ok is false when it does not
// ask, or asks for a negative time. A delay too long for a time.Duration is the
// longest there is.
func (e *Error) RetryDelay() (delay time.Duration, ok bool) {
	if e == nil {
		return 0, false
	}
	a := e.list().find(retryInfoName)
	if a == nil {
		return 0, false
	}
	var info errdetails.RetryInfo
	if proto.Unmarshal(a.GetValue(), &info) != nil || info.GetRetryDelay() == nil {
		return 0, false
	}
	asked := info.GetRetryDelay()
	if asked.GetSeconds() < 0 || asked.GetNanos() < 0 {
		return 0, false
	}
	return asked.AsDuration(), true
}

// WithRetryDelay returns a copy that asks the caller to wait that long before a
// retry, by google.rpc.RetryInfo. A negative delay takes the wish away.
func (e *Error) WithRetryDelay(delay time.Duration) *Error {
	if e == nil {
		return nil
	}
	w := e.remake()
	if delay < 0 {
		w.made.list = w.made.list.without(retryInfoName)
	} else {
		info := &errdetails.RetryInfo{RetryDelay: durationpb.New(delay)}
		w.made.list = w.made.list.with(retryInfoName, mustEncode(info))
	}
	return &w.err
}

// RetryDelay is FromError(err).RetryDelay(); it is safe on nil and on any error.
func RetryDelay(err error) (time.Duration, bool) { return FromError(err).RetryDelay() }
