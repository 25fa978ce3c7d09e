package interceptors_test

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/errwire/errwire/interceptors"
)

// kibibyte is a message of 1 KiB.
var kibibyte = wrapperspb.String(strings.Repeat("x", 1024-3))

// endless is a stream that takes every message and always has one.
type endless struct{ grpc.ClientStream }

func (endless) SendMsg(any) error        { return nil }
func (endless) RecvMsg(any) error        { return nil }
func (endless) Context() context.Context { return context.Background() }

// committed is an endless stream under us that has delivered a message.
func committed(tb testing.TB, desc *grpc.StreamDesc, opts ...interceptors.ClientOption) grpc.ClientStream {
	tb.Helper()
	streamer := func(context.Context, *grpc.StreamDesc, *grpc.ClientConn, string, ...grpc.CallOption) (grpc.ClientStream, error) {
		return endless{}, nil
	}
	stream, err := interceptors.StreamClientInterceptor(opts...)(tb.Context(), desc, idleConn(tb), "/talk.Talk/Talk", streamer)
	require.NoError(tb, err)
	require.NoError(tb, stream.SendMsg(kibibyte))
	require.NoError(tb, stream.RecvMsg(&wrapperspb.StringValue{}))
	return stream
}

// A message of a committed stream costs no allocation. Not parallel: allocations
// of other tests would count.
func TestStreamMessagesCostNoAllocation(t *testing.T) {
	for name, stream := range map[string]grpc.ClientStream{
		"both":        committed(t, bothStream),
		"server":      committed(t, serverStream),
		"one attempt": committed(t, bothStream, interceptors.WithoutRetry()),
	} {
		var m any = &wrapperspb.StringValue{}
		assert.Zero(t, testing.AllocsPerRun(1000, func() { _ = stream.RecvMsg(m) }), "%s: RecvMsg", name)
		m = kibibyte
		assert.Zero(t, testing.AllocsPerRun(1000, func() { _ = stream.SendMsg(m) }), "%s: SendMsg", name)
	}
}

// BenchmarkStreamMessage is what a message costs on a committed stream that does
// nothing by itself.
func BenchmarkStreamMessage(b *testing.B) {
	var in, out any = &wrapperspb.StringValue{}, kibibyte
	for _, house := range []struct {
		name   string
		stream grpc.ClientStream
	}{{"bare", endless{}}, {"errwire", committed(b, bothStream)}} {
		b.Run("RecvMsg/"+house.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_ = house.stream.RecvMsg(in)
			}
		})
		b.Run("SendMsg/"+house.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_ = house.stream.SendMsg(out)
			}
		})
	}
}

// BenchmarkStreamLoopback compares with a bare client, and that with itself,
// what a message of 1 KiB costs over loopback: there and back, or from the server
// alone.
func BenchmarkStreamLoopback(b *testing.B) {
	echo := startTalk(b, func(_ int, s talk) error {
		m := &wrapperspb.StringValue{}
		err := s.RecvMsg(m)
		for ; err == nil; err = s.RecvMsg(m) {
			_ = s.SendMsg(m)
		}
		return withoutEOF(err)
	})
	flood := startTalk(b, func(_ int, s talk) error {
		var err error
		for err == nil {
			err = s.SendMsg(kibibyte)
		}
		return err
	})
	houses := []struct {
		name string
		dial []grpc.DialOption
	}{{"bare", nil}, {"bare again", nil}, {"errwire", interceptors.DialOptions()}}
	for _, house := range houses {
		b.Run("both/"+house.name, func(b *testing.B) {
			stream := openStream(b.Context(), b, plainConn(b, echo.addr, house.dial...), bothStream)
			benchmarkMessages(b, stream, true)
		})
		b.Run("server/"+house.name, func(b *testing.B) {
			stream := openStream(b.Context(), b, plainConn(b, flood.addr, house.dial...), serverStream)
			benchmarkMessages(b, stream, false)
		})
	}
}

func benchmarkMessages(b *testing.B, stream grpc.ClientStream, sends bool) {
	b.Helper()
	m := &wrapperspb.StringValue{}
	exchange := func() error {
		if sends {
			_ = stream.SendMsg(kibibyte)
		}
		return stream.RecvMsg(m)
	}
	require.NoError(b, exchange())
	b.ReportAllocs()
	for b.Loop() {
		_ = exchange()
	}
}
