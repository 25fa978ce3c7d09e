package httpbridge

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"

	"github.com/errwire/errwire/status"
)

// maxJSON is the longest success that DoJSON reads.
const maxJSON = 32 << 20

// DoJSON sends a request as [Client.Do] does, and reads the JSON that is answered
// into reply: a pointer, a proto.Message, or nil where nothing is expected. It
// closes the response. A request without an Accept header asks for
// application/json.
//
// A success whose body does not arrive whole, is not JSON or does not fit reply is
// an API error too, with the response: UNAVAILABLE, DEADLINE_EXCEEDED or
// CANCELLED where that is what happened to the connection, RESOURCE_EXHAUSTED
// past 32 MiB, and otherwise UNKNOWN. So is a body that is an error though the
// HTTP status says success, as {"error": {…}}: its code is its own. A resource
// that has an "error" among its members, such as a job that has failed, is none.
// With [WithDialects], whatever one of the dialects takes is an error.
//
// These are not retried: the request was carried out. What of reply is set when
// it fails is not defined. A 204 and an answer to HEAD leave it as it is. A reply
// that cannot be set is a programming error, and the request is not sent.
func (c *Client) DoJSON(req *http.Request, reply any) error {
	if err := checkReply(reply); err != nil {
		closeRequest(req)
		return err
	}
	resp, attempts, err := c.do(acceptingJSON(req))
	if err != nil {
		return err
	}
	defer closeResponse(resp)
	if e := c.readJSON(req.Context(), resp, reply); e != nil {
		return e.WithAttempts(attempts, "").WithContextError(req.Context())
	}
	return nil
}

// checkReply refuses what JSON cannot be read into.
func checkReply(reply any) error {
	if reply == nil {
		return nil
	}
	if v := reflect.ValueOf(reply); v.Kind() != reflect.Pointer || v.IsNil() {
		return fmt.Errorf("httpbridge: DoJSON: reply is a %T: want a pointer that is not nil", reply)
	}
	return nil
}

// acceptingJSON is req, or a copy that says what is wanted.
func acceptingJSON(req *http.Request) *http.Request {
	if req == nil || req.Header["Accept"] != nil {
		return req
	}
	asking := req.WithContext(req.Context())
	if asking.Header = req.Header.Clone(); asking.Header == nil {
		asking.Header = http.Header{}
	}
	asking.Header.Set("Accept", "application/json")
	return asking
}

// readJSON reads a success. The response in an error has the body, up to 1 MiB.
func (c *Client) readJSON(ctx context.Context, resp *http.Response, reply any) *status.Error {
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxJSON+1))
	// A copy, as what is left of resp.Body is not to be read for it.
	answered := *resp
	answered.Body = io.NopCloser(bytes.NewReader(body))
	switch {
	case err != nil:
		return cutShort(ctx, err).WithHTTPResponse(&answered)
	case len(body) > maxJSON:
		e := status.Newf(status.ResourceExhausted, "the response body is longer than %d MiB", maxJSON>>20)
		return e.WithOrigin(status.OriginLocal).WithHTTPResponse(&answered)
	}
	if e := c.errorIn(resp, body); e != nil {
		return e.WithHTTPResponse(&answered)
	}
	if reply == nil || len(body) == 0 && maybeEmpty(resp) {
		return nil
	}
	if err = unmarshal(body, reply); err != nil {
		return unreadable(err).WithHTTPResponse(&answered)
	}
	return nil
}

// cutShort is the error of a body that did not arrive.
func cutShort(ctx context.Context, err error) *status.Error {
	e, recognised := recognise(err)
	if !recognised && ctx.Err() != nil { // net/http returns the cause, which may be anything
		e = status.FromError(ctx.Err())
	}
	return status.New(e.Code(), "the response body did not arrive: "+e.Message()).
		WithOrigin(status.OriginLocal).WithCause(err)
}

// unreadable is the error of a body that is not what was expected.
func unreadable(err error) *status.Error {
	return status.New(status.Unknown, "the response body is not the expected JSON: "+err.Error()).
		WithOrigin(status.OriginLocal).WithCause(err)
}

func maybeEmpty(resp *http.Response) bool {
	return resp.StatusCode == http.StatusNoContent || resp.StatusCode == http.StatusResetContent ||
		resp.Request != nil && resp.Request.Method == http.MethodHead
}

func unmarshal(body []byte, reply any) error {
	if m, ok := reply.(proto.Message); ok {
		return readOptions.Unmarshal(body, m)
	}
	return json.Unmarshal(body, reply)
}

// errorIn is the error that the body of a success is, or nil.
func (c *Client) errorIn(resp *http.Response, body []byte) *status.Error {
	a := &Answer{HTTPStatus: resp.StatusCode, Header: resp.Header, Body: body[:min(len(body), maxBody)]}
	for _, dialect := range c.transport.dialects {
		if e := ask(dialect, a); e != nil {
			return complete(e, a)
		}
	}
	if c.transport.dialects != nil || !a.evidentError() {
		a.release()
		return nil
	}
	return Auto(a)
}

// envelope are the members that stand beside the "error" of an answer that is
// nothing else. With others, unless they are null, it is a resource that tells of
// an error: a job or a long-running operation that has failed.
var envelope = []string{
	"error", "jsonrpc", "id", "type", "code", "status", "success", "ok", "message",
	"requestId", "request_id", "traceId", "trace_id", "timestamp", "path",
}

// evidentError reports whether a body is an error whatever the HTTP status says.
// Recognition by itself takes a resource that has a code and a message for one.
func (a *Answer) evidentError() bool {
	if strings.HasPrefix(a.mediaType(), "application/problem+") {
		return true
	}
	root := a.root()
	switch {
	case root.get("error").isObject():
		return onlyEnvelope(root)
	case root.get("error").isString():
		return root.get("error_description").isString()
	case root.get("errors").isArray():
		return root.get("data").isNull() // GraphQL: nothing but errors
	default:
		return root.get("kind").is("Status") && root.get("status").is("Failure")
	}
}

func onlyEnvelope(root value) bool {
	for name, member := range root.members() {
		if !member.isNull() && !slices.Contains(envelope, name) {
			return false
		}
	}
	return true
}
