package interceptors_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"github.com/grpc-ecosystem/go-grpc-middleware/v2/interceptors/recovery"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	pb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/metadata"

	"github.com/errwire/errwire/interceptors"
	"github.com/errwire/errwire/status"
)

// lines are the log lines of what handle returns to one unary call.
func lines(t *testing.T, handle handler, opts ...interceptors.ServerOption) []map[string]any {
	t.Helper()
	var log bytes.Buffer
	intercept := interceptors.UnaryServerInterceptor(append(opts, interceptors.WithLogger(logTo(&log)))...)
	ctx := metadata.NewIncomingContext(t.Context(), metadata.Pairs("x-request-id", "r-1"))
	_, err := intercept(ctx, nil, &grpc.UnaryServerInfo{FullMethod: "/library.v1.Shelves/Get"},
		func(ctx context.Context, _ any) (any, error) { return nil, handle(ctx) })
	require.Error(t, err)
	var lines []map[string]any
	for line := range bytes.Lines(log.Bytes()) {
		var fields map[string]any
		require.NoError(t, json.Unmarshal(line, &fields))
		assert.Equal(t, "r-1", fields["request_id"])
		assert.Equal(t, "/library.v1.Shelves/Get", fields["method"])
		lines = append(lines, fields)
	}
	return lines
}

func TestTheLogHasWhatTheCallerIsNotTold(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		handle handler
		level  string // "": nothing is logged
		fields map[string]string
	}{
		{"plain error", fails(fmt.Errorf("query: %w", errors.New(secret))), "ERROR",
			map[string]string{"error": "query: " + secret, "error_type": "*fmt.wrapError", "code": "INTERNAL"}},
		{"panic", func(context.Context) error { panic(secret) }, "ERROR",
			map[string]string{"panic": secret, "stack": "server_log_test.go", "msg": "handler panicked"}},
		{"own fault with a cause", fails(status.New(status.DataLoss, "").WithCause(errors.New(secret))), "ERROR",
			map[string]string{"cause": secret, "code": "DATA_LOSS"}},
		{"cause further in", fails(fmt.Errorf("x: %w", status.New(status.Internal, "").WithCause(errors.New(secret)))), "ERROR",
			map[string]string{"cause": secret}},
		{"unknown", fails(status.ServiceCode{Domain: domain, Reason: "NOT_DECLARED"}), "ERROR", map[string]string{"code": "UNKNOWN"}},
		{"proxy before a backend", fails(status.New(status.Unavailable, "<html>"+secret).WithOrigin(status.OriginIntermediary)), "WARN",
			map[string]string{"error": "<html>" + secret}},
		{"cause in a joined error", fails(errors.Join(nil, errFull, status.New(status.Internal, ""),
			fmt.Errorf("x: %w, %w", errFull, status.New(status.Internal, "").WithCause(errors.New("root "+secret))))), "ERROR",
			map[string]string{"cause": "root " + secret}},
		{"backend out of reach", fails(status.New(status.Unavailable, "dial tcp "+secret).WithOrigin(status.OriginLocal)), "WARN",
			map[string]string{"error": "dial tcp " + secret, "code": "UNAVAILABLE"}},
		{"error that panics", fails(evil{}), "ERROR", map[string]string{"error_type": "interceptors_test.evil"}},
		{"trimmed", fails(status.New(status.NotFound, times(english, 15*kib))), "WARN",
			map[string]string{"msg": "status trimmed to its size limit", "lost": "message_tail"}},
		{"load shed", fails(status.New(status.Unavailable, "")), "", nil},
		{"relayed", fails(status.New(status.Unavailable, "").WithOrigin(status.OriginService)), "", nil},
		{"caller's fault", fails(status.New(status.NotFound, "x").WithCause(errFull)), "", nil},
		{"caller gone", fails(context.Canceled), "", nil},
		{"too slow a backend", fails(status.New(status.DeadlineExceeded, "").WithOrigin(status.OriginLocal)), "", nil},
		{"mapped", fails(errFull), "", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := lines(t, tt.handle, interceptors.WithMapper(interceptors.MapIs(errFull, status.ResourceExhausted)))
			if tt.level == "" {
				assert.Empty(t, got)
				return
			}
			require.Len(t, got, 1)
			assert.Equal(t, tt.level, got[0]["level"])
			for key, want := range tt.fields {
				assert.Contains(t, fmt.Sprint(got[0][key]), want, key)
			}
		})
	}
}

