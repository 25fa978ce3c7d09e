package status_test

import (
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/errwire/errwire/status"
)

func TestRetryDelayThatAServerAsksFor(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		info *errdetails.RetryInfo
		want time.Duration
		ok   bool
	}{
		{"a time", &errdetails.RetryInfo{RetryDelay: &durationpb.Duration{Seconds: 3, Nanos: 250}}, 3*time.Second + 250, true},
		{"none", &errdetails.RetryInfo{RetryDelay: &durationpb.Duration{}}, 0, true},
		{"a delay that is not set", &errdetails.RetryInfo{}, 0, false},
		{"negative", &errdetails.RetryInfo{RetryDelay: &durationpb.Duration{Seconds: -1}}, 0, false},
		{"negative by a bit", &errdetails.RetryInfo{RetryDelay: &durationpb.Duration{Nanos: -1}}, 0, false},
		{"signs that differ", &errdetails.RetryInfo{RetryDelay: &durationpb.Duration{Seconds: 1, Nanos: -1}}, 0, false},
		{"nanos beyond a second", &errdetails.RetryInfo{RetryDelay: &durationpb.Duration{Nanos: math.MaxInt32}}, math.MaxInt32, true},
		{"the longest", &errdetails.RetryInfo{RetryDelay: durationpb.New(math.MaxInt64)}, math.MaxInt64, true},
		{"longer than that by a bit", &errdetails.RetryInfo{RetryDelay: &durationpb.Duration{Seconds: 9223372036, Nanos: 854775808}}, math.MaxInt64, true},
		{"longer than that", &errdetails.RetryInfo{RetryDelay: &durationpb.Duration{Seconds: 9223372037}}, math.MaxInt64, true},
		{"longer than the universe", &errdetails.RetryInfo{RetryDelay: &durationpb.Duration{Seconds: math.MaxInt64, Nanos: math.MaxInt32}}, math.MaxInt64, true},
		{"as negative as can be", &errdetails.RetryInfo{RetryDelay: &durationpb.Duration{Seconds: math.MinInt64, Nanos: math.MinInt32}}, 0, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			err := fmt.Errorf("a: %w", fromDetails(codes.Unavailable, packed(t, test.info)))
			got, ok := status.RetryDelay(err)
			assert.Equal(t, test.want, got)
			assert.Equal(t, test.ok, ok)
		})
	}
	_, ok := fromDetails(codes.Unavailable, &anypb.Any{TypeUrl: rpcType + "RetryInfo", Value: []byte{0x0a, 0xff}}).RetryDelay()
	assert.False(t, ok, "malformed")
	for _, err := range []error{nil, errPlain, status.Unavailable, status.New(status.Unavailable, "m")} {
		delay, ok := status.RetryDelay(err)
		assert.False(t, ok)
		assert.Zero(t, delay)
	}
}

func TestWithRetryDelay(t *testing.T) {
	t.Parallel()
	e := status.New(status.Unavailable, "m").WithDetails(&errdetails.Help{})
	for _, delay := range []time.Duration{0, 1, time.Second, math.MaxInt64} {
		for _, e := range []*status.Error{e.WithRetryDelay(delay), e.WithRetryDelay(5).WithRetryDelay(delay)} {
			got, ok := e.RetryDelay()
			assert.True(t, ok)
			assert.Equal(t, delay, got)
			assert.Len(t, e.Details(), 2, "one RetryInfo")
			assert.True(t, status.Equal(e, e.GRPCStatus().Err()))
		}
	}
	twice := fromDetails(codes.Unavailable,
		packed(t, &errdetails.RetryInfo{RetryDelay: durationpb.New(1)}), packed(t, &errdetails.RetryInfo{RetryDelay: durationpb.New(2)}))
	for _, delay := range []time.Duration{-1, math.MinInt64} {
		for _, e := range []*status.Error{e.WithRetryDelay(delay), e.WithRetryDelay(5).WithRetryDelay(delay), twice.WithRetryDelay(delay)} {
			_, ok := e.RetryDelay()
			assert.False(t, ok, "a negative delay takes the wish away")
		}
	}
}
