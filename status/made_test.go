package status_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"

	"github.com/errwire/errwire/status"
)

var shelfCode = status.ServiceCode{Domain: "library.example.com", Reason: "SHELF_NOT_FOUND"}

func shelfMetadata() map[string]string {
	return map[string]string{"shelf": "42", "hall": "north", "floor": "2", "aisle": "7", "side": "left", "": "empty"}
}

// TestTheOrderOfTheStepsDoesNotMatter compares what is sent, byte for byte.
func TestTheOrderOfTheStepsDoesNotMatter(t *testing.T) {
	t.Parallel()
	base := status.New(status.NotFound, "There is no shelf 42.").WithRetryDelay(5)
	want := &errdetails.ErrorInfo{Domain: shelfCode.Domain, Reason: shelfCode.Reason, Metadata: shelfMetadata()}
	value, err := proto.MarshalOptions{Deterministic: true}.Marshal(want)
	require.NoError(t, err)
	inSteps := base
	for key, text := range shelfMetadata() {
		inSteps = inSteps.WithMetadata(map[string]string{key: "old"}).WithMetadata(map[string]string{key: text})
	}
	for name, e := range map[string]*status.Error{
		"service code first":       base.WithServiceCode(shelfCode).WithMetadata(shelfMetadata()),
		"metadata first":           base.WithMetadata(shelfMetadata()).WithServiceCode(shelfCode),
		"key by key":               inSteps.WithServiceCode(shelfCode),
		"as a detail":              base.WithDetails(want),
		"as a packed detail":       base.WithDetails(packed(t, want)).WithMetadata(nil),
		"delay last":               status.New(status.NotFound, "There is no shelf 42.").WithDetails(want).WithRetryDelay(5),
		"in place of another":      base.WithDetails(&errdetails.ErrorInfo{Reason: "OTHER"}).WithDetails(want),
		"packed, in its place":     base.WithDetails(&errdetails.ErrorInfo{Reason: "OTHER"}, packed(t, want)).WithMetadata(nil),
		"taken away and put back":  base.WithDetails(want).WithServiceCode(status.ServiceCode{}).WithServiceCode(shelfCode),
		"of what was received":     status.FromError(base.WithServiceCode(shelfCode).GRPCStatus().Err()).WithMetadata(shelfMetadata()),
		"of what a wire brought":   status.FromWire(status.NotFound, "There is no shelf 42.", 0, base.GRPCStatus().Proto().GetDetails()).WithDetails(want),
		"with what must not leave": status.Public(base.WithDetails(&errdetails.DebugInfo{Detail: "x"}, want)),
	} {
		details := e.GRPCStatus().Proto().GetDetails()
		if assert.Len(t, details, 2, name) {
			assert.Equal(t, rpcType+"ErrorInfo", details[0].GetTypeUrl(), name)
			assert.Equal(t, string(value), string(details[0].GetValue()), name)
			assert.Equal(t, rpcType+"RetryInfo", details[1].GetTypeUrl(), name)
		}
		assert.Equal(t, shelfCode, e.ServiceCode(), name)
		assert.Equal(t, shelfMetadata(), e.Metadata(), name)
		protoEqual(t, []proto.Message{want}, e.Details()[:1])
		_, hasDelay := e.RetryDelay()
		assert.True(t, hasDelay, name)
	}
}

