package conformance_test

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"io"
	"path"

	"github.com/bufbuild/protocompile"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/dynamicpb"
	"google.golang.org/protobuf/types/known/anypb"
	_ "google.golang.org/protobuf/types/known/emptypb"  // of the schema
	_ "google.golang.org/protobuf/types/known/structpb" // of the schema
)

const (
	schema      = "connectrpc.conformance.v1"
	serviceName = schema + ".ConformanceService"
)

// loadSchema makes the runner's messages known to the process.
func loadSchema(folder string) error {
	compiler := protocompile.Compiler{Resolver: protocompile.WithStandardImports(&protocompile.SourceResolver{ImportPaths: []string{folder}})}
	var names []string
	for _, name := range []string{"config", "service", "client_compat", "server_compat"} { // each imports those before it
		names = append(names, path.Join("connectrpc/conformance/v1", name+".proto"))
	}
	compiled, err := compiler.Compile(context.Background(), names...)
	if err != nil {
		return err
	}
	for _, file := range compiled {
		// Once more, to refer to this program's own Any and not to the compiler's.
		registered, err := protodesc.NewFile(protodesc.ToFileDescriptorProto(file), protoregistry.GlobalFiles)
		if err != nil {
			return err
		}
		if err := protoregistry.GlobalFiles.RegisterFile(registered); err != nil {
			return err
		}
		if err := registerMessages(registered.Messages()); err != nil {
			return err
		}
	}
	return nil
}

func registerMessages(messages protoreflect.MessageDescriptors) error {
	for i := range messages.Len() {
		if err := protoregistry.GlobalTypes.RegisterMessage(dynamicpb.NewMessageType(messages.Get(i))); err != nil {
			return err
		}
		if err := registerMessages(messages.Get(i).Messages()); err != nil {
			return err
		}
	}
	return nil
}

// methods are those of the service under test.
func methods() (list []protoreflect.MethodDescriptor, err error) {
	found, err := protoregistry.GlobalFiles.FindDescriptorByName(serviceName)
	if err != nil {
		return nil, err
	}
	all := found.(protoreflect.ServiceDescriptor).Methods()
	for i := range all.Len() {
		list = append(list, all.Get(i))
	}
	return list, nil
}

// receive reads the next message of the runner's into one of the structs of
// messages_test.go.
func receive(in io.Reader, name protoreflect.Name, into any) error {
	var size [4]byte
	if _, err := io.ReadFull(in, size[:]); err != nil {
		return err
	}
	bytes := make([]byte, binary.BigEndian.Uint32(size[:]))
	if _, err := io.ReadFull(in, bytes); err != nil {
		return err
	}
	m, err := newMessage(name)
	if err != nil {
		return err
	}
	if err := proto.Unmarshal(bytes, m); err != nil {
		return err
	}
	return read(m, into)
}

// reply writes such a struct to the runner.
func reply(out io.Writer, name protoreflect.Name, from any) error {
	m, err := newMessage(name)
	if err != nil {
		return err
	}
	if err := write(m, from); err != nil {
		return err
	}
	bytes, err := proto.Marshal(m)
	if err != nil {
		return err
	}
	_, err = out.Write(append(binary.BigEndian.AppendUint32(nil, uint32(len(bytes))), bytes...))
	return err
}

func newMessage(name protoreflect.Name) (proto.Message, error) {
	t, err := protoregistry.GlobalTypes.FindMessageByName(protoreflect.FullName(schema).Append(name))
	if err != nil {
		return nil, err
	}
	return t.New().Interface(), nil
}

// read and write convert by way of JSON, so that nothing here needs generated code.
func read(m proto.Message, into any) error {
	text, err := protojson.Marshal(m)
	if err != nil {
		return err
	}
	return json.Unmarshal(text, into)
}

func write(m proto.Message, from any) error {
	text, err := json.Marshal(from)
	if err != nil {
		return err
	}
	return protojson.Unmarshal(text, m)
}

// pack makes the JSON of an Any, and unpack its message.
func pack(m proto.Message) (json.RawMessage, error) {
	packed, err := anypb.New(m)
	if err != nil {
		return nil, err
	}
	return protojson.Marshal(packed)
}

func unpack(text json.RawMessage) (*anypb.Any, error) {
	packed := &anypb.Any{}
	return packed, protojson.Unmarshal(text, packed)
}
