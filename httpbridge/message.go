package httpbridge

import (
	"strconv"
	"strings"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/structpb"
)

var (
	strictOptions = protojson.UnmarshalOptions{AllowPartial: true}
	readOptions   = protojson.UnmarshalOptions{AllowPartial: true, DiscardUnknown: true}
)

// addMessage adds a detail of any type. If the type is known and all is well,
// protojson reads it; if only some of it is, that is read. What has nothing that
// could be read is kept as it is.
func (d *draft) addMessage(url string, detail value) {
	mt, err := protoregistry.GlobalTypes.FindMessageByURL(url)
	if err != nil {
		d.addRaw(detail)
		return
	}
	packed, text := &anypb.Any{}, []byte(detail.raw())
	if strictOptions.Unmarshal(text, packed) == nil {
		d.addAny(packed)
		return
	}
	if readOptions.Unmarshal(text, packed) != nil {
		m := mt.New()
		if !wellKnown(m.Descriptor()) {
			fill(m, detail)
		}
		if packed = pack(m.Interface()); packed != nil {
			packed.TypeUrl = url
		}
	}
	if len(packed.GetValue()) == 0 {
		d.addRaw(detail)
		return
	}
	d.addAny(packed)
}

// hasJSONValue reports whether "value" means something of its own in the JSON of
// an Any of that type.
func hasJSONValue(url string) bool {
	mt, err := protoregistry.GlobalTypes.FindMessageByURL(url)
	if err != nil {
		return false
	}
	descriptor := mt.Descriptor()
	return wellKnown(descriptor) || descriptor.Fields().ByJSONName("value") != nil
}

// wellKnown types have a JSON of their own.
func wellKnown(m protoreflect.MessageDescriptor) bool {
	return m.ParentFile().Package() == "google.protobuf"
}

// fill reads the members of an object into the fields of a message, one by one.
// A member that has no field, or is of a type that the field cannot be, is left
// out; within lists and maps, one element or entry is.
func fill(m protoreflect.Message, object value) {
	fields := m.Descriptor().Fields()
	for name, member := range object.members() {
		field := fields.ByJSONName(name)
		if field == nil {
			field = fields.ByTextName(name)
		}
		switch {
		case field == nil || m.Has(field):
		case field.IsList():
			for element := range member.elements() {
				fillElement(m, field, element)
			}
		case field.IsMap():
			for key, entry := range member.children() {
				fillLeaf(m, field, "{", key, ":", entry.raw(), "}")
			}
		case hasFields(field) && member.isObject():
			fill(m.Mutable(field).Message(), member)
		default:
			fillLeaf(m, field, member.raw())
		}
	}
}

func fillElement(m protoreflect.Message, field protoreflect.FieldDescriptor, element value) {
	if hasFields(field) && element.isObject() {
		fill(m.Mutable(field).List().AppendMutable().Message(), element)
		return
	}
	fillLeaf(m, field, "[", element.raw(), "]")
}

// hasFields reports whether the field's message is read field by field.
func hasFields(field protoreflect.FieldDescriptor) bool {
	return field.Message() != nil && !field.IsMap() && !wellKnown(field.Message())
}

// fillLeaf lets protojson read one value.
func fillLeaf(m protoreflect.Message, field protoreflect.FieldDescriptor, content ...string) {
	object := `{"` + field.TextName() + `":` + strings.Join(content, "") + `}`
	one := m.New().Interface()
	if readOptions.Unmarshal([]byte(object), one) == nil {
		proto.Merge(m.Interface(), one)
	}
}

// maxRawDepth keeps a Struct within what other languages' protobuf decoders
// accept: a hundred messages within each other, three for each level of JSON.
const maxRawDepth = 30

// rawMessage is JSON as a message: a Struct for an object, a Value for the rest,
// nil for null and for what is not there.
func rawMessage(v value) proto.Message {
	converted := structValue(v, maxRawDepth)
	switch {
	case converted == nil || v.isNull():
		return nil
	case v.isObject():
		return converted.GetStructValue()
	default:
		return converted
	}
}

// structValue converts one value; nil if it is nested too deeply. A number that
// a float64 cannot hold becomes text.
func structValue(v value, depth int) *structpb.Value {
	if depth == 0 {
		return nil
	}
	switch v.node().kind {
	case '{':
		fields := make(map[string]*structpb.Value)
		for name, member := range v.members() {
			if _, twice := fields[name]; twice {
				continue
			}
			if converted := structValue(member, depth-1); converted != nil {
				fields[name] = converted
			}
		}
		return structpb.NewStructValue(&structpb.Struct{Fields: fields})
	case '[':
		var list structpb.ListValue
		for element := range v.elements() {
			if converted := structValue(element, depth-1); converted != nil {
				list.Values = append(list.Values, converted)
			}
		}
		return structpb.NewListValue(&list)
	case '0':
		number, err := strconv.ParseFloat(v.raw(), 64)
		if err != nil {
			return structpb.NewStringValue(v.raw())
		}
		return structpb.NewNumberValue(number)
	case '"':
		return structpb.NewStringValue(v.string())
	case 't', 'f':
		return structpb.NewBoolValue(v.node().kind == 't')
	case 'n':
		return structpb.NewNullValue()
	default:
		return nil
	}
}
