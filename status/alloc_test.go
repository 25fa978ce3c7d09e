package status_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	grpcstatus "google.golang.org/grpc/status"

	"github.com/errwire/errwire/status"
)

func TestAllocations(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector allocates too")
	}
	code := status.ServiceCode{Domain: "library.example.com", Reason: "SHELF_NOT_FOUND"}
	rich := status.New(status.NotFound, "There is no shelf 42.").
		WithServiceCode(code).WithMetadata(map[string]string{"shelf": "42"}).WithRetryDelay(5).WithDetails(&errdetails.Help{})
	fromServer := rich.GRPCStatus().Err()
	aborted := status.New(status.Aborted, "busy").WithServiceCode(code).GRPCStatus().Err()
	translated := status.FromError(fromServer)
	require.Equal(t, code, translated.ServiceCode(), "asked for once, known from then on")
	wrapped := fmt.Errorf("a: %w", fmt.Errorf("b: %w", rich))
	joinedErr := errors.Join(errPlain, fmt.Errorf("%w, %w", errPlain, rich))
	var none *status.Error
	metadata := map[string]string{"shelf": "42"}
	var sentinel error = code

	tests := []struct {
		name string
		want float64
		run  func()
	}{
		{"a predicate on nil", 0, func() { status.IsNotFound(nil) }},
		{"a predicate on a gRPC status", 0, func() { status.IsNotFound(fromServer) }},
		{"another predicate on a gRPC status", 0, func() { status.IsUnavailable(fromServer) }},
		{"a predicate on ABORTED", 0, func() { status.IsConflict(aborted) }},
		{"a predicate on an *Error", 0, func() { status.IsNotFound(rich) }},
		{"a predicate on a wrapped *Error", 0, func() { status.IsNotFound(wrapped) }},
		{"a predicate on a joined *Error", 0, func() { status.IsNotFound(joinedErr) }},
		{"a predicate on a code", 0, func() { status.IsNotFound(status.NotFound) }},
		{"a predicate on the end of a context", 0, func() { status.IsCancelled(context.Canceled) }},
		{"a predicate on a plain error", 0, func() { status.IsUnknown(errPlain) }},
		{"CodeOf", 0, func() { _ = status.CodeOf(fromServer) }},
		{"FromError of nil", 0, func() { _ = status.FromError(nil) }},
		{"FromError of an *Error", 0, func() { _ = status.FromError(rich) }},
		{"FromError of a gRPC status and a predicate", 1, func() { status.IsNotFound(status.FromError(fromServer)) }},
		{"FromError of ABORTED and a predicate", 1, func() { status.IsAborted(status.FromError(aborted)) }},
		{"FromError of a wrapped *Error", 1, func() { _ = status.FromError(wrapped).Code() }},
		{"the reason, for the first time", 4, func() { _ = status.FromError(fromServer).Reason() }},
		{"the reason, from then on", 0, func() { _ = translated.Reason() }},
		{"the reason of a copy", 1, func() { _ = translated.WithAttempts(1, "").Reason() }},
		{"errors.Is of a service code", 0, func() { translated.Is(sentinel) }},
		{"ServiceCodeOf an *Error", 0, func() { _ = status.ServiceCodeOf(translated) }},
		{"a detail that is not there", 1, func() { status.Detail[*errdetails.BadRequest](translated) }},
		{"New", 1, func() { sinkError = status.New(status.NotFound, "m") }},
		{"an error with a service code", 2, func() { sinkError = status.New(status.NotFound, "m").WithServiceCode(code) }},
		{"an error in steps: the last of them, and what it is made of", 3, func() {
			sinkError = status.New(status.NotFound, "m").WithServiceCode(code).WithMetadata(metadata)
		}},
		{"and its gRPC status, 5 of grpc-go's own", 8, func() {
			sinkError = status.New(status.NotFound, "m").WithServiceCode(code).WithMetadata(metadata)
			_ = sinkError.GRPCStatus()
		}},
		{"the same from an ErrorInfo, which is one more", 8, func() {
			sinkError = status.New(status.NotFound, "m").
				WithDetails(&errdetails.ErrorInfo{Domain: code.Domain, Reason: code.Reason, Metadata: metadata})
			_ = sinkError.GRPCStatus()
		}},
		{"a gRPC status for the second time", 0, func() { rich.GRPCStatus() }},
		{"accessors of nil", 0, func() { _, _, _ = none.Code(), none.Message(), none.Reason() }},
		{"a status that was received", 0, func() { translated.GRPCStatus() }},
	}
	for _, test := range tests {
		assert.LessOrEqual(t, testing.AllocsPerRun(100, test.run), test.want, test.name)
	}
	bare := grpcstatus.Error(codes.NotFound, "m")
	assert.LessOrEqual(t, testing.AllocsPerRun(100, func() { _ = status.FromError(bare).Details() }), 1.0, "details that are not there")
}

var sinkError *status.Error
