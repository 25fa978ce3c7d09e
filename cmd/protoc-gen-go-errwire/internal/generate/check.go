package generate

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"google.golang.org/protobuf/compiler/protogen"
	"google.golang.org/protobuf/proto"

	errwirev1 "github.com/errwire/errwire/proto/errwire/v1"
)

// AIP-193's rules for reasons and for the keys of metadata.
var (
	reasonForm = regexp.MustCompile(`^[A-Z][A-Z0-9_]+[A-Z0-9]$`)
	keyForm    = regexp.MustCompile(`^[a-z][a-zA-Z0-9-_]+$`)
)

const (
	maxReason = 63
	maxKey    = 64
)

// conflictKey is the metadata key with which a CONFLICT crosses gRPC. Nobody
// sees it, so nobody may have it.
const conflictKey = "platformCode"

func validKey(key string) bool { return keyForm.MatchString(key) }

// formOfReason checks a name that has to have the form of a reason.
func (r *reader) formOfReason(at place, what, name string) bool {
	switch {
	case name == "":
		r.add(at, "%s without a name", what)
	case len(name) > maxReason:
		r.add(at, "%s %s has %d characters; at most %d are allowed (AIP-193)", what, name, len(name), maxReason)
	case !reasonForm.MatchString(name):
		r.add(at, "%s %s is not of the form [A-Z][A-Z0-9_]+[A-Z0-9] (AIP-193)", what, name)
	default:
		return true
	}
	return false
}

func (r *reader) domain(at place, enum *protogen.Enum, domain string) {
	switch {
	case domain == "":
		r.add(at, "%s has no domain: set domain in (errwire.v1.catalog)", enum.Desc.Name())
	case strings.ContainsFunc(domain, func(c rune) bool { return c == '/' || c <= ' ' || c > '~' }):
		r.add(at, "domain %q of %s is not the name of a service, such as library.example.com", domain, enum.Desc.Name())
	}
}

// helpURL checks a link: AIP-193 wants links absolute.
func (r *reader) helpURL(at place, of, link string) {
	if link == "" {
		return
	}
	if u, err := url.Parse(link); err != nil || u.Scheme == "" || u.Host == "" {
		r.add(at, "help_url %q of %s is not an absolute URL", link, of)
	}
}

// known checks that nothing was said in an option that this plugin does not
// understand: it is older than the proto files that it works with.
func (r *reader) known(at place, of string, options proto.Message) {
	if len(options.ProtoReflect().GetUnknown()) > 0 {
		r.add(at, "%s has an option that this protoc-gen-go-errwire does not know: update the plugin", of)
	}
}

// taken notes the reason and the aliases of v, and reports whether somebody has
// the reason already.
func (r *reader) taken(at place, domain string, v *value) bool {
	if other, ok := r.reasons[[2]string{domain, v.Reason}]; ok {
		r.add(at, "reason %s of domain %q is declared in %v too", v.Reason, domain, other)
		return true
	}
	r.reasons[[2]string{domain, v.Reason}] = at
	for _, name := range v.options.GetRestAliases() {
		switch other, ok := r.aliases[[2]string{domain, name}]; {
		case name == "" || strings.ContainsFunc(name, func(c rune) bool { return unicode.IsSpace(c) || unicode.IsControl(c) }):
			r.add(at, "REST alias %q of %s is empty or has blanks", name, v.Reason)
		case ok:
			r.add(at, "REST alias %q of %s is taken in domain %q by %v", name, v.Reason, domain, other)
		default:
			r.aliases[[2]string{domain, name}] = at
		}
	}
	return false
}

func (r *reader) platformCode(v *value) {
	if v.options == nil || v.options.Code == nil {
		r.add(v.at, "%s has no platform code: set code in (errwire.v1.error)", v.Reason)
		return
	}
	code := v.options.GetCode()
	name, ok := errwirev1.Code_name[int32(code)]
	switch {
	case !ok:
		r.add(v.at, "%s has platform code %d, which this protoc-gen-go-errwire does not know", v.Reason, code)
	case code == errwirev1.Code_OK:
		r.add(v.at, "%s has platform code OK, which is no error", v.Reason)
	}
	v.Code = name
}

