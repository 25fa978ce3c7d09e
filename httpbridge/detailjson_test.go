package httpbridge_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/errwire/errwire/httpbridge"
	"github.com/errwire/errwire/status"
)

// What is written by hand is what protojson and encoding/json would write.
func TestDetailsAreWrittenAsProtojsonDoes(t *testing.T) {
	t.Parallel()
	var every []byte
	for r := range rune(0x2030) {
		every = append(every, string(r)...)
	}
	details := []proto.Message{
		&errdetails.ErrorInfo{},
		&errdetails.ErrorInfo{Reason: "A"},
		&errdetails.ErrorInfo{Domain: string(every)},
		&errdetails.ErrorInfo{Reason: "<", Domain: "é", Metadata: map[string]string{
			"b": "", "": "b", "<é": string(every), "a": "1", "c": "1", "d": "1", "e": "1", "f": "1", "g": "1", "h": "1",
		}},
		&errdetails.Help{},
		&errdetails.Help{Links: []*errdetails.Help_Link{{Description: string(every)}}},
		&emptypb.Empty{},
		&errdetails.RetryInfo{},
	}
	for _, d := range []*durationpb.Duration{
		{},
		{Seconds: 1},
		{Nanos: 1},
		{Nanos: 10},
		{Nanos: 999_999_999},
		{Seconds: 3, Nanos: 1_000},
		{Seconds: 3, Nanos: 20_000_000},
		{Seconds: 3, Nanos: 500_000_000},
		{Seconds: -3, Nanos: -1_500_000},
		{Nanos: -100_000_000},
		{Seconds: 315_576_000_000, Nanos: 999_999_999},
		{Seconds: -315_576_000_000, Nanos: -999_999_999},
	} {
		details = append(details, &errdetails.RetryInfo{RetryDelay: d})
	}
	for _, detail := range details {
		written, err := protojson.Marshal(packed(t, detail))
		require.NoError(t, err)
		want, err := json.Marshal(json.RawMessage(written))
		require.NoError(t, err)
		assert.Equal(t, string(want), writtenDetail(t, packed(t, detail)))
	}
}

// A detail that protojson refuses is kept in binary.
func TestDetailsWithoutJSONAreWrittenInBinary(t *testing.T) {
	t.Parallel()
	for _, d := range []*durationpb.Duration{{Seconds: 1, Nanos: -1}, {Nanos: 1_000_000_000}, {Seconds: 315_576_000_001}} {
		detail := packed(t, &errdetails.RetryInfo{RetryDelay: d})
		_, err := protojson.Marshal(detail)
		require.Error(t, err)
		want, err := json.Marshal(map[string]any{"@type": detail.GetTypeUrl(), "value": detail.GetValue()})
		require.NoError(t, err)
		assert.Equal(t, string(want), writtenDetail(t, detail))
	}
}

func writtenDetail(t *testing.T, detail *anypb.Any) string {
	t.Helper()
	_, _, body := httpbridge.Encode(status.FromWire(status.NotFound, "x", status.OriginService, []*anypb.Any{detail}), httpbridge.Gateway)
	var read struct{ Details []json.RawMessage }
	require.NoError(t, json.Unmarshal(body, &read))
	require.Len(t, read.Details, 1)
	return string(read.Details[0])
}
