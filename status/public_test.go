package status_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	grpcstatus "google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"

	"github.com/errwire/errwire/status"
)

const secret = "hunter2"

// requireNoSecret looks for it in everything that an error can be made to say.
func requireNoSecret(t *testing.T, e *status.Error) {
	t.Helper()
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Error("failed", "error", e)
	wire, err := proto.Marshal(e.GRPCStatus().Proto())
	require.NoError(t, err)
	for _, text := range []string{fmt.Sprintf("%+v", e), log.String(), string(wire)} {
		require.NotContains(t, text, secret)
	}
	assert.NoError(t, e.Unwrap())
	assert.Nil(t, e.HTTPResponse())
}

// leaky is an *Error with a secret wherever one is not meant to leave.
func leaky(code status.Code) *status.Error {
	return status.New(code, "There is no shelf 42.").
		WithServiceCode(status.ServiceCode{Domain: "library.example.com", Reason: "SHELF_NOT_FOUND"}).
		WithMetadata(map[string]string{"shelf": "42"}).
		WithRetryDelay(time.Second).
		WithDetails(&errdetails.DebugInfo{Detail: secret}, &errdetails.Help{}, &errdetails.DebugInfo{StackEntries: []string{secret}}).
		WithDetails(&anypb.Any{TypeUrl: "\xff" + secret}).
		WithAttempts(3, secret).
		WithCause(errors.New(secret)).
		WithHTTPResponse(&http.Response{
			Status: secret, Header: http.Header{"X": {secret}}, Body: io.NopCloser(bytes.NewReader([]byte(secret))),
		})
}

func TestPublicLetsTheNearestErrorLeaveAsItIs(t *testing.T) {
	t.Parallel()
	want := status.New(status.NotFound, "There is no shelf 42.").
		WithServiceCode(status.ServiceCode{Domain: "library.example.com", Reason: "SHELF_NOT_FOUND"}).
		WithMetadata(map[string]string{"shelf": "42"}).
		WithRetryDelay(time.Second).
		WithDetails(&errdetails.Help{})
	e := leaky(status.NotFound)
	for name, err := range map[string]error{
		"itself":      e,
		"wrapped":     fmt.Errorf("select * from shelves with %s: %w", secret, e),
		"joined":      errors.Join(errors.New(secret), e),
		"gRPC status": fmt.Errorf("%s: %w", secret, e.GRPCStatus().Err()),
		"a service's": fmt.Errorf("%s: %w", secret, e.WithOrigin(status.OriginService)),
		"translated":  status.FromError(fmt.Errorf("%s: %w", secret, e)),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			mapped := false
			public := status.Public(err, func(error) *status.Error { mapped = true; return nil })
			assert.True(t, status.Equal(want, public), "%+v", public)
			assert.False(t, mapped, "it has said what it is")
			requireNoSecret(t, public)
			assert.True(t, status.Equal(public, status.Public(public)), "once is enough")
		})
	}
	assert.Contains(t, fmt.Sprintf("%+v", e), secret, "and the error itself is as it was")
}

func TestPublicOfBareCodes(t *testing.T) {
	t.Parallel()
	for _, row := range errorCodes {
		public := status.Public(fmt.Errorf("%s: %w", secret, row.code))
		assert.True(t, status.Equal(status.New(row.code, ""), public), row.name)
		requireNoSecret(t, public)
	}
	service := status.ServiceCode{Domain: "public.test", Reason: "UNDECLARED"}
	public := status.Public(fmt.Errorf("%s: %w", secret, service))
	assert.Equal(t, service, public.ServiceCode())
	requireNoSecret(t, public)
}

func TestPublicHidesWhatTheServiceDidNotSay(t *testing.T) {
	t.Parallel()
	for _, origin := range []status.Origin{status.OriginLocal, status.OriginIntermediary} {
		for _, row := range errorCodes {
			e := leaky(row.code).WithMetadata(map[string]string{"address": secret}).WithOrigin(origin)
			public := status.Public(fmt.Errorf("%s: %w", secret, e))
			assert.True(t, status.Equal(status.New(row.code, "").WithRetryDelay(time.Second), public), "%+v", public)
			requireNoSecret(t, public)
		}
		bare := status.Public(status.New(status.Unavailable, secret).WithOrigin(origin))
		assert.True(t, status.Equal(status.New(status.Unavailable, ""), bare), "no delay where there was none")
	}
}

