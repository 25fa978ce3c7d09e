package generate

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"google.golang.org/protobuf/compiler/protogen"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// problems are the reasons to refuse a request, all of them: whoever has made
// two mistakes need not run the plugin three times.
type problems struct{ list []problem }

type problem struct {
	at   place
	text string
}

// A place is where something is declared.
type place struct {
	file string
	line int // from 1; 0 if the request does not say
}

func (p place) String() string {
	if p.line == 0 {
		return p.file
	}
	return fmt.Sprintf("%s:%d", p.file, p.line)
}

// placeOf is where the thing with that source path begins, or the nearest thing
// around it that the request knows the place of.
func placeOf(file *protogen.File, path protoreflect.SourcePath) place {
	locations := file.Desc.SourceLocations()
	for ; len(path) > 0; path = path[:len(path)-1] {
		if l := locations.ByPath(path); l.Path != nil {
			return place{file.Desc.Path(), l.StartLine + 1}
		}
	}
	return place{file: file.Desc.Path()}
}

func (p *problems) add(at place, format string, args ...any) {
	p.list = append(p.list, problem{at, fmt.Sprintf(format, args...)})
}

// err is nil when there is no problem.
func (p *problems) err() error {
	if len(p.list) == 0 {
		return nil
	}
	slices.SortStableFunc(p.list, func(a, b problem) int {
		return cmp.Or(strings.Compare(a.at.file, b.at.file), cmp.Compare(a.at.line, b.at.line))
	})
	lines := make([]string, len(p.list))
	for i, problem := range p.list {
		lines[i] = problem.at.String() + ": " + problem.text
	}
	return errors.New(strings.Join(lines, "\n"))
}
