package status_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/codes"
	grpcstatus "google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"

	"github.com/errwire/errwire/status"
)

func TestChangingWhatWasPassedInChangesNothing(t *testing.T) {
	t.Parallel()
	metadata := map[string]string{"k": "v"}
	help := &errdetails.Help{Links: []*errdetails.Help_Link{{Url: "https://example.com"}}}
	unknown := &anypb.Any{TypeUrl: "acme.example/acme.Unknown", Value: []byte("abc")}
	messages := []proto.Message{help, unknown}
	resp := &http.Response{
		StatusCode: 404, Status: "404 Not Found",
		Header:  http.Header{"X-A": {"1"}},
		Body:    io.NopCloser(bytes.NewReader([]byte("body"))),
		Request: &http.Request{Method: http.MethodGet, URL: &url.URL{Host: "a.example"}, Header: http.Header{"X-B": {"2"}}},
	}
	e := status.New(status.NotFound, "m").WithMetadata(metadata).WithDetails(messages...).WithHTTPResponse(resp)
	want := fmt.Sprintf("%+v", e)
	before := e.Details()

	metadata["k"], metadata["l"] = "changed", "changed"
	help.Links[0].Url = "changed"
	unknown.Value[0] = 'X'
	messages[0] = nil
	resp.StatusCode, resp.Status = 500, "500"
	resp.Header.Set("X-A", "changed")
	resp.Header["X-A"][0] = "changed"
	resp.Request.Header.Set("X-B", "changed")
	resp.Request.URL.Host = "changed"

	assert.Equal(t, want, fmt.Sprintf("%+v", e))
	protoEqual(t, before, e.Details())
	kept := e.HTTPResponse()
	assert.Equal(t, 404, kept.StatusCode)
	assert.Equal(t, "1", kept.Header.Get("X-A"))
	assert.Equal(t, "2", kept.Request.Header.Get("X-B"))
	assert.Equal(t, "a.example", kept.Request.URL.Host)
}

func TestChangingWhatAccessorsReturnChangesNothing(t *testing.T) {
	t.Parallel()
	wire := &spb.Status{Code: int32(codes.NotFound), Message: "m", Details: []*anypb.Any{
		packed(t, &errdetails.ErrorInfo{Reason: "R_R", Domain: "d", Metadata: map[string]string{"k": "v"}}),
		packed(t, &errdetails.Help{Links: []*errdetails.Help_Link{{Url: "https://example.com"}}}),
		{TypeUrl: "acme.example/acme.Unknown", Value: []byte("abc")},
	}}
	for name, e := range map[string]*status.Error{
		"from gRPC": status.FromError(grpcstatus.ErrorProto(wire)),
		"made here": status.FromWire(status.NotFound, "m", status.OriginUnspecified, proto.CloneOf(wire).GetDetails()),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := e.WithHTTPResponse(&http.Response{
				StatusCode: 404, Header: http.Header{"X-A": {"1"}}, Trailer: http.Header{"X-T": {"3"}},
				Request: &http.Request{URL: &url.URL{Host: "a.example"}, Header: http.Header{"X-B": {"2"}}},
			})
			e.Metadata()["k"] = "changed"
			details := e.Details()
			details[0].(*errdetails.ErrorInfo).Reason = "changed"
			details[1].(*errdetails.Help).Links[0].Url = "changed"
			details[2].(*anypb.Any).Value[0] = 'X'
			details[0] = nil
			help, _ := status.Detail[*errdetails.Help](e)
			help.Links = nil
			e.GRPCStatus().Proto().Details[0].Value[0] = 'X'
			resp := e.HTTPResponse()
			resp.StatusCode = 500
			resp.Header["X-A"][0] = "changed"
			resp.Trailer.Del("X-T")
			resp.Request.Header.Set("X-B", "changed")
			resp.Request.URL.Host = "changed"

			assert.True(t, proto.Equal(wire, e.GRPCStatus().Proto()))
			assert.Equal(t, "R_R", e.Reason())
			assert.Equal(t, map[string]string{"k": "v"}, e.Metadata())
			protoEqual(t, status.FromError(grpcstatus.ErrorProto(wire)).Details(), e.Details())
			resp = e.HTTPResponse()
			assert.Equal(t, 404, resp.StatusCode)
			assert.Equal(t, "1", resp.Header.Get("X-A"))
			assert.Equal(t, "3", resp.Trailer.Get("X-T"))
			assert.Equal(t, "2", resp.Request.Header.Get("X-B"))
			assert.Equal(t, "a.example", resp.Request.URL.Host)
		})
	}
}