// TestWhatIsUnknownInAnErrorInfoStays: a newer sender has fields that this
// program has not heard of.
func TestWhatIsUnknownInAnErrorInfoStays(t *testing.T) {
	t.Parallel()
	info := &errdetails.ErrorInfo{Domain: "d", Reason: "R_R", Metadata: map[string]string{"k": "v"}}
	unknown := []byte{0x7a, 1, 'x'}
	info.ProtoReflect().SetUnknown(unknown)
	help := packed(t, &errdetails.Help{})
	for name, e := range map[string]*status.Error{
		"received":  fromDetails(codes.NotFound, help, packed(t, info)),
		"made here": status.New(status.NotFound, "m").WithDetails(help, &errdetails.ErrorInfo{}).WithDetails(info),
	} {
		bare := e.WithServiceCode(status.ServiceCode{})
		for step, changed := range map[string]*status.Error{
			"nothing": e, "delay": e.WithRetryDelay(5), "service code": e.WithServiceCode(shelfCode),
			"metadata": e.WithMetadata(map[string]string{"l": "w"}), "no service code": bare,
		} {
			got, ok := status.Detail[*errdetails.ErrorInfo](changed)
			require.True(t, ok, "%s, %s", name, step)
			assert.Equal(t, unknown, []byte(got.ProtoReflect().GetUnknown()), "%s, %s", name, step)
			assert.Equal(t, "v", changed.Metadata()["k"], "%s, %s", name, step)
			assert.Equal(t, got.GetReason(), changed.Reason(), "%s, %s", name, step)
		}
	}
	again := fromDetails(codes.NotFound, help, packed(t, info)).WithServiceCode(shelfCode).WithMetadata(map[string]string{"l": "w"})
	assert.Equal(t, shelfCode, again.ServiceCode(), "the second step knows of the first")
	inPlace := fromDetails(codes.NotFound, help, packed(t, info)).WithServiceCode(shelfCode).GRPCStatus().Proto().GetDetails()
	require.Len(t, inPlace, 2)
	assert.Equal(t, help.GetTypeUrl(), inPlace[0].GetTypeUrl(), "an ErrorInfo keeps its place")
}

func TestAnErrorInfoThatIsNotTextChangesNothing(t *testing.T) {
	t.Parallel()
	e := status.New(status.NotFound, "m").WithServiceCode(shelfCode)
	for name, broken := range map[string]*errdetails.ErrorInfo{
		"reason":        {Reason: "R\xff", Domain: "d"},
		"domain":        {Reason: "R_R", Domain: "d\xff"},
		"long domain":   {Reason: "R_R", Domain: strings.Repeat("d", 100) + "\xff"},
		"metadata":      {Reason: "R_R", Metadata: map[string]string{"k": "\xff"}},
		"metadata keys": {Reason: "R_R", Metadata: map[string]string{"\xff": "v"}},
		"nil":           nil,
	} {
		got := e.WithDetails(broken)
		assert.True(t, status.Equal(e, got), name)
		assert.Contains(t, slogText(got), "lost_details", name)
	}
	got := e.WithMetadata(map[string]string{"k": "v"}).WithMetadata(map[string]string{"a": "\xff", "\xff": "é"})
	assert.Equal(t, map[string]string{"k": "v", "a": "\uFFFD", "\uFFFD": "é"}, got.Metadata())
}

// TestStatusesShareNoMemory makes many at a time, as what they are made from is
// used again.
func TestStatusesShareNoMemory(t *testing.T) {
	t.Parallel()
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for j := range 50 {
				text := strings.Repeat(fmt.Sprint(i, "-", j, " "), 1+(i*j)%40)
				e := status.New(status.NotFound, text).
					WithServiceCode(shelfCode).
					WithDetails(&anypb.Any{TypeUrl: "acme.example/acme.Unknown", Value: []byte(text)}).
					WithMetadata(map[string]string{"text": text})
				st, bare := e.GRPCStatus(), status.New(status.Conflict, text).GRPCStatus()
				another := status.New(status.Aborted, "another").WithServiceCode(status.ServiceCode{Reason: "ANOTHER"}).GRPCStatus()
				back := status.FromError(st.Err())
				assert.Equal(t, text, back.Message())
				assert.Equal(t, map[string]string{"text": text}, back.Metadata())
				assert.Equal(t, shelfCode, back.ServiceCode())
				assert.Len(t, back.Details(), 2)
				assert.Len(t, bare.Proto().GetDetails(), 1)
				assert.Equal(t, "ANOTHER", status.FromError(another.Err()).Reason())
			}
		})
	}
	wg.Wait()
}
