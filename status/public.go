package status

// Public returns what of err may leave the process; it is the rule that the
// server interceptors and httpbridge follow, for a service's own tests of its
// handlers. It is nil for nil.
//
//   - The nearest *Error or gRPC status in the tree of err leaves as it is,
//     without the text that wrapped it, its cause, and DebugInfo. So do a bare
//     [Code] and [ServiceCode]. One that this side or a proxy made
//     ([OriginLocal], [OriginIntermediary]) leaves with its code, the code's
//     fixed message and its retry delay only: addresses of backends are nobody's
//     business.
//   - The end of a context is CANCELLED or DEADLINE_EXCEEDED, with the fixed
//     message. Other timeouts are the service's own affair: a slow disk is not
//     the caller's deadline.
//   - Then the mappers are asked, in order; the first that does not answer nil
//     decides. One that panics has not answered. They are not asked about an
//     error that wraps itself, for which errors.Is never returns.
//   - Everything else is INTERNAL with the fixed message.
func Public(err error, mappers ...func(error) *Error) *Error {
	if err == nil {
		return nil
	}
	var f finding
	f.find(err)
	if f.said() {
		return FromError(err).public()
	}
	if f.context != OK {
		return New(f.context, "")
	}
	for _, mapper := range mappers {
		if mapper == nil || f.endless {
			continue
		}
		if mapped := guard(func() *Error { return mapper(err) }); mapped != nil {
			return mapped.public()
		}
	}
	return New(Internal, "")
}

// public is e as it may leave.
func (e *Error) public() *Error {
	if origin := e.Origin(); origin == OriginLocal || origin == OriginIntermediary {
		p := New(e.Code(), "")
		if delay, ok := e.RetryDelay(); ok {
			p = p.WithRetryDelay(delay)
		}
		return p
	}
	p := e.copy()
	p.cause, p.rare = nil, nil
	if p.list().find(debugInfoName) != nil {
		w := p.remake()
		w.made.list = w.made.list.without(debugInfoName)
		return &w.err
	}
	return p
}