func TestCopiesOfOneErrorShareNothingThatChanges(t *testing.T) {
	t.Parallel()
	e := status.New(status.NotFound, "m").WithDetails(&errdetails.Help{}, nil)
	a, b := e.WithDetails(&errdetails.BadRequest{}, nil), e.WithDetails(&errdetails.LocalizedMessage{}, nil, nil)
	protoEqual(t, []proto.Message{&errdetails.Help{}}, e.Details())
	protoEqual(t, []proto.Message{&errdetails.Help{}, &errdetails.BadRequest{}}, a.Details())
	protoEqual(t, []proto.Message{&errdetails.Help{}, &errdetails.LocalizedMessage{}}, b.Details())
	assert.Contains(t, slogText(a), "[nil detail nil detail]")
	assert.Contains(t, slogText(b), "[nil detail nil detail nil detail]")

	for n := range 9 { // lists with room for more, too
		many := make([]proto.Message, n)
		for i := range many {
			many[i] = &errdetails.Help{}
		}
		e := status.New(status.NotFound, "m").WithDetails(many...)
		a := e.WithDetails(&errdetails.BadRequest{})
		b := e.WithDetails(&errdetails.LocalizedMessage{})
		c := e.WithRetryDelay(5).WithServiceCode(status.ServiceCode{Reason: "R_R"}).WithRetryDelay(-1)
		protoEqual(t, many, e.Details())
		protoEqual(t, append(slices.Clip(many), &errdetails.BadRequest{}), a.Details())
		protoEqual(t, append(slices.Clip(many), &errdetails.LocalizedMessage{}), b.Details())
		assert.Len(t, c.Details(), n+1)
	}
}

// TestOneErrorAmongGoroutines is for the race detector: what is decoded when it
// is first asked for is asked for by all at once.
func TestOneErrorAmongGoroutines(t *testing.T) {
	t.Parallel()
	rich := status.New(status.NotFound, "m").
		WithServiceCode(status.ServiceCode{Domain: "d", Reason: "R_R"}).
		WithMetadata(map[string]string{"k": "v"}).
		WithRetryDelay(5).
		WithDetails(&errdetails.Help{}).
		WithHTTPResponse(&http.Response{StatusCode: 404, Body: io.NopCloser(bytes.NewReader([]byte("body")))})
	busy := status.New(status.Conflict, "busy")
	for range 50 {
		for name, e := range map[string]*status.Error{
			"from gRPC":          status.FromError(rich.GRPCStatus().Err()),
			"made here":          rich.WithAttempts(1, ""),
			"CONFLICT":           status.New(status.Conflict, "busy"),
			"CONFLICT from gRPC": status.FromError(busy.GRPCStatus().Err()),
			"bare":               status.New(status.NotFound, "m"),
		} {
			want := rich
			if status.IsConflict(e) {
				want = busy
			} else if name == "bare" {
				want = status.New(status.NotFound, "m")
			}
			var wg sync.WaitGroup
			statuses := make([]*grpcstatus.Status, 8)
			for i := range statuses {
				wg.Go(func() {
					// Each goroutine begins with another accessor.
					for j := range 8 {
						switch (i + j) % 8 {
						case 0:
							assert.Equal(t, want.ServiceCode(), e.ServiceCode(), name)
						case 1:
							assert.Equal(t, want.Metadata(), e.Metadata(), name)
						case 2:
							assert.Len(t, e.Details(), len(want.Details()), name)
						case 3:
							statuses[i] = e.GRPCStatus()
						case 4:
							assert.True(t, status.Equal(want, e.WithAttempts(2, "")), name)
						case 5:
							assert.True(t, status.Equal(want, e.WithContextError(context.Background())), name)
						case 6:
							_ = fmt.Sprintf("%+v", e)
						case 7:
							if resp := e.HTTPResponse(); resp != nil {
								body, err := io.ReadAll(resp.Body)
								assert.NoError(t, err)
								assert.Equal(t, "body", string(body))
							}
						}
					}
				})
			}
			wg.Wait()
			for _, st := range statuses {
				require.Same(t, statuses[0], st, "%s: one status for all", name)
			}
		}
	}
}
