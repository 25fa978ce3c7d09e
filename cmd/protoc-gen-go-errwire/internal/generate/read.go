package generate

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"google.golang.org/protobuf/compiler/protogen"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"

	errwirev1 "github.com/errwire/errwire/proto/errwire/v1"
)

// A reader makes the model of a request, and notes what is wrong with it.
type reader struct {
	problems
	packages map[protogen.GoImportPath]*goPackage

	// Who has a reason or a REST alias, by domain and name: two files may
	// declare codes of one domain.
	reasons, aliases map[[2]string]place
}

// read returns the packages to generate, in the order of their import paths.
func read(gen *protogen.Plugin) ([]*goPackage, error) {
	r := &reader{
		packages: map[protogen.GoImportPath]*goPackage{},
		reasons:  map[[2]string]place{},
		aliases:  map[[2]string]place{},
	}
	// By path, so that the order on the command line does not matter, and files
	// that are only imported first: a clash is the fault of the one that is
	// being generated.
	files := slices.SortedFunc(slices.Values(gen.Files), func(a, b *protogen.File) int {
		if a.Generate != b.Generate {
			if a.Generate {
				return 1
			}
			return -1
		}
		return strings.Compare(a.Desc.Path(), b.Desc.Path())
	})
	for _, file := range files {
		for _, enum := range enumsOf(file.Enums, file.Messages) {
			r.enum(file, enum)
		}
	}
	packages := slices.SortedFunc(maps.Values(r.packages), func(a, b *goPackage) int {
		return cmp.Compare(a.importPath, b.importPath)
	})
	for _, pkg := range packages {
		r.names(pkg, files)
		pkg.shareHelpURL()
	}
	return packages, r.err()
}

// enumsOf is all enums of a file, nested ones too.
func enumsOf(enums []*protogen.Enum, messages []*protogen.Message) []*protogen.Enum {
	all := slices.Clone(enums)
	for _, m := range messages {
		all = append(all, enumsOf(m.Enums, m.Messages)...)
	}
	return all
}

// enumOptionsField is the number of EnumDescriptorProto.options, for source
// paths.
const enumOptionsField = 3

// enum reads one enum, if it is a catalog.
func (r *reader) enum(file *protogen.File, enum *protogen.Enum) {
	options, _ := proto.GetExtension(enum.Desc.Options(), errwirev1.E_Catalog).(*errwirev1.Catalog)
	switch {
	case !file.Generate:
		r.imported(file, enum, options)
		return
	case options == nil:
		r.strays(file, enum)
		return
	}
	at := placeOf(file, append(slices.Clone(enum.Location.Path), enumOptionsField, int32(errwirev1.E_Catalog.TypeDescriptor().Number())))
	r.known(at, string(enum.Desc.Name()), options)
	r.domain(at, enum, options.GetDomain())
	r.helpURL(at, string(enum.Desc.Name()), options.GetHelpUrl())

	pkg := r.packageOf(file, options)
	if pkg.Domain != options.GetDomain() {
		r.add(at, "%s is of domain %q, but Go package %s is of domain %q: give each domain a Go package of its own",
			enum.Desc.Name(), options.GetDomain(), pkg.importPath, pkg.Domain)
	}
	umbrellas := r.umbrellas(at, pkg, options)
	declared := 0
	for _, v := range enum.Values {
		if r.unspecified(file, v) {
			continue
		}
		declared++
		r.value(file, pkg, enum, v, options, umbrellas)
	}
	if declared == 0 {
		r.add(at, "%s declares no service code", enum.Desc.Name())
	}
}

// errorOf is what is said of a value; nil for one that is no service code.
func errorOf(v *protogen.EnumValue) *errwirev1.Error {
	e, _ := proto.GetExtension(v.Desc.Options(), errwirev1.E_Error).(*errwirev1.Error)
	return e
}

// strays notes the values of an enum that is no catalog but has service codes.
func (r *reader) strays(file *protogen.File, enum *protogen.Enum) {
	for _, v := range enum.Values {
		if errorOf(v) != nil {
			r.add(placeOf(file, v.Location.Path), "%s is a service code, but %s has no (errwire.v1.catalog) option and so no domain",
				v.Desc.Name(), enum.Desc.Name())
		}
	}
}

