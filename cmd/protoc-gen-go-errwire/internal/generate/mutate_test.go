package generate_test

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/pluginpb"

	"github.com/errwire/errwire/cmd/protoc-gen-go-errwire/internal/generate"
)

// FuzzMutatedRequest takes a good request and changes a few things in it: a name
// here, an index there. Bytes changed at random are hardly ever a request.
func FuzzMutatedRequest(f *testing.F) {
	for seed := range uint64(100) {
		f.Add(seed)
	}
	dirs := []string{"golden/shop", "golden/legacy", "refused/several", "refused/go_name_others", "refused/reason_twice"}
	requests := map[string]*pluginpb.CodeGeneratorRequest{}
	for _, dir := range dirs {
		requests[dir] = small(f, dir)
	}
	f.Fuzz(func(t *testing.T, seed uint64) {
		random := rand.New(rand.NewPCG(seed, seed))
		req := proto.CloneOf(requests[dirs[random.IntN(len(dirs))]])
		m := &mutator{Rand: random}
		for _, file := range req.GetProtoFile() {
			if name := file.GetName(); !strings.HasPrefix(name, "google/") && !strings.HasPrefix(name, "errwire/") {
				m.collect(file.ProtoReflect())
			}
		}
		for range 1 + random.IntN(4) {
			m.mutate()
		}
		// Over a pipe, as it comes; what cannot be sent is no request.
		b, err := proto.Marshal(req)
		if err != nil {
			return
		}
		if proto.Unmarshal(b, req) != nil {
			return
		}
		resp := generate.Run(req)
		requireGood(t, resp)
		require.NotContains(t, resp.GetError(), "cannot be read", "something has panicked")
		_, err = proto.Marshal(resp)
		require.NoError(t, err)
	})
}

// A mutator changes fields of messages.
type mutator struct {
	*rand.Rand
	fields []field
	texts  []string
}

type field struct {
	in protoreflect.Message
	fd protoreflect.FieldDescriptor
}

// collect notes all fields in a message that are set, in an order that is the
// same every time.
func (m *mutator) collect(in protoreflect.Message) {
	var fields []protoreflect.FieldDescriptor
	in.Range(func(fd protoreflect.FieldDescriptor, _ protoreflect.Value) bool {
		fields = append(fields, fd)
		return true
	})
	slices.SortFunc(fields, func(a, b protoreflect.FieldDescriptor) int { return cmp.Compare(a.Number(), b.Number()) })
	for _, fd := range fields {
		v := in.Get(fd)
		m.fields = append(m.fields, field{in, fd})
		switch {
		case fd.IsList() && fd.Message() != nil:
			for i := range v.List().Len() {
				m.collect(v.List().Get(i).Message())
			}
		case fd.Message() != nil:
			m.collect(v.Message())
		case fd.Kind() == protoreflect.StringKind && !fd.IsList():
			m.texts = append(m.texts, v.String())
		}
	}
}

// mutate changes one field.
func (m *mutator) mutate() {
	f := m.fields[m.IntN(len(m.fields))]
	switch {
	case !f.in.Has(f.fd): // gone with an earlier change
	case m.IntN(4) == 0:
		f.in.Clear(f.fd)
	case f.fd.IsList():
		m.list(f.in.Mutable(f.fd).List())
	case f.fd.Message() != nil:
		f.in.Set(f.fd, f.in.NewField(f.fd))
	default:
		f.in.Set(f.fd, m.scalar(f))
	}
}

// list drops an element of a list, or has it twice.
func (m *mutator) list(l protoreflect.List) {
	if l.Len() == 0 {
		return
	}
	i := m.IntN(l.Len())
	if m.IntN(2) == 0 {
		l.Append(l.Get(i))
		return
	}
	l.Set(i, l.Get(l.Len()-1))
	l.Truncate(l.Len() - 1)
}

func (m *mutator) scalar(f field) protoreflect.Value {
	numbers := []int32{0, 1, 2, 5, 16, 17, 99, -1, 19000, math.MaxInt32, math.MinInt32}
	number := numbers[m.IntN(len(numbers))]
	switch f.fd.Kind() {
	case protoreflect.StringKind:
		odd := []string{"", "_", "E_", "UNSPECIFIED", "a b", "é", "\x00", ".", "../x", "-", "SHELF__FULL", strings.Repeat("LONG_", 30), "{", "{shelf}"}
		return protoreflect.ValueOfString(append(odd, m.texts...)[m.IntN(len(odd)+len(m.texts))])
	case protoreflect.Int32Kind:
		return protoreflect.ValueOfInt32(number)
	case protoreflect.EnumKind:
		return protoreflect.ValueOfEnum(protoreflect.EnumNumber(number))
	case protoreflect.BoolKind:
		return protoreflect.ValueOfBool(!f.in.Get(f.fd).Bool())
	default:
		return f.in.Get(f.fd)
	}
}
