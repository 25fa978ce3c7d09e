package generate

import (
	"bytes"
	"embed"
	"go/format"
	"strconv"
	"strings"
	"text/template"

	"google.golang.org/protobuf/compiler/protogen"
)

//go:embed *.tmpl
var templateFiles embed.FS

var templates = template.Must(template.New("").
	Funcs(template.FuncMap{"quote": strconv.Quote, "clean": clean}).
	ParseFS(templateFiles, "*.tmpl"))

// emit writes the files of one package.
func emit(gen *protogen.Plugin, pkg *goPackage) error {
	for _, file := range []struct{ template, suffix string }{
		{"package.go.tmpl", ".errwire.go"},
		{"test.go.tmpl", "_errwire_test.go"},
	} {
		var source bytes.Buffer
		if err := templates.ExecuteTemplate(&source, file.template, pkg); err != nil {
			return err
		}
		formatted, err := format.Source(source.Bytes())
		if err != nil {
			return err
		}
		g := gen.NewGeneratedFile(pkg.prefix+file.suffix, pkg.importPath)
		if _, err := g.Write(formatted); err != nil {
			return err
		}
	}
	return nil
}

// NeedsStrconv reports whether a constructor does.
func (p *goPackage) NeedsStrconv() bool {
	for _, v := range p.Values {
		for _, param := range v.Parameters {
			if strings.Contains(param.format, "strconv.") {
				return true
			}
		}
	}
	return false
}

// GoCode is the platform code as a name in package status.
func (v *value) GoCode() string { return goName(v.Code) }

// Aliases are the names in REST bodies.
func (v *value) Aliases() []string { return v.options.GetRestAliases() }

// Message is the message as a whole; "" if it has parameters, for nobody shall
// read {key}.
func (v *value) Message() string {
	message, _ := plain(v.pieces)
	return message
}

// Signature is the parameters of the constructor.
func (v *value) Signature() string {
	params := make([]string, len(v.Parameters))
	for i, p := range v.Parameters {
		params[i] = p.Name + " " + p.GoType
	}
	return strings.Join(params, ", ")
}

// MessageExpr is the message as a Go expression, in the constructor.
func (v *value) MessageExpr() string {
	var terms []string
	for _, p := range v.pieces {
		switch {
		case p.key != "":
			terms = append(terms, v.parameter(p.key).inMessage())
		case p.text != "":
			terms = append(terms, strconv.Quote(p.text))
		}
	}
	if len(terms) == 0 {
		return `""`
	}
	return strings.Join(terms, " + ")
}

// SampleMessage is the message with the sample of each parameter.
func (v *value) SampleMessage() string {
	var message strings.Builder
	for _, p := range v.pieces {
		message.WriteString(p.text)
		if p.key != "" {
			message.WriteString(v.parameter(p.key).SampleText)
		}
	}
	return message.String()
}

// parameter is the parameter of a key; the key was checked.
func (v *value) parameter(key string) parameter {
	for _, p := range v.Parameters {
		if p.Key == key {
			return p
		}
	}
	return parameter{}
}

// Text is the parameter as a string: a Go expression.
func (p parameter) Text() string { return strings.ReplaceAll(p.format, "%s", p.Name) }

// inMessage is Text, without making the string again.
func (p parameter) inMessage() string {
	if p.GoType == "string" {
		return p.Name
	}
	return "metadata[" + strconv.Quote(p.Key) + "]"
}
