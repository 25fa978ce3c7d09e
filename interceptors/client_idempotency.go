package interceptors

import (
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"
)

// mayRepeat reports whether a request that may have run may run again: by the
// caller's word, by the method's idempotency_level, or because the request has a
// request_id, by which the server recognises a repeat (AIP-155).
func (c *client) mayRepeat(method string, s *callSettings, req any) bool {
	return c.idempotent || s.idempotent || declaredIdempotent(method) || hasRequestID(req)
}

// declaredIdempotent asks the method's descriptor, if it is linked in.
func declaredIdempotent(method string) bool {
	name := strings.ReplaceAll(strings.TrimPrefix(method, "/"), "/", ".")
	desc, err := protoregistry.GlobalFiles.FindDescriptorByName(protoreflect.FullName(name))
	if err != nil {
		return false
	}
	options, ok := desc.Options().(*descriptorpb.MethodOptions)
	return ok && options.GetIdempotencyLevel() != descriptorpb.MethodOptions_IDEMPOTENCY_UNKNOWN
}

// hasRequestID reports whether req has a string field request_id that is not
// empty.
func hasRequestID(req any) bool {
	m := reflected(req)
	if m == nil {
		return false
	}
	field := m.Descriptor().Fields().ByName("request_id")
	return field != nil && field.Kind() == protoreflect.StringKind && !field.IsList() && m.Get(field).String() != ""
}
