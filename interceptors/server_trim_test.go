package interceptors_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	pb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/structpb"

	"github.com/errwire/errwire/interceptors"
	"github.com/errwire/errwire/status"
)

const (
	english = "There is no room on the shelf for another book. "
	bengali = "তাকটিতে আর একটি বইয়ের জন্যও জায়গা নেই। "
	kib     = 1 << 10
	// responseHead is what a Trailers-Only response has besides the status:
	// ":status: 200" and "content-type: application/grpc", 32 bytes more each.
	responseHead = 42 + 60
)

func times(text string, size int) string { return strings.Repeat(text, size/len(text)+1) }

func debugInfo(size int) proto.Message { return &errdetails.DebugInfo{Detail: times("stack ", size)} }

func help(size int) proto.Message {
	h := &errdetails.Help{}
	for i := range size / 100 {
		h.Links = append(h.Links, &errdetails.Help_Link{
			Url:         fmt.Sprintf("https://library.example.com/help/%04d", i),
			Description: times("how to ", 50),
		})
	}
	return h
}

func badRequest(violations int) *errdetails.BadRequest {
	b := &errdetails.BadRequest{}
	for i := range violations {
		b.FieldViolations = append(b.FieldViolations, &errdetails.BadRequest_FieldViolation{
			Field: fmt.Sprintf("books[%03d].title", i), Description: "is too long",
		})
	}
	return b
}

func quotaFailure(violations int) proto.Message {
	q := &errdetails.QuotaFailure{}
	for i := range violations {
		q.Violations = append(q.Violations, &errdetails.QuotaFailure_Violation{Subject: fmt.Sprintf("user:%03d", i), Description: "over"})
	}
	return q
}

func preconditionFailure(violations int) proto.Message {
	p := &errdetails.PreconditionFailure{}
	for i := range violations {
		p.Violations = append(p.Violations, &errdetails.PreconditionFailure_Violation{Type: "TOS", Subject: fmt.Sprintf("user:%03d", i)})
	}
	return p
}

const badRequestURL = "type.googleapis.com/google.rpc.BadRequest"

// tailed is an encoded BadRequest after which comes what is none.
func tailed(violations int) []byte {
	b, err := proto.Marshal(badRequest(violations))
	if err != nil {
		return nil
	}
	return append(b, times("\xff", 9*kib)...)
}

func metadataOf(keys, size int) map[string]string {
	m := map[string]string{}
	for i := range keys {
		m[fmt.Sprintf("key%03d", i)] = strings.Repeat("v", size)
	}
	return m
}

