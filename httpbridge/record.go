package httpbridge

import (
	"context"
	"net/http"

	"github.com/errwire/errwire/status"
)

// A record is how a Client learns what its transport knows: between the two is
// http.Client, which lets nothing through but responses and errors. Of several
// exchanges, as with a redirect, the last one counts.
type record struct {
	attempts int
	left     bool           // a request was sent
	resp     *http.Response // what was answered
	err      *status.Error  // what it was, if it failed
}

type recordKey struct{}

// into returns a context in which the transport keeps the record.
func (r *record) into(ctx context.Context) context.Context {
	return context.WithValue(ctx, recordKey{}, r)
}

// recordOf is the record to keep, or nil.
func recordOf(ctx context.Context) *record {
	r, _ := ctx.Value(recordKey{}).(*record)
	return r
}

// add keeps how an exchange ended.
func (r *record) add(o *outcome, err error, attempts int) {
	if r == nil {
		return
	}
	e, _ := err.(*status.Error) //nolint:errorlint // as retry's Result makes it
	*r = record{attempts: attempts, left: r.left || !o.plain, resp: o.resp, err: e}
}
