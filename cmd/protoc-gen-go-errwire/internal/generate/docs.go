package generate

import (
	"strconv"
	"strings"
)

// SentinelDoc is what is known of a service code, for those who read the docs.
func (v *value) SentinelDoc() string {
	var c comment
	if lines := paragraphs(v.comments); len(lines) > 0 {
		c.paragraph(lines...)
	} else {
		c.sentence(v.GoName + " is " + v.Reason + ".")
	}
	text := "Platform code " + v.Code
	if names := v.Aliases(); len(names) > 0 {
		text += "; in REST bodies " + strings.Join(names, ", ")
	}
	c.sentence(text + ".")
	if v.HelpURL != "" {
		c.sentence("See " + v.HelpURL)
	}
	return v.deprecated(&c)
}

// ConstDoc says only what linters have to know.
func (v *value) ConstDoc() string { return v.deprecated(&comment{}) }

// PredicateDoc, SynonymDoc and ConstructorDoc leave the rest to [value.SentinelDoc].
func (v *value) PredicateDoc() string {
	return v.doc("Is" + v.GoName + " reports whether the service code of err is [" + v.GoName + "].")
}

func (v *value) SynonymDoc(synonym string) string {
	return v.doc("Is" + synonym + " is another name of [Is" + v.GoName + "].")
}

func (v *value) ConstructorDoc() string {
	text := "New" + v.GoName + " returns a new [" + v.GoName + "]: " + v.Code
	if message := v.options.GetMessage(); message != "" {
		text += ", " + strconv.Quote(message)
	}
	text += "."
	if len(v.Parameters) > 0 {
		text += " The parameters become its metadata."
	}
	return v.doc(text)
}

// doc is a comment of one sentence.
func (v *value) doc(text string) string {
	var c comment
	c.sentence(text)
	return v.deprecated(&c)
}

// deprecated ends a comment.
func (v *value) deprecated(c *comment) string {
	if v.Deprecated != "" {
		c.sentence("Deprecated: " + v.Deprecated)
	}
	return c.String()
}

// Doc is the documentation of an umbrella's predicate.
func (u *umbrella) Doc() string {
	members := make([]string, len(u.Members))
	for i, v := range u.Members {
		members[i] = "[" + v.GoName + "]"
	}
	var c comment
	c.sentence("Is" + u.GoName + " reports whether the service code of err is one of " + strings.Join(members, ", ") + ".")
	c.sentence(u.description)
	return c.String()
}