// heavy are statuses that an 8 KiB header list would not take as they are.
var heavy = []struct {
	name    string
	message string
	change  func(*status.Error) *status.Error
	kept    func(t *testing.T, e *status.Error) // what must have been kept
}{
	{name: "DebugInfo", message: english, change: with(debugInfo(50*kib), help(200), anyOf("a/b", 10)), kept: func(t *testing.T, e *status.Error) {
		assert.Len(t, e.Details(), 4, "DebugInfo goes first")
	}},
	{name: "DebugInfo in Bengali", message: bengali, change: with(debugInfo(50 * kib)), kept: keeps(bengali)},
	{name: "Help", message: english, change: with(help(20*kib), badRequest(3), anyOf("a/b", 10)), kept: func(t *testing.T, e *status.Error) {
		assert.Len(t, e.Details(), 4, "Help goes before all but DebugInfo")
	}},
	{name: "Help in Bengali", message: bengali, change: with(help(20 * kib)), kept: keeps(bengali)},
	{name: "unknown detail", message: english, change: with(anyOf("example.com/library.v1.Shelf", 9*kib)), kept: keeps(english)},
	{name: "Struct", message: english, kept: func(t *testing.T, e *status.Error) {
		_, has := status.Detail[*errdetails.LocalizedMessage](e)
		assert.True(t, has, "unknown details go before it")
	}, change: with(structOf(9*kib), &errdetails.LocalizedMessage{Locale: "bn", Message: bengali})},
	{name: "LocalizedMessage", message: english, change: with(&errdetails.LocalizedMessage{Locale: "bn", Message: times(bengali, 4*kib)}, badRequest(40)),
		kept: func(t *testing.T, e *status.Error) {
			bad, _ := status.Detail[*errdetails.BadRequest](e)
			assert.Len(t, bad.GetFieldViolations(), 40, "it goes before the lists")
		}},
	{name: "RetryInfo with what nobody knows", message: english, kept: func(t *testing.T, e *status.Error) {
		assert.Len(t, e.Details(), 2, "what is known of it stays")
	}, change: func(e *status.Error) *status.Error {
		retry, _ := status.Detail[*errdetails.RetryInfo](e)
		retry.ProtoReflect().SetUnknown(protowire.AppendString(protowire.AppendTag(nil, 99, protowire.BytesType), times("x", 9*kib)))
		return e.WithDetails(retry)
	}},
	{name: "field violations", message: english, change: with(badRequest(300)), kept: func(t *testing.T, e *status.Error) {
		bad, _ := status.Detail[*errdetails.BadRequest](e)
		kept := bad.GetFieldViolations()
		assert.Greater(t, len(kept), 50)
		assert.True(t, proto.Equal(badRequest(len(kept)), bad), "only the tail is lost")
		assert.Equal(t, english, e.Message())
	}},
	{name: "field violations in Bengali", message: bengali, change: with(badRequest(300)), kept: keeps(bengali)},
	{name: "one huge field violation", message: english, kept: keeps(english), change: with(&errdetails.BadRequest{
		FieldViolations: []*errdetails.BadRequest_FieldViolation{{Field: "f", Description: times("x", 30*kib)}}})},
	{name: "quota failures", message: english, change: with(quotaFailure(800), badRequest(2)), kept: keeps(english)},
	{name: "precondition failures", message: english, change: with(preconditionFailure(800), quotaFailure(2)), kept: func(t *testing.T, e *status.Error) {
		failure, _ := status.Detail[*errdetails.PreconditionFailure](e)
		assert.Greater(t, len(failure.GetViolations()), 50, "only the tail is lost")
		_, has := status.Detail[*errdetails.QuotaFailure](e)
		assert.True(t, has)
	}},
	{name: "a list that cannot be read", message: english, kept: keeps(english),
		change: with(&anypb.Any{TypeUrl: badRequestURL, Value: []byte(times("\xff", 9*kib))})},
	{name: "a list whose end cannot be read", message: english, change: with(&anypb.Any{TypeUrl: badRequestURL, Value: tailed(3)}),
		kept: func(t *testing.T, e *status.Error) {
			bad, _ := status.Detail[*errdetails.BadRequest](e)
			assert.Len(t, bad.GetFieldViolations(), 3, "its start stays")
		}},
	{name: "ResourceInfo", message: english, kept: keeps(english),
		change: with(&errdetails.ResourceInfo{ResourceName: "shelves/1", Description: times("x", 9*kib)})},
	{name: "serving data", message: english, change: with(&errdetails.RequestInfo{RequestId: "r-1", ServingData: times("x", 9*kib)}),
		kept: func(t *testing.T, e *status.Error) {
			info, _ := status.Detail[*errdetails.RequestInfo](e)
			assert.Equal(t, "r-1", info.GetRequestId())
			assert.Empty(t, info.GetServingData())
		}},
	{name: "an endless request id", message: english, kept: keeps(english), change: with(&errdetails.RequestInfo{RequestId: times("r", 9*kib)})},
	{name: "a long metadata value", message: english, change: withMetadata(map[string]string{"shelf": "42", "query": times(bengali, 9*kib)}),
		kept: func(t *testing.T, e *status.Error) {
			assert.Equal(t, "42", e.Metadata()["shelf"], "short values stay")
			query := e.Metadata()["query"]
			assert.True(t, utf8.ValidString(query))
			assert.True(t, strings.HasPrefix(times(bengali, 9*kib), query), "the tail is lost")
			assert.Greater(t, len(query), kib)
		}},
	{name: "many metadata keys", message: english, change: withMetadata(metadataOf(900, 10)), kept: func(t *testing.T, e *status.Error) {
		assert.Greater(t, len(e.Metadata()), 50)
	}},
	{name: "long message", message: times(english, 15*kib), kept: keepsStart(times(english, 15*kib), 2*kib)},
	{name: "long message of percent signs", message: times("%", 15*kib), kept: keepsStart(times("%", 15*kib), kib)},
	{name: "long message in Bengali", message: times(bengali, 15*kib), kept: keepsStart(times(bengali, 15*kib), kib)},
	{name: "everything at once", message: times(bengali, 15*kib), change: func(e *status.Error) *status.Error {
		return e.WithDetails(debugInfo(50*kib), help(20*kib), badRequest(300), quotaFailure(300), structOf(9*kib),
			&errdetails.LocalizedMessage{Locale: "bn", Message: times(bengali, 9*kib)},
			&errdetails.ResourceInfo{Description: times("x", 9*kib)}).WithMetadata(metadataOf(100, 300))
	}, kept: keepsStart(times(bengali, 15*kib), 10)},
}

func with(details ...proto.Message) func(*status.Error) *status.Error {
	return func(e *status.Error) *status.Error { return e.WithDetails(details...) }
}

func withMetadata(metadata map[string]string) func(*status.Error) *status.Error {
	return func(e *status.Error) *status.Error { return e.WithMetadata(metadata) }
}

func keeps(message string) func(*testing.T, *status.Error) {
	return func(t *testing.T, e *status.Error) { assert.Equal(t, message, e.Message()) }
}

func keepsStart(message string, atLeast int) func(*testing.T, *status.Error) {
	return func(t *testing.T, e *status.Error) {
		assert.True(t, strings.HasPrefix(message, e.Message()), "the tail is lost: %.20q", e.Message())
		assert.Greater(t, len(e.Message()), atLeast)
		assert.True(t, utf8.ValidString(e.Message()))
	}
}

