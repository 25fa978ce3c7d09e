package interop_test

import (
	"context"
	"database/sql"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	grpcstatus "google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/errwire/errwire/interceptors"
	"github.com/errwire/errwire/status"
)

const (
	domain = "library.example.com"
	secret = "hunter2"
	arabic = "الرف ٤٢ ممتلئ"
)

var shelfFull = status.ServiceCode{Domain: domain, Reason: "SHELF_FULL"}

// outcomes are what handlers return, and what every client sees of it.
var outcomes = []struct {
	name    string
	err     error // nil: the handler panics
	code    codes.Code
	message string
	reason  string
	delay   time.Duration
}{
	{"own error", status.New(status.FailedPrecondition, arabic).WithServiceCode(shelfFull), codes.FailedPrecondition, arabic, "SHELF_FULL", 0},
	{"wrapped", fmt.Errorf("%s: %w", secret, status.New(status.NotFound, "No shelf.")), codes.NotFound, "No shelf.", "NOT_FOUND", 0},
	{"gRPC status", fmt.Errorf("%s: %w", secret, grpcstatus.Error(codes.Aborted, "Busy.")), codes.Aborted, "Busy.", "ABORTED", 0},
	{"conflict", status.Conflict, codes.Aborted, status.Conflict.DefaultMessage(), "CONFLICT", 0},
	{"mapped", fmt.Errorf("%s: %w", secret, sql.ErrNoRows), codes.NotFound, status.NotFound.DefaultMessage(), "NOT_FOUND", 0},
	{"context", context.DeadlineExceeded, codes.DeadlineExceeded, status.DeadlineExceeded.DefaultMessage(), "DEADLINE_EXCEEDED", 0},
	{"overload", status.New(status.Unavailable, "").WithRetryDelay(2 * time.Second), codes.Unavailable,
		status.Unavailable.DefaultMessage(), "UNAVAILABLE", 2 * time.Second},
	{"anything else", errors.New(secret), codes.Internal, status.Internal.DefaultMessage(), "INTERNAL", 0},
	{"panic", nil, codes.Internal, status.Internal.DefaultMessage(), "INTERNAL", 0},
	{"more than fits", status.New(status.Unavailable, "Heavy.").WithServiceCode(shelfFull).WithRetryDelay(time.Second).
		WithDetails(&errdetails.Help{Links: []*errdetails.Help_Link{{Url: "https://" + strings.Repeat("x", 20<<10)}}}),
		codes.Unavailable, "Heavy.", "SHELF_FULL", time.Second},
}

// A sighting is what one client saw of one call.
type sighting struct {
	Code    codes.Code          `json:"code"`
	Message string              `json:"message"`
	Header  map[string][]string `json:"header"`
	Trailer map[string][]string `json:"trailer"`
}

// nodeCall is one call that the Node client makes.
type nodeCall struct {
	Method   string            `json:"method"`
	Kind     string            `json:"kind"`
	Metadata map[string]string `json:"metadata"`
}

type nodeOrder struct {
	Address       string         `json:"address"`
	ServiceConfig map[string]any `json:"serviceConfig,omitempty"`
	Calls         []nodeCall     `json:"calls"`
}

// outcomeServer returns the outcome whose number is in the call's metadata.
func outcomeServer(t *testing.T) (address string) {
	return serve(t, func(ctx context.Context) error {
		number, err := strconv.Atoi(strings.Join(metadata.ValueFromIncomingContext(ctx, "outcome"), ""))
		if err != nil || outcomes[number].err == nil {
			panic(secret)
		}
		return outcomes[number].err
	}, interceptors.ServerOptions(
		interceptors.WithDomain(domain),
		interceptors.WithMapper(interceptors.MapSQL),
		interceptors.WithLogger(slog.New(slog.DiscardHandler)),
	)...)
}