func TestTheHookSeesWhatIsSentAndWhy(t *testing.T) {
	t.Parallel()
	type event struct {
		sent  *status.Error
		cause error
	}
	var mu sync.Mutex
	var events []event
	hook := interceptors.WithErrorHook(func(_ context.Context, sent *status.Error, cause error) {
		mu.Lock()
		defer mu.Unlock()
		events = append(events, event{sent, cause})
	})
	handle := func(ctx context.Context) error {
		if md, _ := metadata.FromIncomingContext(ctx); md.Get("panic") != nil {
			panic(secret)
		}
		return errFull
	}
	opts := []interceptors.ServerOption{hook, interceptors.WithDomain(domain), interceptors.WithLogger(discard)}
	client := pb.NewTestServiceClient(dial(t, serve(t, handle, interceptors.ServerOptions(opts...)...)))
	for _, kind := range kinds {
		events = nil
		_, _, err := kind.call(t.Context(), client)
		require.Error(t, err)
		_, _, err = kind.call(metadata.AppendToOutgoingContext(t.Context(), "panic", "yes"), client)
		require.Error(t, err)
		mu.Lock()
		require.Len(t, events, 2, kind.name)
		assert.ErrorIs(t, events[0].cause, errFull)
		assert.True(t, status.Equal(err, events[1].sent), "both are INTERNAL, and complete")
		var panicked *recovery.PanicError
		require.ErrorAs(t, events[1].cause, &panicked)
		assert.Equal(t, secret, panicked.Panic)
		mu.Unlock()
	}
}

func TestNothingOfTheServiceCanSpoilTheStatus(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	intercept := interceptors.UnaryServerInterceptor(
		interceptors.WithLogger(logTo(&log)),
		interceptors.WithServiceDomain(func(string) string { panic(secret) }),
		interceptors.WithRequestID(func(context.Context) string { panic(secret) }),
		interceptors.WithStrict(func(interceptors.Violation) { panic(secret) }),
		interceptors.WithLocalizer(func(string, *status.Error) (string, string) { panic(secret) }),
		interceptors.WithErrorHook(func(context.Context, *status.Error, error) { panic(secret) }),
		interceptors.WithMapper(func(error) *status.Error { panic(secret) }),
	)
	ctx := metadata.NewIncomingContext(t.Context(), metadata.Pairs("accept-language", "it"))
	_, err := intercept(ctx, nil, &grpc.UnaryServerInfo{}, func(context.Context, any) (any, error) { return nil, errFull })
	assert.True(t, status.IsInternal(err))
	assert.Equal(t, status.Internal.DefaultMessage(), err.Error())
	for _, function := range []string{"service domain", "request id", "strict", "localizer", "error hook"} {
		assert.Contains(t, log.String(), `"function":"`+function+`"`)
	}

	intercept = interceptors.UnaryServerInterceptor(interceptors.WithLogger(slog.New(panickingHandler{})), interceptors.WithDomain(""))
	_, err = intercept(t.Context(), nil, nil, noUnary)
	require.ErrorContains(t, err, "WithDomain")

	intercept = interceptors.UnaryServerInterceptor(interceptors.WithLogger(slog.New(panickingHandler{})))
	_, err = intercept(t.Context(), nil, nil, func(context.Context, any) (any, error) { return nil, errFull })
	assert.True(t, status.IsInternal(err))
}

// A bomb panics when it is printed, and so does what it panics with: fmt gives up.
type bomb struct{}

func (bomb) String() string { panic(bomb{}) }