func anyOf(url string, size int) proto.Message {
	return &anypb.Any{TypeUrl: url, Value: []byte(strings.Repeat("x", size))}
}

func structOf(size int) proto.Message {
	s, err := structpb.NewStruct(map[string]any{"text": strings.Repeat("x", size)})
	if err != nil {
		return nil
	}
	return s
}

func TestEveryStatusFitsAnEightKiBHeaderList(t *testing.T) {
	t.Parallel()
	for _, tt := range heavy {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			full := status.New(status.Unavailable, tt.message).WithServiceCode(shelfFull).WithRetryDelay(1500 * time.Millisecond)
			if tt.change != nil {
				full = tt.change(full)
			}
			limits := map[string]struct {
				opts   []interceptors.ServerOption
				client uint32
			}{
				"default": {nil, 8 * kib},
				"exact":   {nil, 6*kib + responseHead},
				"least":   {[]interceptors.ServerOption{interceptors.WithMaxStatusSize(kib)}, kib + responseHead},
			}
			for name, limit := range limits {
				before := interceptors.TrimmedStatuses()
				opts := append(limit.opts, interceptors.WithLogger(discard), interceptors.WithDebugInfo())
				addr := serve(t, fails(full), interceptors.ServerOptions(opts...)...)
				client := pb.NewTestServiceClient(dial(t, addr, grpc.WithMaxHeaderListSize(limit.client)))
				for _, kind := range kinds {
					_, _, err := kind.call(t.Context(), client)
					require.Equal(t, status.Unavailable, status.CodeOf(err), "%s, %s: %v", name, kind.name, err)
					e := status.FromError(err)
					assert.Equal(t, shelfFull, e.ServiceCode())
					delay, _ := e.RetryDelay()
					assert.Equal(t, 1500*time.Millisecond, delay)
					if name != "least" {
						tt.kept(t, e)
					}
				}
				assert.Greater(t, interceptors.TrimmedStatuses(), before, "a trim is counted")
			}
		})
	}
}

// 88 bytes are the names, the code "5" and 32 for each of two fields.
func TestTheLimitIsExact(t *testing.T) {
	t.Parallel()
	intercept := interceptors.UnaryServerInterceptor(interceptors.WithLogger(discard))
	for size, want := range map[int]int{6*kib - 88: 6*kib - 88, 6*kib - 87: 6*kib - 88} {
		_, err := intercept(t.Context(), nil, nil, func(context.Context, any) (any, error) {
			return nil, status.New(status.NotFound, strings.Repeat("x", size))
		})
		assert.Len(t, err.Error(), want)
	}
}

func TestWithoutTheLimitTheCodeIsLost(t *testing.T) {
	t.Parallel()
	heavy := status.New(status.Unavailable, english).WithDetails(badRequest(300))
	addr := serve(t, fails(heavy), interceptors.ServerOptions(interceptors.WithMaxStatusSize(64*kib))...)
	_, _, err := kinds[0].call(t.Context(), pb.NewTestServiceClient(dial(t, addr, grpc.WithMaxHeaderListSize(8*kib))))
	assert.Equal(t, status.Internal, status.CodeOf(err), "this is what the limit is for")
}

// The longest legal service code leaves no room for a text: the fixed one is
// better than the start of a word.
func TestAMessageIsNotCutToLessThanTheFixedOne(t *testing.T) {
	t.Parallel()
	longest := status.ServiceCode{Domain: strings.Repeat("d", 253), Reason: strings.Repeat("R", 63)}
	full := status.New(status.Unavailable, times(bengali, kib)).WithServiceCode(longest).WithRetryDelay(time.Second)
	e := called(t, fails(full), []interceptors.ServerOption{interceptors.WithMaxStatusSize(kib)}, "x-request-id", strings.Repeat("r", 64))
	assert.Equal(t, longest, e.ServiceCode())
	assert.Equal(t, status.Unavailable.DefaultMessage(), e.Message())
}

func TestAnAbsurdServiceCodeDoesNotCostTheCode(t *testing.T) {
	t.Parallel()
	for name, code := range map[string]status.ServiceCode{
		"reason": {Domain: domain, Reason: times("R", 20*kib)},
		"domain": {Domain: times("d", 20*kib), Reason: "SHELF_FULL"},
	} {
		absurd := status.New(status.Conflict, "Changed.").WithServiceCode(code).WithRetryDelay(time.Second)
		addr := serve(t, fails(absurd), interceptors.ServerOptions(interceptors.WithLogger(discard))...)
		_, _, err := kinds[0].call(t.Context(), pb.NewTestServiceClient(dial(t, addr, grpc.WithMaxHeaderListSize(8*kib))))
		assert.Equal(t, status.Conflict, status.CodeOf(err), "%s: %v", name, err)
		delay, _ := status.RetryDelay(err)
		assert.Equal(t, time.Second, delay)
	}
}
