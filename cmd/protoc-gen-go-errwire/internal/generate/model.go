package generate

import (
	"slices"

	"google.golang.org/protobuf/compiler/protogen"

	errwirev1 "github.com/errwire/errwire/proto/errwire/v1"
)

// A goPackage is one Go package to generate: the catalogs of all its proto files
// as one, for they have one type Code and one function All.
type goPackage struct {
	importPath protogen.GoImportPath
	prefix     string // of the names of the files

	Name      string
	Domain    string
	Source    string // the proto files, for people
	HelpURL   string // of the values that have no other
	Values    []*value
	Umbrellas []*umbrella

	names map[string]string // Go names at the top level, and what has them
}

// shareHelpURL says the link of the first catalog once. Where a value has none,
// because another catalog of the package has none, each says its own.
func (p *goPackage) shareHelpURL() {
	if slices.ContainsFunc(p.Values, func(v *value) bool { return v.HelpURL == "" }) {
		p.HelpURL = ""
	}
	for _, v := range p.Values {
		if v.HelpURL == p.HelpURL {
			v.HelpURL = ""
		}
	}
}

// A value is one service code.
type value struct {
	at       place
	comments protogen.CommentSet
	options  *errwirev1.Error
	pieces   []piece // of the message

	GoName     string // UserNotFound
	Reason     string // USER_NOT_FOUND
	Code       string // the platform code: NOT_FOUND
	HelpURL    string // if it is not the package's
	Deprecated string // why, or ""
	Synonyms   []string
	Parameters []parameter
}

// An umbrella is a predicate that several values answer to.
type umbrella struct {
	at                place
	name, description string

	GoName  string
	Members []*value
}

// A parameter is one argument of a constructor.
type parameter struct {
	Key, Name string
	kind
}

// A kind is a type that a parameter may have.
type kind struct {
	GoType string
	format string // an expression for the value as a string; %s is the parameter

	// What the generated test gives, and what must be in the metadata then.
	Sample, SampleText string
}

var kinds = map[errwirev1.Parameter_Type]kind{
	errwirev1.Parameter_TYPE_UNSPECIFIED: {"string", "%s", `"text"`, "text"},
	errwirev1.Parameter_TYPE_STRING:      {"string", "%s", `"text"`, "text"},
	errwirev1.Parameter_TYPE_INT64:       {"int64", "strconv.FormatInt(%s, 10)", "-7", "-7"},
	errwirev1.Parameter_TYPE_DOUBLE:      {"float64", "strconv.FormatFloat(%s, 'g', -1, 64)", "0.5", "0.5"},
	errwirev1.Parameter_TYPE_BOOL:        {"bool", "strconv.FormatBool(%s)", "true", "true"},
}