func TestEveryClientSeesTheSameOfAnError(t *testing.T) {
	t.Parallel()
	address := outcomeServer(t)
	order := nodeOrder{Address: address}
	for number := range outcomes {
		for _, kind := range kinds {
			order.Calls = append(order.Calls, nodeCall{kind.method, kind.name, callMetadata(number)})
		}
	}
	var node []sighting
	runNode(t, "grpc_client.cjs", order, &node)
	require.Len(t, node, len(order.Calls))
	bare := dial(t, address)
	errwire := dial(t, address, interceptors.DialOptions(interceptors.WithoutRetry())...)

	for number, want := range outcomes {
		for i, kind := range kinds {
			t.Run(want.name+", "+kind.name, func(t *testing.T) {
				t.Parallel()
				ctx := metadata.NewOutgoingContext(t.Context(), metadata.New(callMetadata(number)))
				bareTrailer, bareErr := kind.call(ctx, bare)
				errwireTrailer, errwireErr := kind.call(ctx, errwire)
				seenByNode := node[number*len(kinds)+i]

				for client, seen := range map[string]struct {
					err      error
					pushback []string
				}{
					"bare grpc-go": {bareErr, bareTrailer["grpc-retry-pushback-ms"]},
					"errwire":      {errwireErr, errwireTrailer["grpc-retry-pushback-ms"]},
					"grpc-js":      {seenByNode.toError(t), seenByNode.Trailer["grpc-retry-pushback-ms"]},
				} {
					e := status.FromError(seen.err)
					assert.Equal(t, want.code, e.Code().GRPC(), client)
					assert.Equal(t, want.message, e.Message(), client)
					assert.Equal(t, status.ServiceCode{Domain: domain, Reason: want.reason}, e.ServiceCode(), client)
					info, _ := status.Detail[*errdetails.RequestInfo](e)
					assert.Equal(t, "r-1", info.GetRequestId(), client)
					delay, _ := e.RetryDelay()
					assert.Equal(t, want.delay, delay, client)
					assert.Len(t, seen.pushback, min(int(want.delay), 1), client)
				}
				assert.NotContains(t, fmt.Sprint(seenByNode), secret)
				assert.NotContains(t, seenByNode.Header, "grpc-retry-pushback-ms")
			})
		}
	}
}

func callMetadata(outcome int) map[string]string {
	return map[string]string{"outcome": strconv.Itoa(outcome), "x-request-id": "r-1"}
}

// toError puts what Node saw together as grpc-go does.
func (s sighting) toError(t *testing.T) error {
	t.Helper()
	require.Len(t, s.Trailer["grpc-status-details-bin"], 1)
	details, err := base64.StdEncoding.DecodeString(s.Trailer["grpc-status-details-bin"][0])
	require.NoError(t, err)
	require.NotContains(t, string(details), secret)
	pb := &spb.Status{}
	require.NoError(t, proto.Unmarshal(details, pb))
	assert.EqualValues(t, s.Code, pb.GetCode())
	assert.Equal(t, s.Message, pb.GetMessage())
	return grpcstatus.ErrorProto(pb)
}

// The retries of a native client go on, after the wait that the server asks for:
// without the trailer the first would be a minute.
func TestGRPCJSRetriesAsTold(t *testing.T) {
	t.Parallel()
	const delay, attempts = 50 * time.Millisecond, 4
	for _, kind := range kinds[:2] {
		t.Run(kind.name, func(t *testing.T) {
			t.Parallel()
			var calls atomic.Int32
			address := serve(t, func(context.Context) error {
				calls.Add(1)
				return status.New(status.Unavailable, "").WithRetryDelay(delay)
			}, interceptors.ServerOptions(interceptors.WithDomain(domain))...)
			var seen []sighting
			begin := time.Now()
			runNode(t, "grpc_client.cjs", nodeOrder{
				Address: address,
				Calls:   []nodeCall{{kind.method, kind.name, nil}},
				ServiceConfig: map[string]any{"methodConfig": []any{map[string]any{
					"name": []any{map[string]any{}},
					"retryPolicy": map[string]any{
						"maxAttempts": attempts, "initialBackoff": "60s", "maxBackoff": "60s",
						"backoffMultiplier": 1, "retryableStatusCodes": []string{"UNAVAILABLE"},
					},
				}}},
			}, &seen)
			require.Len(t, seen, 1)
			assert.Equal(t, codes.Unavailable, seen[0].Code)
			assert.EqualValues(t, attempts, calls.Load())
			assert.GreaterOrEqual(t, time.Since(begin), (attempts-1)*delay)
		})
	}
}
