package interceptors_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"google.golang.org/grpc"
	"google.golang.org/grpc/encoding"
	pb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/protobuf/proto"

	"github.com/errwire/errwire/interceptors"
	"github.com/errwire/errwire/status"
)

// garbled is a codec that calls itself proto and sends what is no message.
type garbled struct{ encoding.Codec }

func (garbled) Name() string                { return "proto" }
func (garbled) Marshal(any) ([]byte, error) { return []byte{0xff, 0xff, 0xff}, nil }

// The package comment lists what grpc answers by itself; this holds the list to
// the version in use. On a stream too: grpc sends the status as soon as it finds
// the fault, before the handler returns.
func TestWhatNoInterceptorReaches(t *testing.T) {
	t.Parallel()
	large := &pb.SimpleRequest{Payload: &pb.Payload{Body: make([]byte, 2*kib)}}
	tests := []struct {
		name          string
		unary, stream string // the methods called
		request       proto.Message
		limit         grpc.ServerOption
		call          []grpc.CallOption
		code          status.Code
	}{
		{"a request that is too large", pb.TestService_UnaryCall_FullMethodName, pb.TestService_StreamingInputCall_FullMethodName,
			large, grpc.MaxRecvMsgSize(kib), nil, status.ResourceExhausted},
		{"a request that cannot be decoded", pb.TestService_UnaryCall_FullMethodName, pb.TestService_StreamingInputCall_FullMethodName,
			large, grpc.EmptyServerOption{}, []grpc.CallOption{grpc.ForceCodec(garbled{})}, status.Internal},
		{"an answer that is too large", pb.TestService_CacheableUnaryCall_FullMethodName, pb.TestService_HalfDuplexCall_FullMethodName,
			&pb.SimpleRequest{}, grpc.MaxSendMsgSize(kib), nil, status.ResourceExhausted},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			opts := interceptors.ServerOptions(interceptors.WithDomain(domain), interceptors.WithLogger(discard))
			conn := dial(t, serve(t, fails(nil), append(opts, tt.limit)...))

			err := conn.Invoke(t.Context(), tt.unary, tt.request, &pb.Empty{}, tt.call...)
			assert.Equal(t, tt.code, status.CodeOf(err), "%v", err)
			assert.Zero(t, status.ServiceCodeOf(err))

			stream, err := conn.NewStream(t.Context(), &grpc.StreamDesc{ClientStreams: true, ServerStreams: true}, tt.stream, tt.call...)
			if assert.NoError(t, err) {
				_ = stream.SendMsg(tt.request)
				_, _, err = drain(stream, func() error { return stream.RecvMsg(&pb.Empty{}) })
			}
			assert.Equal(t, tt.code, status.CodeOf(err), "%v", err)
			assert.Zero(t, status.ServiceCodeOf(err))
		})
	}
}
