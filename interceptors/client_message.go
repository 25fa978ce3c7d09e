package interceptors

import (
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// resetReply takes out what a failed attempt may have left in the reply.
func resetReply(reply any) {
	if m := reflected(reply); m != nil {
		proto.Reset(m.Interface())
	}
}

// reflected is the proto message m, or nil when it is none or a nil one. What m
// is, is the codec's affair: a type that embeds a nil message is no reason to
// panic.
func reflected(m any) (message protoreflect.Message) {
	defer func() {
		if recover() != nil {
			message = nil
		}
	}()
	if m, ok := m.(proto.Message); ok && m.ProtoReflect().IsValid() {
		return m.ProtoReflect()
	}
	return nil
}