func TestAPanicThatCannotBePrintedIsLoggedByItsType(t *testing.T) {
	t.Parallel()
	explode := func(context.Context) error { panic(bomb{}) }
	got := lines(t, explode, interceptors.WithErrorHook(func(context.Context, *status.Error, error) { panic(bomb{}) }))
	require.Len(t, got, 2)
	assert.Equal(t, "handler panicked", got[0]["msg"])
	assert.Equal(t, "function of the service panicked", got[1]["msg"])
	for _, line := range got {
		assert.Equal(t, "no text: interceptors_test.bomb panicked", line["panic"])
		assert.Contains(t, line["stack"], "server_log_test.go")
	}
}

// The name of a method is the caller's, and may be as long as a header list.
func TestTheLogTakesNoMoreOfATextThanItsLimit(t *testing.T) {
	t.Parallel()
	const limit = 16 * kib
	long := strings.Repeat("x", limit+1)
	var log bytes.Buffer
	intercept := interceptors.UnaryServerInterceptor(interceptors.WithLogger(logTo(&log)))
	for _, handle := range []handler{
		fails(status.New(status.Internal, "").WithCause(errors.New(long))),
		fails(errors.New(long)),
		func(context.Context) error { panic(long) },
	} {
		log.Reset()
		_, err := intercept(t.Context(), nil, &grpc.UnaryServerInfo{FullMethod: long},
			func(ctx context.Context, _ any) (any, error) { return nil, handle(ctx) })
		require.Error(t, err)
		var fields map[string]any
		require.NoError(t, json.Unmarshal(log.Bytes(), &fields))
		for key, value := range fields {
			assert.LessOrEqual(t, len(fmt.Sprint(value)), limit, key)
		}
		assert.Len(t, fields["method"], limit)
		assert.NotContains(t, fields, "request_id", "none is known")
	}
}

func TestNilArgumentsAreRefused(t *testing.T) {
	t.Parallel()
	unary, stream := interceptors.UnaryServerInterceptor(), interceptors.StreamServerInterceptor()
	_, err := unary(t.Context(), nil, nil, nil)
	require.EqualError(t, err, "interceptors: nil context, stream or handler")
	_, err = unary(nil, nil, nil, func(context.Context, any) (any, error) { return nil, nil })
	require.Error(t, err)
	require.Error(t, stream(nil, nil, nil, func(any, grpc.ServerStream) error { return nil }))
	require.Error(t, stream(nil, nil, nil, nil))
	require.EqualError(t, stream(nil, noStream{}, nil, nil), "interceptors: nil context, stream or handler")
	require.EqualError(t, stream(nil, noContext{}, nil, noHandler), "interceptors: nil context, stream or handler")
	assert.True(t, status.IsUnimplemented(interceptors.UnknownMethodHandler(nil, nil)))
}

// noContext is a stream of somebody who has forgotten the context.
type noContext struct{ grpc.ServerStream }

func (noContext) Context() context.Context { return nil }

func TestAnErrorComesWithoutAReply(t *testing.T) {
	t.Parallel()
	reply, err := interceptors.UnaryServerInterceptor()(t.Context(), nil, nil,
		func(context.Context, any) (any, error) { return "half a reply", status.NotFound })
	require.Error(t, err)
	assert.Nil(t, reply)
}

func TestTheHookSeesNothingButWhatIsSent(t *testing.T) {
	t.Parallel()
	trimmed := status.New(status.NotFound, times(english, 15*kib)).WithCause(errFull).WithOrigin(status.OriginService)
	var sent *status.Error
	hook := interceptors.WithErrorHook(func(_ context.Context, e *status.Error, _ error) { sent = e })
	calls := 0
	log := lines(t, fails(trimmed), hook, interceptors.WithErrorHook(func(context.Context, *status.Error, error) { calls++ }))
	assert.Equal(t, 1, calls, "both hooks are called")
	require.Len(t, log, 1)
	assert.EqualValues(t, 6*kib, log[0]["limit"])
	assert.Positive(t, log[0]["trimmed_total"])
	assert.NoError(t, errors.Unwrap(sent))
	assert.Equal(t, status.OriginService, sent.Origin())
}

type panickingHandler struct{ slog.Handler }

func (panickingHandler) Enabled(context.Context, slog.Level) bool { panic(secret) }