func TestPublicOfEndsOfContexts(t *testing.T) {
	t.Parallel()
	for err, want := range map[error]status.Code{
		context.Canceled:         status.Cancelled,
		context.DeadlineExceeded: status.DeadlineExceeded,
	} {
		for _, err := range []error{err, fmt.Errorf("%s: %w", secret, err), errors.Join(errors.New(secret), err), &pathError{secret, err}} {
			public := status.Public(err, func(error) *status.Error { return status.New(status.DataLoss, "asked") })
			assert.True(t, status.Equal(status.New(want, ""), public), "%v: %+v", err, public)
			requireNoSecret(t, public)
		}
	}
	first := status.Public(errors.Join(errPlain, context.DeadlineExceeded, context.Canceled))
	assert.True(t, status.IsDeadlineExceeded(first), "the nearest one")
	for name, err := range map[string]error{
		"a slow disk":       os.ErrDeadlineExceeded,
		"a timeout":         &pathError{secret, liar{}},
		"a dead dependency": io.ErrUnexpectedEOF,
	} {
		public := status.Public(err)
		assert.True(t, status.Equal(status.New(status.Internal, ""), public), "%s is not the caller's: %+v", name, public)
		requireNoSecret(t, public)
	}
}

func TestPublicAsksTheMappersInOrder(t *testing.T) {
	t.Parallel()
	var asked []string
	mapper := func(name string, answer *status.Error) func(error) *status.Error {
		return func(err error) *status.Error {
			asked = append(asked, name)
			assert.ErrorIs(t, err, os.ErrNotExist)
			if name == "panics" {
				panic(secret)
			}
			return answer
		}
	}
	err := fmt.Errorf("open %s: %w", secret, os.ErrNotExist)
	public := status.Public(err,
		nil,
		mapper("not mine", nil),
		mapper("panics", nil),
		mapper("mine", leaky(status.NotFound)),
		mapper("too late", status.New(status.DataLoss, "m")),
	)
	assert.Equal(t, []string{"not mine", "panics", "mine"}, asked)
	assert.True(t, status.Equal(status.Public(leaky(status.NotFound)), public))
	requireNoSecret(t, public)

	hidden := status.Public(err, func(error) *status.Error { return status.New(status.NotFound, secret).WithOrigin(status.OriginLocal) })
	assert.True(t, status.Equal(status.New(status.NotFound, ""), hidden), "the rule holds for a mapper's answer too")
	requireNoSecret(t, hidden)
	zero := status.Public(err, func(error) *status.Error { return &status.Error{} })
	assert.True(t, status.IsUnknown(zero))
}

func TestPublicOfAllElseIsInternal(t *testing.T) {
	t.Parallel()
	for name, err := range map[string]error{
		"plain":     errors.New(secret),
		"wrapped":   fmt.Errorf("%s: %w", secret, os.ErrPermission),
		"joined":    errors.Join(errors.New(secret), errors.New("b")),
		"panicking": panicking{secret},
		"typed nil": (*status.Error)(nil),
	} {
		public := status.Public(err, func(error) *status.Error { return nil })
		assert.True(t, status.Equal(status.New(status.Internal, ""), public), "%s: %+v", name, public)
		requireNoSecret(t, public)
	}
	assert.Nil(t, status.Public(nil))
	assert.Nil(t, status.Public(nil, func(error) *status.Error { return status.New(status.Internal, "asked") }))
	translated := status.Public(status.FromError(errors.New(secret)))
	assert.True(t, status.Equal(status.New(status.Unknown, ""), translated), "a plain error that was translated is Local")
	assert.Equal(t, codes.Internal, status.Public(errPlain).GRPCStatus().Code())
	assert.Equal(t, "m", status.Public(grpcstatus.Error(codes.NotFound, "m")).Message())
}