// imported notes the reasons and aliases of a catalog that is generated another
// time. What else may be wrong with it is for that time.
func (r *reader) imported(file *protogen.File, enum *protogen.Enum, options *errwirev1.Catalog) {
	if options == nil {
		return
	}
	for _, v := range enum.Values {
		at := placeOf(file, v.Location.Path)
		r.reasons[[2]string{options.GetDomain(), reasonOf(string(enum.Desc.Name()), string(v.Desc.Name()))}] = at
		for _, name := range errorOf(v).GetRestAliases() {
			r.aliases[[2]string{options.GetDomain(), name}] = at
		}
	}
}

func (r *reader) packageOf(file *protogen.File, options *errwirev1.Catalog) *goPackage {
	pkg := r.packages[file.GoImportPath]
	if pkg == nil {
		pkg = &goPackage{
			importPath: file.GoImportPath,
			prefix:     file.GeneratedFilenamePrefix,
			Name:       string(file.GoPackageName),
			Domain:     options.GetDomain(),
			Source:     file.Desc.Path(),
			HelpURL:    options.GetHelpUrl(),
			names:      map[string]string{},
		}
		r.packages[file.GoImportPath] = pkg
	}
	if sources := strings.Split(pkg.Source, ", "); !slices.Contains(sources, file.Desc.Path()) {
		pkg.Source += ", " + file.Desc.Path()
	}
	return pkg
}

// umbrellas reads the umbrellas that a catalog declares.
func (r *reader) umbrellas(at place, pkg *goPackage, options *errwirev1.Catalog) map[string]*umbrella {
	declared := map[string]*umbrella{}
	for _, options := range options.GetUmbrellas() {
		name := options.GetName()
		r.known(at, "umbrella "+name, options)
		if !r.formOfReason(at, "umbrella", name) {
			continue
		}
		u := &umbrella{at: at, name: name, description: options.GetDescription(), GoName: goName(name)}
		pkg.Umbrellas = append(pkg.Umbrellas, u)
		declared[name] = u
	}
	return declared
}

// unspecified reports whether a value is the one that stands for no error.
func (r *reader) unspecified(file *protogen.File, desc *protogen.EnumValue) bool {
	name := string(desc.Desc.Name())
	if desc.Desc.Number() != 0 || name != "UNSPECIFIED" && !strings.HasSuffix(name, "_UNSPECIFIED") {
		return false
	}
	if errorOf(desc) != nil {
		r.add(placeOf(file, desc.Location.Path), "%s stands for no error; it cannot have the (errwire.v1.error) option", name)
	}
	return true
}

// value reads one value of a catalog.
func (r *reader) value(file *protogen.File, pkg *goPackage, enum *protogen.Enum, desc *protogen.EnumValue, catalog *errwirev1.Catalog, umbrellas map[string]*umbrella) {
	at := placeOf(file, desc.Location.Path)
	options := errorOf(desc)
	v := &value{
		at:         at,
		comments:   desc.Comments,
		options:    options,
		Reason:     reasonOf(string(enum.Desc.Name()), string(desc.Desc.Name())),
		Deprecated: deprecation(desc.Desc, options),
	}
	if !r.formOfReason(at, "reason", v.Reason) {
		return
	}
	if r.taken(at, catalog.GetDomain(), v) {
		return
	}
	v.GoName = goName(v.Reason)
	pkg.Values = append(pkg.Values, v)
	r.known(at, v.Reason, options)
	r.platformCode(v)
	r.message(v)
	r.helpURL(at, v.Reason, options.GetHelpUrl())
	v.HelpURL = cmp.Or(options.GetHelpUrl(), catalog.GetHelpUrl())
	for _, synonym := range options.GetSynonyms() {
		if r.formOfReason(at, "synonym", synonym) {
			v.Synonyms = append(v.Synonyms, goName(synonym))
		}
	}
	for _, name := range options.GetUmbrellas() {
		switch u := umbrellas[name]; {
		case u == nil:
			r.add(at, "%s names umbrella %q, which %s does not declare", v.Reason, name, enum.Desc.Name())
		case slices.Contains(u.Members, v):
			r.add(at, "%s names umbrella %q twice", v.Reason, name)
		default:
			u.Members = append(u.Members, v)
		}
	}
}

// deprecation is why a value is deprecated, or "".
func deprecation(desc protoreflect.EnumValueDescriptor, options *errwirev1.Error) string {
	if why := strings.TrimSpace(options.GetDeprecated()); why != "" {
		return why
	}
	if own, ok := desc.Options().(*descriptorpb.EnumValueOptions); ok && own.GetDeprecated() {
		return "the service no longer sends it."
	}
	return ""
}
