package interceptors_test

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/codes"
	pb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/metadata"
	grpcstatus "google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"

	"github.com/errwire/errwire/interceptors"
	"github.com/errwire/errwire/status"
)

// called is what a bare client gets of what handle returns, over a real socket.
func called(t *testing.T, handle handler, opts []interceptors.ServerOption, md ...string) *status.Error {
	t.Helper()
	opts = append(opts, interceptors.WithLogger(discard))
	client := pb.NewTestServiceClient(dial(t, serve(t, handle, interceptors.ServerOptions(opts...)...)))
	_, _, err := kinds[0].call(metadata.AppendToOutgoingContext(t.Context(), md...), client)
	require.Error(t, err)
	return status.FromError(err)
}

func TestEachDetailTypeLeavesOnce(t *testing.T) {
	t.Parallel()
	first, second := &errdetails.ResourceInfo{ResourceName: "first"}, &errdetails.ResourceInfo{ResourceName: "second"}
	double := status.New(status.InvalidArgument, "x").WithDetails(badRequest(2), first, help(300), badRequest(3), second, help(200))

	made := called(t, fails(double), nil)
	assert.Len(t, made.Details(), 3)
	bad, _ := status.Detail[*errdetails.BadRequest](made)
	assert.Len(t, bad.GetFieldViolations(), 5, "lists are joined")
	resource, _ := status.Detail[*errdetails.ResourceInfo](made)
	assert.True(t, proto.Equal(first, resource), "of all else the first stays")
	links, _ := status.Detail[*errdetails.Help](made)
	assert.Len(t, links.GetLinks(), 5)

	relayed := called(t, fails(double.WithOrigin(status.OriginService)), nil)
	assert.True(t, status.Equal(double, relayed), "what a backend said stays as it is")
}

// What a backend sends may be a hundred thousand details, and costs no more than
// a hundred thousand times one: a tenth of a second. By the square it is minutes.
func TestManyDetailsCostNoMoreThanTheyAre(t *testing.T) {
	t.Parallel()
	if underRace {
		t.Skip("the race detector makes seconds of it, and this measures time")
	}
	pb := &spb.Status{Code: int32(codes.NotFound), Message: "x"}
	for i := range 100_000 {
		pb.Details = append(pb.Details, &anypb.Any{TypeUrl: "a/" + strconv.Itoa(i)})
	}
	intercept := interceptors.UnaryServerInterceptor(interceptors.WithLogger(discard))
	start := time.Now()
	_, err := intercept(t.Context(), nil, nil, func(context.Context, any) (any, error) { return nil, grpcstatus.ErrorProto(pb) })
	assert.True(t, status.IsNotFound(err))
	assert.Less(t, time.Since(start), 20*time.Second)
}

// A client that is not errwire's has no fixed message of its own.
func TestAStatusWithoutAMessageGetsTheFixedOne(t *testing.T) {
	t.Parallel()
	addr := serve(t, fails(grpcstatus.Error(codes.NotFound, "")), interceptors.ServerOptions()...)
	_, _, err := kinds[0].call(t.Context(), pb.NewTestServiceClient(dial(t, addr)))
	assert.Equal(t, status.NotFound.DefaultMessage(), grpcstatus.Convert(err).Message())
}

// One such detail makes grpc-go send none of them.
func TestADetailThatCannotBeSentDoesNotCostTheOthers(t *testing.T) {
	t.Parallel()
	info, err := anypb.New(&errdetails.ErrorInfo{Reason: "SHELF_FULL", Domain: domain})
	require.NoError(t, err)
	broken := grpcstatus.FromProto(&spb.Status{
		Code:    int32(codes.FailedPrecondition),
		Message: "bad \xff text",
		Details: []*anypb.Any{{TypeUrl: "type.googleapis.com/\xff"}, info, {Value: []byte("x")}, nil},
	})
	e := called(t, fails(broken.Err()), nil)
	assert.Equal(t, shelfFull, e.ServiceCode())
	assert.Len(t, e.Details(), 1)
	assert.Equal(t, "bad \uFFFD text", e.Message())
}

func TestDebugInfoLeavesOnlyWhenAsked(t *testing.T) {
	t.Parallel()
	debug := &errdetails.DebugInfo{Detail: "stack"}
	with := status.New(status.Internal, "x").WithDetails(debug)
	grpcWith, err := grpcstatus.New(codes.Internal, "x").WithDetails(debug)
	require.NoError(t, err)
	tests := []struct {
		name   string
		err    error
		leaves bool
	}{
		{"own", with, true},
		{"gRPC status", grpcWith.Err(), true},
		{"mapped", errFull, true},
		{"relayed", with.WithOrigin(status.OriginService), true},
		{"replaced", with.WithOrigin(status.OriginLocal), false},
		{"a proxy's", with.WithOrigin(status.OriginIntermediary), false},
		{"plain", evil{}, false},
	}
	mapper := interceptors.WithMapper(interceptors.MapIs(errFull, with))
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, has := status.Detail[*errdetails.DebugInfo](called(t, fails(tt.err), []interceptors.ServerOption{mapper}))
			assert.False(t, has)
			_, has = status.Detail[*errdetails.DebugInfo](called(t, fails(tt.err), []interceptors.ServerOption{mapper, interceptors.WithDebugInfo()}))
			assert.Equal(t, tt.leaves, has)
		})
	}
}

