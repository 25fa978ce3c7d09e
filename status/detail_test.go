package status_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/dynamicpb"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/structpb"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/errwire/errwire/status"
)

func TestDetail(t *testing.T) {
	t.Parallel()
	e := status.New(status.InvalidArgument, "m").
		WithServiceCode(status.ServiceCode{Domain: "d", Reason: "R_R"}).
		WithDetails(
			&errdetails.BadRequest{FieldViolations: []*errdetails.BadRequest_FieldViolation{{Field: "first"}}},
			&errdetails.BadRequest{FieldViolations: []*errdetails.BadRequest_FieldViolation{{Field: "second"}}},
			wrapperspb.String("text"),
			structpb.NewNullValue(),
		)
	for name, err := range map[string]error{
		"made here":       e,
		"over gRPC":       e.GRPCStatus().Err(),
		"wrapped":         fmt.Errorf("a: %w", e),
		"joined over":     errors.Join(errPlain, e.GRPCStatus().Err()),
		"translated once": status.FromError(fmt.Errorf("a: %w", e)),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			request, ok := status.Detail[*errdetails.BadRequest](err)
			require.True(t, ok)
			assert.Equal(t, "first", request.GetFieldViolations()[0].GetField())
			info, ok := status.Detail[*errdetails.ErrorInfo](err)
			require.True(t, ok)
			assert.Equal(t, "R_R", info.GetReason())
			text, ok := status.Detail[*wrapperspb.StringValue](err)
			require.True(t, ok)
			assert.Equal(t, "text", text.GetValue())
			_, ok = status.Detail[*structpb.Value](err)
			assert.True(t, ok)
			help, ok := status.Detail[*errdetails.Help](err)
			assert.False(t, ok)
			assert.Nil(t, help)
		})
	}
}

func TestDetailOfTypesWithoutAName(t *testing.T) {
	t.Parallel()
	e := status.New(status.NotFound, "m").WithDetails(&errdetails.Help{})
	message, ok := status.Detail[proto.Message](e)
	assert.False(t, ok)
	assert.Nil(t, message)
	dynamic, ok := status.Detail[*dynamicpb.Message](e)
	assert.False(t, ok)
	assert.Nil(t, dynamic)
	_, ok = status.Detail[panickingMessage](e)
	assert.False(t, ok)
	_, ok = status.Detail[struct{ *errdetails.Help }](e)
	assert.False(t, ok, "a struct around the type is another type")
	_, ok = status.Detail[*anypb.Any](e)
	assert.False(t, ok)
	for _, err := range []error{nil, errPlain, (*status.Error)(nil), status.NotFound} {
		_, ok = status.Detail[*errdetails.Help](err)
		assert.False(t, ok)
	}
}

func TestDetailPassesOverOneThatCannotBeRead(t *testing.T) {
	t.Parallel()
	broken := &anypb.Any{TypeUrl: rpcType + "Help", Value: []byte{0x0a, 0xff}}
	help := packed(t, &errdetails.Help{Links: []*errdetails.Help_Link{{Url: "https://example.com"}}})
	got, ok := status.Detail[*errdetails.Help](fromDetails(codes.NotFound, broken, help))
	require.True(t, ok)
	assert.Equal(t, "https://example.com", got.GetLinks()[0].GetUrl())
	got, ok = status.Detail[*errdetails.Help](fromDetails(codes.NotFound, broken))
	assert.False(t, ok)
	assert.Nil(t, got, "not half of it")
}

func TestDetailOfAnAnyInAnAny(t *testing.T) {
	t.Parallel()
	inner := packed(t, &errdetails.Help{})
	got, ok := status.Detail[*anypb.Any](fromDetails(codes.NotFound, packed(t, inner)))
	require.True(t, ok)
	assert.True(t, proto.Equal(inner, got))
}

func TestDetailsOfATypeMadeAtRunTime(t *testing.T) {
	t.Parallel()
	file, err := protodesc.NewFile(&descriptorpb.FileDescriptorProto{
		Name:    new("errwire/status/dynamic_test.proto"),
		Package: new("errwire.test"),
		Syntax:  new("proto3"),
		MessageType: []*descriptorpb.DescriptorProto{{
			Name: new("Dynamic"),
			Field: []*descriptorpb.FieldDescriptorProto{{
				Name: new("note"), Number: new(int32(1)),
				Type:  descriptorpb.FieldDescriptorProto_TYPE_STRING.Enum(),
				Label: descriptorpb.FieldDescriptorProto_LABEL_OPTIONAL.Enum(),
			}},
		}},
	}, nil)
	require.NoError(t, err)
	descriptor := file.Messages().Get(0)
	message := dynamicpb.NewMessage(descriptor)
	message.Set(descriptor.Fields().Get(0), protoreflect.ValueOfString("hällo"))

	e := status.New(status.NotFound, "m").WithDetails(message)
	back := status.FromError(e.GRPCStatus().Err())
	require.Len(t, back.Details(), 1)
	any, ok := back.Details()[0].(*anypb.Any)
	require.True(t, ok, "nobody registered the type")
	assert.Equal(t, "type.googleapis.com/errwire.test.Dynamic", any.GetTypeUrl())
	read := dynamicpb.NewMessage(descriptor)
	require.NoError(t, any.UnmarshalTo(read))
	assert.True(t, proto.Equal(message, read))
}
