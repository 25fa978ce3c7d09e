package interceptors_test

import (
	"context"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/errwire/errwire/interceptors"
)

// A stub is an attempt at a stream that reaches nobody: for what a real one does
// only now and then, or takes long to do. A function that is nil does what a
// stream does on which nothing happens until its context ends.
type stub struct {
	ctx    context.Context //nolint:containedctx // as a stream has
	opts   []grpc.CallOption
	number int // of the attempt; the first is 1

	recv   func(m any) error
	send   func(m any) error
	header func() (metadata.MD, error)
	closed atomic.Int32
}

func (s *stub) RecvMsg(m any) error {
	if s.recv == nil {
		<-s.ctx.Done()
		return s.finish(context.Cause(s.ctx), nil, nil)
	}
	return s.recv(m)
}

func (s *stub) SendMsg(m any) error {
	if s.send == nil {
		return nil
	}
	return s.send(m)
}

func (s *stub) Header() (metadata.MD, error) {
	if s.header == nil {
		<-s.ctx.Done()
		return nil, nil //nolint:nilnil // as grpc-go's
	}
	return s.header()
}

func (s *stub) CloseSend() error         { s.closed.Add(1); return nil }
func (s *stub) Trailer() metadata.MD     { return nil }
func (s *stub) Context() context.Context { return s.ctx }

// finish does what grpc-go does at the end of a stream before it answers err.
func (s *stub) finish(err error, header, trailer metadata.MD) error {
	if err == context.Canceled {
		err = errCancelled
	}
	for _, opt := range s.opts {
		switch opt := opt.(type) {
		case grpc.HeaderCallOption:
			*opt.HeaderAddr = header
		case grpc.TrailerCallOption:
			*opt.TrailerAddr = metadata.Join(trailer)
		case grpc.OnFinishCallOption:
			opt.OnFinish(err)
		}
	}
	return err
}

// answering is a header and trailer by which a failure is the server's own.
var answering = metadata.Pairs("content-type", "application/grpc")

// stubbed opens a stream whose attempts are stubs, made ready by prepare.
func stubbed(
	ctx context.Context, tb testing.TB, desc *grpc.StreamDesc, prepare func(*stub),
	opts []interceptors.ClientOption, callOpts ...grpc.CallOption,
) grpc.ClientStream {
	tb.Helper()
	stream, err := stubbedErr(ctx, desc, func(s *stub) error { prepare(s); return nil }, opts, callOpts...)
	require.NoError(tb, err)
	return stream
}

func stubbedErr(
	ctx context.Context, desc *grpc.StreamDesc, prepare func(*stub) error,
	opts []interceptors.ClientOption, callOpts ...grpc.CallOption,
) (grpc.ClientStream, error) {
	return interceptors.StreamClientInterceptor(opts...)(ctx, desc, nil, "/stub.Stub/Talk", stubStreamer(prepare), callOpts...)
}

func stubStreamer(prepare func(*stub) error) grpc.Streamer {
	attempts := 0
	return func(
		ctx context.Context, _ *grpc.StreamDesc, _ *grpc.ClientConn, _ string, opts ...grpc.CallOption,
	) (grpc.ClientStream, error) {
		attempts++
		s := &stub{ctx: ctx, opts: opts, number: attempts}
		if err := prepare(s); err != nil {
			return nil, err
		}
		return s, nil
	}
}

// stubConn is a connection with DialOptions whose streams are stubs.
func stubConn(tb testing.TB, prepare func(*stub), opts ...interceptors.ClientOption) *grpc.ClientConn {
	tb.Helper()
	streamer := stubStreamer(func(s *stub) error { prepare(s); return nil })
	inner := grpc.WithChainStreamInterceptor(func(
		ctx context.Context, desc *grpc.StreamDesc, cc *grpc.ClientConn, method string, _ grpc.Streamer, opts ...grpc.CallOption,
	) (grpc.ClientStream, error) {
		return streamer(ctx, desc, cc, method, opts...)
	})
	return plainConn(tb, "127.0.0.1:1", append(interceptors.DialOptions(opts...), inner)...)
}

var (
	serverStream = &grpc.StreamDesc{ServerStreams: true}
	clientStream = &grpc.StreamDesc{ClientStreams: true}
	bothStream   = &grpc.StreamDesc{ServerStreams: true, ClientStreams: true}
)

// put makes text what was received into m.
func put(m any, text string) { m.(*wrapperspb.StringValue).Value = text }

// receive is RecvMsg for tests.
func receive(stream grpc.ClientStream) (string, error) {
	var m wrapperspb.StringValue
	err := stream.RecvMsg(&m)
	return m.GetValue(), err
}

// receiveAll receives until the stream ends, with nil for io.EOF.
func receiveAll(stream grpc.ClientStream) (all []string, err error) {
	for {
		text, err := receive(stream)
		if err != nil {
			return all, withoutEOF(err)
		}
		all = append(all, text)
	}
}
