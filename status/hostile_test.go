package status_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/dynamicpb"
	"google.golang.org/protobuf/types/known/anypb"

	"github.com/errwire/errwire/status"
)

// functions calls everything that is exported with an error from outside.
var functions = map[string]func(error){
	"CodeOf":        func(err error) { _ = status.CodeOf(err) },
	"ServiceCodeOf": func(err error) { _ = status.ServiceCodeOf(err) },
	"FromError":     func(err error) { _ = status.FromError(err) },
	"Recognize":     func(err error) { _, _ = status.Recognize(err) },
	"HTTPResponse":  func(err error) { status.HTTPResponse(err) },
	"RetryDelay":    func(err error) { status.RetryDelay(err) },
	"IsTLSFailure":  func(err error) { status.IsTLSFailure(err) },
	"Detail":        func(err error) { status.Detail[*errdetails.ErrorInfo](err) },
	"Detail of any": func(err error) { status.Detail[*anypb.Any](err) },
	"Detail of nothing": func(err error) {
		status.Detail[proto.Message](err)
		status.Detail[*dynamicpb.Message](err)
	},
	"predicates": func(err error) {
		for _, row := range errorCodes {
			row.is(err)
		}
	},
	"Public": func(err error) { _ = status.Public(err) },
	"Public with mappers": func(err error) {
		_ = status.Public(err, nil, func(error) *status.Error { panic("mapper") }, status.FromError)
	},
	"Equal": func(err error) {
		status.Equal(err, err)
		status.Equal(err, nil)
		status.Equal(nil, err)
		status.Equal(status.New(status.NotFound, "m"), err)
	},
	"Newf":        func(err error) { _ = status.Newf(status.Internal, "a: %w, %v", err, err) },
	"WithCause":   func(err error) { callAll(status.New(status.Internal, "m").WithCause(err)) },
	"Is":          func(err error) { status.New(status.Internal, "m").Is(err) },
	"ServiceCode": func(err error) { status.ServiceCode{Domain: "d"}.Is(err) },
}

// callAll calls every method of e, with bad arguments too.
func callAll(e *status.Error) {
	_ = e.Error()
	_, _, _, _, _ = e.Code(), e.Message(), e.Origin(), e.Attempts(), e.Unwrap()
	_, _, _, _, _ = e.ServiceCode(), e.Reason(), e.Domain(), e.Metadata(), e.Details()
	_, _ = e.RetryDelay()
	_ = e.HTTPResponse()
	_ = e.GRPCStatus().Proto()
	_ = e.GRPCStatus().Err()
	for _, target := range []error{nil, status.NotFound, status.ServiceCode{}, (*status.Error)(nil), &status.Error{}, e, uncomparable{}, panicking{"x"}} {
		_ = e.Is(target)
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%20.3s", "%-5v", "%!"} {
		_ = fmt.Sprintf(verb, e)
	}
	_ = e.LogValue()
	slog.New(slog.NewJSONHandler(&bytes.Buffer{}, nil)).Error("failed", "error", e)
	slog.New(slog.NewTextHandler(&bytes.Buffer{}, nil)).Error("failed", "error", e)
	_, _ = json.Marshal(map[string]any{"error": e})
	for _, c := range []*status.Error{
		e.WithServiceCode(status.ServiceCode{}),
		e.WithServiceCode(status.ServiceCode{Domain: "\xff", Reason: "\xff"}),
		e.WithMetadata(nil),
		e.WithMetadata(map[string]string{"\xff": "\xff", "": ""}),
		e.WithDetails(),
		e.WithDetails(nil, (*anypb.Any)(nil), (*errdetails.ErrorInfo)(nil), &dynamicpb.Message{}, (*dynamicpb.Message)(nil), &anypb.Any{}),
		e.WithRetryDelay(-1),
		e.WithRetryDelay(1<<63 - 1),
		e.WithCause(nil),
		e.WithCause(e),
		e.WithHTTPResponse(nil),
		e.WithHTTPResponse(&http.Response{}),
		e.WithHTTPResponse(&http.Response{Request: &http.Request{}}),
		e.WithHTTPResponse(&http.Response{Body: panickingBody{}}),
		e.WithOrigin(-1),
		e.WithOrigin(100),
		e.WithAttempts(-1, "\xff"),
		e.WithContextError(nil), //nolint:staticcheck // SA1012: the point
		e.WithContextError(context.Background()),
	} {
		_, _, _ = c.Code(), c.GRPCStatus(), c.LogValue()
		_ = fmt.Sprintf("%+v", c)
		_ = status.Public(c)
	}
}

type panickingBody struct{}

func (panickingBody) Read([]byte) (int, error) { panic("body") }
func (panickingBody) Close() error             { panic("body") }