// message checks the message and the parameters of v.
func (r *reader) message(v *value) {
	names := map[string]string{} // the keys, by the Go name of the parameter
	keys := map[string]bool{}
	for _, p := range v.options.GetParameters() {
		key := p.GetKey()
		name := paramName(key)
		k, known := kinds[p.GetType()]
		r.known(v.at, fmt.Sprintf("metadata key %q of %s", key, v.Reason), p)
		switch {
		case !validKey(key):
			r.add(v.at, "metadata key %q of %s is not of the form [a-z][a-zA-Z0-9-_]+ (AIP-193)", key, v.Reason)
		case len(key) > maxKey:
			r.add(v.at, "metadata key %q of %s has %d characters; at most %d are allowed (AIP-193)", key, v.Reason, len(key), maxKey)
		case key == conflictKey:
			r.add(v.at, "metadata key %q of %s is reserved: a CONFLICT crosses gRPC with it", key, v.Reason)
		case keys[key]:
			r.add(v.at, "metadata key %q of %s is there twice", key, v.Reason)
		case names[name] != "":
			r.add(v.at, "metadata keys %q and %q of %s are both the Go parameter %s", names[name], key, v.Reason, name)
		case !known:
			r.add(v.at, "metadata key %q of %s has type %d, which this protoc-gen-go-errwire does not know", key, v.Reason, p.GetType())
		default:
			v.Parameters = append(v.Parameters, parameter{key, name, k})
		}
		names[name], keys[key] = key, true
	}
	pieces, err := parseMessage(v.options.GetMessage())
	if err != nil {
		r.add(v.at, "the message of %s %v", v.Reason, err)
	}
	for _, p := range pieces {
		if p.key != "" && !keys[p.key] {
			r.add(v.at, "the message of %s has {%s}, but there is no such parameter", v.Reason, p.key)
		}
	}
	v.pieces = pieces
}

// catalogNames are the exported names that the templates have for every catalog.
var catalogNames = []string{"All", "Code", "CodeOf", "TestErrwireCatalog", "TestErrwirePredicates"}

// names checks that no two things of a Go package have one name: neither what
// is generated here, nor what protoc-gen-go and protoc-gen-go-grpc make of the
// same files.
func (r *reader) names(pkg *goPackage, files []*protogen.File) {
	for _, name := range catalogNames {
		pkg.names[name] = "what every catalog has"
	}
	for _, file := range files {
		if file.GoImportPath == pkg.importPath {
			r.othersNames(pkg, file)
		}
	}
	for _, v := range pkg.Values {
		for _, name := range []string{v.GoName, "Code" + v.GoName, "New" + v.GoName, "Is" + v.GoName} {
			if !r.name(pkg, v.at, name, v.Reason) {
				break // the others say nothing new
			}
		}
		for _, synonym := range v.Synonyms {
			r.name(pkg, v.at, "Is"+synonym, "a synonym of "+v.Reason)
		}
	}
	for _, u := range pkg.Umbrellas {
		r.name(pkg, u.at, "Is"+u.GoName, "umbrella "+u.name)
		if len(u.Members) == 0 {
			r.add(u.at, "umbrella %s has no members", u.name)
		}
	}
}

func (r *reader) name(pkg *goPackage, at place, name, of string) bool {
	if other, ok := pkg.names[name]; ok {
		r.add(at, "Go name %s of %s is taken by %s", name, of, other)
		return false
	}
	pkg.names[name] = of + " (" + at.String() + ")"
	return true
}

// othersNames notes the names that the other plugins make of a file. Those with
// an underscore cannot clash, since none made here has one. Clashes among the
// others are theirs to report.
func (r *reader) othersNames(pkg *goPackage, file *protogen.File) {
	note := func(name, of string, at protogen.Location) {
		switch _, taken := pkg.names[name]; {
		case slices.Contains(catalogNames, name):
			r.name(pkg, placeOf(file, at.Path), name, of)
		case !taken:
			pkg.names[name] = of
		}
	}
	for _, m := range file.Messages {
		note(m.GoIdent.GoName, "message "+string(m.Desc.FullName()), m.Location)
	}
	for _, e := range file.Enums {
		note(e.GoIdent.GoName, "enum "+string(e.Desc.FullName()), e.Location)
	}
	for _, s := range file.Services {
		of := "service " + string(s.Desc.FullName())
		for _, affixes := range [][2]string{
			{"", "Client"}, {"New", "Client"}, {"", "Server"},
			{"Unimplemented", "Server"}, {"Unsafe", "Server"}, {"Register", "Server"},
		} {
			note(affixes[0]+s.GoName+affixes[1], of, s.Location)
		}
	}
}
