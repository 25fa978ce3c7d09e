package status

import "google.golang.org/genproto/googleapis/rpc/errdetails"

// made is what an error that was not received says beside its code and message.
// It does not change once it is in an Error. The ErrorInfo of an error that is
// being made changes with every step, so it is encoded when the steps are over.
type made struct {
	list details
	info info // unless it is zero, the ErrorInfo; one in list only keeps its place
}

// An info is an ErrorInfo.
type info struct {
	ServiceCode
	rest []byte // its other fields, encoded: the metadata, sorted, and what this program does not know
}

func (i *info) zero() bool { return i.Reason == "" && i.Domain == "" && len(i.rest) == 0 }

// infoOf takes a decoded ErrorInfo apart.
func infoOf(m *errdetails.ErrorInfo) info {
	i, _ := plainInfo(m)
	i.rest = append(i.rest, m.ProtoReflect().GetUnknown()...)
	return i
}

// plainInfo takes an ErrorInfo apart whose fields this program knows. ok is false
// where not all of it is text.
func plainInfo(m *errdetails.ErrorInfo) (i info, ok bool) {
	i.Domain, i.Reason = m.GetDomain(), m.GetReason()
	i.rest, ok = encodeMetadata(m.GetMetadata())
	return i, ok && isText(i.Domain) && isText(i.Reason)
}

// list returns the details of e. The ErrorInfo among them may be out of date.
func (e *Error) list() details {
	switch {
	case e.received != nil:
		return peek(e.received).GetDetails()
	case e.made != nil:
		return e.made.list
	default:
		return nil
	}
}

// info returns the ErrorInfo of e if it is not in the list, or nil.
func (e *Error) info() *info {
	if e.made == nil || e.made.info.zero() {
		return nil
	}
	return &e.made.info
}

// load returns the details of e.
func (e *Error) load() details {
	if i := e.info(); i != nil {
		return e.made.list.with(errorInfoName, i.encode())
	}
	return e.list()
}

// A whole is an Error and what it is made of, in one piece of memory.
type whole struct {
	err  Error
	made made
}

// remake returns a copy of e whose details may be changed, until it is handed
// out.
func (e *Error) remake() *whole {
	w := new(whole)
	w.err.copyPlain(e)
	w.err.made = &w.made
	w.made.take(e)
	return w
}

// take makes m, which is empty, what e is made of.
func (m *made) take(e *Error) {
	if e.made != nil {
		*m = *e.made
	} else {
		m.list = e.list()
	}
}

// change lets f change the ErrorInfo. One that says nothing afterwards is taken
// out.
func (m *made) change(f func(i *info)) {
	if m.info.zero() && m.list.find(errorInfoName) != nil {
		m.info = infoOf(m.list.errorInfo())
	}
	f(&m.info)
	if m.info.zero() {
		m.list = m.list.without(errorInfoName)
	}
}
