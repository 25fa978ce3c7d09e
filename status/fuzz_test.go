package status_test

import (
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

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

// FuzzErrorInfo holds the scanner of ErrorInfos to proto.Unmarshal.
func FuzzErrorInfo(f *testing.F) {
	f.Add([]byte(nil))
	f.Add(mustMarshal(&errdetails.ErrorInfo{Reason: "R_R", Domain: "d", Metadata: map[string]string{"k": "v", "": ""}}))
	f.Add([]byte("\x0a\x01A\x0a\x01B\x12\x01c\x12\x01d"))         // the last of a kind
	f.Add([]byte("\x0a\x01\xc3\x12\x01\xa9"))                     // one rune in two fields
	f.Add([]byte("\x08\x07\x11\x01\x02\x03\x04\x05\x06\x07\x08")) // other wire types
	f.Add([]byte("\x23\x0a\x01A\x24\x0a\x01B"))                   // a group
	f.Add([]byte("\x0b\x0c\x0a\x01B"))                            // a group of a known number
	f.Add([]byte("\x0c"))
	f.Add([]byte("\x0a\xff\xff\xff\xff\x0f"))
	f.Add([]byte("\x8a\x80\x80\x80\x00\x01A")) // a number that is longer than it need be
	f.Add([]byte("\x0a\x02RR\x1a\x03\x0a\x01\xff"))
	f.Fuzz(func(t *testing.T, b []byte) {
		a := &anypb.Any{TypeUrl: rpcType + "ErrorInfo", Value: b}
		e := fromDetails(codes.NotFound, a)
		got := e.ServiceCode()
		assert.Equal(t, got, status.ServiceCodeOf(e.GRPCStatus().Err()))
		assert.Equal(t, got.Domain, e.Domain())
		assert.Equal(t, got.Reason, e.Reason())
		assert.True(t, utf8.ValidString(got.Domain+got.Reason))
		info := &errdetails.ErrorInfo{}
		if err := proto.Unmarshal(b, info); err == nil {
			assert.Equal(t, status.ServiceCode{Domain: info.GetDomain(), Reason: info.GetReason()}, got)
			assert.Len(t, e.Metadata(), len(info.GetMetadata()))
		} else {
			assert.Nil(t, e.Metadata())
		}
		changed := e.WithMetadata(map[string]string{"k": "v"})
		assert.Equal(t, got, changed.ServiceCode(), "the code stays")
		assert.Equal(t, "v", changed.Metadata()["k"])
		if info := (&errdetails.ErrorInfo{}); proto.Unmarshal(b, info) == nil {
			if info.Metadata == nil {
				info.Metadata = map[string]string{}
			}
			info.Metadata["k"] = "v"
			want, err := proto.MarshalOptions{Deterministic: true}.Marshal(info)
			require.NoError(t, err)
			assert.Equal(t, want, changed.GRPCStatus().Proto().GetDetails()[0].GetValue(), "what is unknown stays, too")
		}
	})
}

// FuzzGRPC takes over any google.rpc.Status that a wire may bring.
func FuzzGRPC(f *testing.F) {
	f.Add([]byte(nil))
	f.Add(mustMarshal(status.New(status.Conflict, "busy").WithRetryDelay(5).GRPCStatus().Proto()))
	f.Add(mustMarshal(&spb.Status{Code: 10, Message: "m", Details: brokenDetails()}))
	f.Add(mustMarshal(&spb.Status{Code: -1, Message: strings.Repeat("ক", 6000)}))
	f.Add(mustMarshal(&spb.Status{Code: 5, Details: []*anypb.Any{{}, {TypeUrl: "/"}, {TypeUrl: "a/google.rpc.ErrorInfo", Value: []byte("\x0a\x01A")}}}))
	f.Fuzz(func(t *testing.T, b []byte) {
		wire := &spb.Status{}
		if proto.Unmarshal(b, wire) != nil {
			t.Skip()
		}
		st := grpcstatus.FromProto(wire)
		e := status.FromError(grpcError{st})
		assert.True(t, proto.Equal(wire, st.Proto()), "the status is not touched")
		assert.NotEqual(t, status.OK, e.Code())
		assert.Contains(t, []codes.Code{st.Code(), codes.Unknown}, e.GRPCStatus().Code())
		assert.NotEmpty(t, e.Message())
		assert.True(t, utf8.ValidString(e.Message()))
		assert.LessOrEqual(t, len(e.Message()), 16<<10)
		_ = e.Details()
		assert.LessOrEqual(t, len(e.Details()), len(wire.GetDetails()))
		if !status.IsConflict(e) {
			protoEqualBytes(t, wire.GetDetails(), e.GRPCStatus().Proto().GetDetails())
		}
		assert.True(t, status.Equal(e, e.GRPCStatus().Err()), "nothing is lost on the way on")
		_ = status.New(e.Code(), e.Message()).WithDetails(e.Details()...).GRPCStatus()
		_ = fmt.Sprintf("%+v", e)
		_, _, _ = e.LogValue(), status.Public(e), e.Metadata()
		delay, ok := e.RetryDelay()
		assert.GreaterOrEqual(t, delay, time.Duration(0))
		assert.True(t, ok || delay == 0)
	})
}

func protoEqualBytes(t *testing.T, want, got []*anypb.Any) {
	t.Helper()
	if assert.Len(t, got, len(want)) {
		for i := range want {
			assert.Equal(t, want[i].GetTypeUrl(), got[i].GetTypeUrl())
			assert.Equal(t, string(want[i].GetValue()), string(got[i].GetValue()))
		}
	}
}

func FuzzParseCode(f *testing.F) {
	for _, row := range codeTable {
		f.Add(row.name)
		f.Add(strings.ToLower(row.name))
	}
	f.Add("CANCELED")
	f.Fuzz(func(t *testing.T, name string) {
		code, ok := status.ParseCode(name)
		if !ok {
			assert.Equal(t, status.Unknown, code)
			return
		}
		assert.Contains(t, []string{code.String(), strings.Replace(code.String(), "CANCELLED", "CANCELED", 1)}, name)
	})
}