func TestNothingPanics(t *testing.T) {
	t.Parallel()
	for name, err := range hostile() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for function, call := range functions {
				assert.NotPanics(t, func() { call(err) }, function)
			}
			for _, e := range []*status.Error{
				status.FromError(err),
				status.FromError(fmt.Errorf("%w, %w", errPlain, wrapped{err})),
				status.Public(err),
			} {
				assert.NotPanics(t, func() { callAll(e) })
			}
		})
	}
}

func TestAccessorsOfNil(t *testing.T) {
	t.Parallel()
	var e *status.Error
	assert.NotPanics(t, func() { callAll(e) })
	assert.Equal(t, status.OK, e.Code())
	assert.Empty(t, e.Message())
	assert.Empty(t, e.Error())
	assert.Zero(t, e.ServiceCode())
	assert.Empty(t, e.Reason())
	assert.Empty(t, e.Domain())
	assert.Nil(t, e.Metadata())
	assert.Nil(t, e.Details())
	assert.Zero(t, e.Attempts())
	assert.Equal(t, status.OriginUnspecified, e.Origin())
	assert.Nil(t, e.HTTPResponse())
	assert.Nil(t, e.GRPCStatus())
	assert.NoError(t, e.GRPCStatus().Err())
	assert.NoError(t, e.Unwrap())
	delay, ok := e.RetryDelay()
	assert.Zero(t, delay)
	assert.False(t, ok)
	assert.Equal(t, slog.Value{}, e.LogValue())
	assert.Equal(t, "<nil> <nil>", fmt.Sprintf("%v %+v", e, e))
	for name, c := range map[string]*status.Error{
		"WithServiceCode":  e.WithServiceCode(status.ServiceCode{Domain: "d"}),
		"WithMetadata":     e.WithMetadata(map[string]string{"a": "b"}),
		"WithDetails":      e.WithDetails(&errdetails.BadRequest{}),
		"WithRetryDelay":   e.WithRetryDelay(1),
		"WithCause":        e.WithCause(errPlain),
		"WithHTTPResponse": e.WithHTTPResponse(&http.Response{}),
		"WithOrigin":       e.WithOrigin(status.OriginLocal),
		"WithAttempts":     e.WithAttempts(3, ""),
		"WithContextError": e.WithContextError(t.Context()),
	} {
		assert.Nil(t, c, "%s of nil", name)
	}
	assert.False(t, e.Is(status.OK))
	assert.NotErrorIs(t, e, status.Unknown)
}

func TestWhatHostileErrorsAre(t *testing.T) {
	t.Parallel()
	errs := hostile()
	for name, want := range map[string]status.Code{
		"10,000 wraps":           status.NotFound,
		"10,000 joined":          status.NotFound,
		"10,000 joins deep":      status.NotFound,
		"gRPC of nil details":    status.NotFound,
		"gRPC of broken text":    status.NotFound,
		"gRPC of broken details": status.Aborted,
		"gRPC OK":                status.Unknown,
		"gRPC code 99":           status.Unknown,
		"empty gRPC status":      status.Unknown,
		"zero Error":             status.Unknown,
		"liar":                   status.Cancelled,
		"context":                status.Cancelled,
		// What a dial failed with is unknown here, but not that it failed.
		"dial of half a system error": status.Unavailable,
	} {
		e, recognised := status.Recognize(errs[name])
		assert.True(t, recognised, name)
		assert.Equal(t, want, e.Code(), name)
		delete(errs, name)
	}
	for name, err := range errs {
		e, recognised := status.Recognize(err)
		assert.False(t, recognised, name)
		if err == nil {
			assert.Nil(t, e)
			continue
		}
		assert.Equal(t, status.Unknown, e.Code(), name)
		assert.NotEmpty(t, e.Message(), name)
		assert.Equal(t, status.OriginLocal, e.Origin(), name)
	}
}

func TestTheTextOfAnErrorThatPanicsIsItsType(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "error of type status_test.panicking", status.FromError(panicking{"boom"}).Message())
	assert.Equal(t, "error of type *status_test.nilReceiver", status.FromError((*nilReceiver)(nil)).Message())
	assert.Equal(t, status.Unknown.DefaultMessage(), status.FromError(errors.New("")).Message())
}

func TestTheWalkThroughACircleIsShort(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"circle", "circular join"} {
		err := hostile()[name]
		done := make(chan status.Code)
		go func() { done <- status.CodeOf(err) }()
		select {
		case code := <-done:
			assert.Equal(t, status.Unknown, code, name)
		case <-time.After(time.Minute):
			t.Fatal(name, "never ends")
		}
	}
}
