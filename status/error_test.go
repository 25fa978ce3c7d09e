package status_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	grpcstatus "google.golang.org/grpc/status"

	"github.com/errwire/errwire/status"
)

func TestNewIsNeverOKAndNeverEmpty(t *testing.T) {
	t.Parallel()
	for _, code := range []status.Code{status.OK, -1, 18, 99, 1 << 30} {
		e := status.New(code, "")
		assert.Equal(t, status.Unknown, e.Code(), "New(%d)", code)
		assert.Equal(t, status.Unknown.DefaultMessage(), e.Message())
	}
}

func TestMessageIsBoundedValidText(t *testing.T) {
	t.Parallel()
	long := status.New(status.Internal, strings.Repeat("ক", 10_000)).Message()
	assert.LessOrEqual(t, len(long), 16<<10)
	assert.Equal(t, strings.Repeat("ক", len(long)/3), long, "cut on a rune")
	assert.Equal(t, "a\uFFFDb", status.New(status.Internal, "a\xffb").Message())
	wide := status.New(status.Internal, "a"+strings.Repeat("🔑", 10_000)).Message()
	assert.Equal(t, "a"+strings.Repeat("🔑", (16<<10)/4-1), wide)
	for _, text := range []string{strings.Repeat("\xff", 32<<10), strings.Repeat("\x80", 32<<10), strings.Repeat("\xffa", 16<<10)} {
		bad := status.New(status.Internal, text).Message()
		assert.LessOrEqual(t, len(bad), 16<<10, "replacing bytes makes text longer")
		assert.True(t, utf8.ValidString(bad))
		assert.Equal(t, "\uFFFD", bad[:3])
	}
}

func TestNewfKeepsTheCause(t *testing.T) {
	t.Parallel()
	cause, other := errors.New("disk full"), errors.New("disk hot")
	e := status.Newf(status.Internal, "write %d: %w", 7, cause)
	assert.Equal(t, "write 7: disk full", e.Message())
	require.ErrorIs(t, e, cause)
	two := status.Newf(status.Internal, "%w and %w", cause, other)
	assert.Equal(t, "disk full and disk hot", two.Message())
	require.ErrorIs(t, two, cause)
	require.ErrorIs(t, two, other)
	assert.NoError(t, status.Newf(status.Internal, "plain").Unwrap())
}

func TestWrappingChangesNeitherCodeNorMessage(t *testing.T) {
	t.Parallel()
	sentinel := errors.New("sentinel")
	st := grpcstatus.Error(codes.Unavailable, "down")
	for name, inner := range map[string]error{
		"gRPC":   st,
		"native": status.New(status.Unavailable, "down"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, err := range []error{
				inner,
				fmt.Errorf("max retries exhausted: failed after 4 attempts: %w", inner),
				errors.Join(inner, sentinel),
				errors.Join(sentinel, fmt.Errorf("b: %w", inner)),
				fmt.Errorf("%w, %w", sentinel, errors.Join(inner)),
			} {
				e := status.FromError(err)
				assert.Equal(t, "down", e.Message())
				assert.Equal(t, status.Unavailable, e.Code())
				assert.True(t, status.IsUnavailable(err))
				assert.ErrorIs(t, e, inner)
			}
			assert.ErrorIs(t, status.FromError(fmt.Errorf("%w: %w", sentinel, inner)), sentinel, "the wrapping stays reachable")
		})
	}
}

func TestTheNearestCodeDecides(t *testing.T) {
	t.Parallel()
	inner := status.New(status.NotFound, "no row")
	outer := status.New(status.Internal, "lookup failed").WithCause(inner)
	assert.True(t, status.IsInternal(outer))
	assert.False(t, status.IsNotFound(outer))
	assert.ErrorIs(t, outer, status.NotFound)
	assert.NotErrorIs(t, outer, status.Unavailable)
	joined := errors.Join(errors.New("x"), status.NotFound, status.Internal)
	assert.True(t, status.IsNotFound(joined), "the first recognised one")
	assert.True(t, status.IsNotFound(errors.Join(context.Canceled, inner)), "what says its code beats what we infer")
}

func TestCodesAndServiceCodesAreSentinels(t *testing.T) {
	t.Parallel()
	service := status.ServiceCode{Domain: "d.example", Reason: "UNDECLARED"}
	e := status.New(status.NotFound, "x").WithServiceCode(service)
	assert.ErrorIs(t, fmt.Errorf("w: %w", e), status.NotFound)
	assert.ErrorIs(t, e, service)
	assert.NotErrorIs(t, e, status.ServiceCode{Domain: "e.example", Reason: "UNDECLARED"})
	assert.NotErrorIs(t, status.New(status.NotFound, "x"), status.ServiceCode{})
	bare := status.FromError(fmt.Errorf("w: %w", service))
	assert.Equal(t, service, bare.ServiceCode())
	assert.Equal(t, status.Unknown, bare.Code())
	assert.True(t, status.IsUnknown(status.OK), "an OK in an error is UNKNOWN")
	assert.False(t, status.IsUnknown(status.ServiceCode{}), "the zero ServiceCode says nothing")
	assert.NotErrorIs(t, status.ServiceCode{}, status.Unknown)
	assert.ErrorIs(t, service, status.Unknown)
}

func TestAnErrorMatchesAnErrorByWhatItSays(t *testing.T) {
	t.Parallel()
	full := status.New(status.FailedPrecondition, "shelf full").WithServiceCode(status.ServiceCode{Domain: "d", Reason: "FULL"})
	other := status.New(status.FailedPrecondition, "anders").WithServiceCode(status.ServiceCode{Domain: "d", Reason: "FULL"})
	assert.ErrorIs(t, full, other)
	assert.ErrorIs(t, status.New(status.NotFound, "a"), status.New(status.NotFound, "a").WithAttempts(2, ""))
	assert.NotErrorIs(t, status.New(status.NotFound, "a"), status.New(status.NotFound, "b"))
	assert.NotErrorIs(t, full, (*status.Error)(nil))
}

func TestWithMethodsChangeACopy(t *testing.T) {
	t.Parallel()
	e := status.New(status.Aborted, "busy")
	metadata := map[string]string{"a": "1"}
	c := e.WithMetadata(metadata).WithServiceCode(status.ServiceCode{Domain: "d", Reason: "R_R"}).
		WithRetryDelay(5).WithAttempts(3, "why").WithOrigin(status.OriginService).WithCause(context.Canceled)
	metadata["a"] = "2"
	c.Metadata()["a"] = "3"
	assert.Equal(t, map[string]string{"a": "1"}, c.Metadata())
	assert.Equal(t, map[string]string{"a": "1", "b": "2"}, c.WithMetadata(map[string]string{"b": "2"}).Metadata(), "WithMetadata merges")
	assert.Equal(t, 3, c.Attempts())
	assert.Equal(t, status.OriginService, c.Origin())
	assert.True(t, status.Equal(e, status.New(status.Aborted, "busy")), "the original is as it was")
	assert.Zero(t, e.Attempts())
	assert.NoError(t, e.Unwrap())
	assert.Empty(t, e.Details())
}