func TestTheRequestIDIsTheOneThatIsKnown(t *testing.T) {
	t.Parallel()
	const trace = "0af7651916cd43dd8448eb211c80319c"
	parent := "00-" + trace + "-b7ad6b7169203331-01"
	binary := "\x00\x00" + strings.Repeat("\xab", 16) + "\x01" + strings.Repeat("\xcd", 8) + "\x02\x01"
	own := interceptors.WithRequestID(func(ctx context.Context) string {
		md, _ := metadata.FromIncomingContext(ctx)
		if md.Get("panic-bin") != nil {
			panic("no id")
		}
		return strings.Join(md.Get("own-bin"), "")
	})
	tests := []struct {
		name string
		md   []string
		err  error
		want string
	}{
		{"none", nil, status.NotFound, ""},
		{"x-request-id", []string{"x-request-id", "r-1", "traceparent", parent}, status.NotFound, "r-1"},
		{"blanks around it", []string{"x-request-id", " r-1 "}, status.NotFound, "r-1"},
		{"the longest", []string{"x-request-id", strings.Repeat("r", 128)}, status.NotFound, strings.Repeat("r", 128)},
		{"traceparent of no version", []string{"traceparent", parent[2:]}, status.NotFound, ""},
		{"traceparent", []string{"traceparent", parent}, status.NotFound, trace},
		{"grpc-trace-bin", []string{"grpc-trace-bin", binary}, status.NotFound, strings.Repeat("ab", 16)},
		{"own", []string{"own-bin", "mine", "x-request-id", "r-1"}, status.NotFound, "mine"},
		{"own that is no id", []string{"own-bin", "minè", "x-request-id", "r-1"}, status.NotFound, "r-1"},
		{"blank in it", []string{"x-request-id", "r 1"}, status.NotFound, ""},
		{"far too long", []string{"x-request-id", strings.Repeat("r", 129), "traceparent", parent}, status.NotFound, trace},
		{"second of two", []string{"x-request-id", "", "x-request-id", "r-2"}, status.NotFound, "r-2"},
		{"traceparent of zeros", []string{"traceparent", "00-00000000000000000000000000000000-b7ad6b7169203331-01"}, status.NotFound, ""},
		{"traceparent in upper case", []string{"traceparent", strings.ToUpper(parent)}, status.NotFound, ""},
		{"traceparent cut short", []string{"traceparent", parent[:40]}, status.NotFound, ""},
		{"grpc-trace-bin with the trace alone", []string{"grpc-trace-bin", binary[:18]}, status.NotFound, strings.Repeat("ab", 16)},
		{"grpc-trace-bin cut short", []string{"grpc-trace-bin", binary[:9]}, status.NotFound, ""},
		{"grpc-trace-bin of another version", []string{"grpc-trace-bin", "\x01" + binary}, status.NotFound, ""},
		{"own that panics", []string{"panic-bin", "", "x-request-id", "r-1"}, status.NotFound, "r-1"},
		{"handler's own", []string{"x-request-id", "r-1"},
			status.New(status.NotFound, "").WithDetails(&errdetails.RequestInfo{RequestId: "h"}), "h"},
		{"backend's own", []string{"x-request-id", "r-1"}, status.New(status.NotFound, "").
			WithDetails(&errdetails.RequestInfo{RequestId: "b"}).WithOrigin(status.OriginService), "b"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			e := called(t, fails(tt.err), []interceptors.ServerOption{own}, tt.md...)
			info, has := status.Detail[*errdetails.RequestInfo](e)
			assert.Equal(t, tt.want != "", has)
			assert.Equal(t, tt.want, info.GetRequestId())
			assert.LessOrEqual(t, len(e.Details()), 1, "there is no second one")
		})
	}
}

func TestTheLocalizerIsAskedInTheCallersLanguage(t *testing.T) {
	t.Parallel()
	const arabic = "لا يوجد رف بهذا الرقم."
	localizer := interceptors.WithLocalizer(func(wish string, e *status.Error) (string, string) {
		assert.NoError(t, errors.Unwrap(e), "what leaves is all that it is told")
		switch {
		case e.Code() == status.Cancelled:
			return "", arabic // both, or nothing
		case !strings.HasPrefix(wish, "ar") && !strings.Contains(wish, ",") || e.Code() != status.NotFound:
			return "ar", ""
		}
		return "ar", arabic
	})
	own := &errdetails.LocalizedMessage{Locale: "it", Message: "Nessuno scaffale."}
	tests := []struct {
		name string
		md   []string
		err  error
		want *errdetails.LocalizedMessage
	}{
		{"asked for", []string{"accept-language", "fr, ar;q=0.5"}, status.NotFound, &errdetails.LocalizedMessage{Locale: "ar", Message: arabic}},
		{"in a second header", []string{"accept-language", "fr", "accept-language", "ar"}, status.NotFound, &errdetails.LocalizedMessage{Locale: "ar", Message: arabic}},
		{"through grpc-gateway", []string{"grpcgateway-accept-language", "ar"}, status.NotFound, &errdetails.LocalizedMessage{Locale: "ar", Message: arabic}},
		{"directly and through grpc-gateway", []string{"grpcgateway-accept-language", "fr", "accept-language", "ar"}, status.NotFound, &errdetails.LocalizedMessage{Locale: "ar", Message: arabic}},
		{"in no language", []string{"accept-language", "ar"}, fmt.Errorf("%s: %w", secret, context.Canceled), nil},
		{"not asked for", nil, status.NotFound, nil},
		{"not known", []string{"accept-language", "ar"}, status.Aborted, nil},
		{"absurd wish", []string{"accept-language", strings.Repeat("ar,", 400)}, status.NotFound, nil},
		{"handler's own", []string{"accept-language", "ar"}, status.New(status.NotFound, "").WithDetails(own), own},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, has := status.Detail[*errdetails.LocalizedMessage](called(t, fails(tt.err), []interceptors.ServerOption{localizer}, tt.md...))
			assert.Equal(t, tt.want != nil, has)
			assert.True(t, proto.Equal(tt.want, got) || tt.want == nil, "%v", got)
		})
	}
}
