package locale

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/language"

	"github.com/errwire/errwire/status"
)

// read adds every file of files, which is named <language>/<domain>.json. It
// looks no deeper than that.
func (c *Catalog) read(files fs.FS) error {
	folders, err := fs.ReadDir(files, ".")
	if err != nil {
		return err
	}
	for _, folder := range folders {
		if !folder.IsDir() {
			return fmt.Errorf("%s: %w", folder.Name(), errFileName)
		}
		entries, err := fs.ReadDir(files, folder.Name())
		if err != nil {
			return err
		}
		for _, entry := range entries {
			if err := c.readFile(files, folder.Name(), entry.Name()); err != nil {
				return fmt.Errorf("%s/%s: %w", folder.Name(), entry.Name(), err)
			}
		}
	}
	return nil
}

var errFileName = errors.New("want a file named <language>/<domain>.json")

func (c *Catalog) readFile(files fs.FS, folder, file string) error {
	domain, isJSON := strings.CutSuffix(file, ".json")
	if !isJSON || domain == "" {
		return errFileName
	}
	tag, err := language.Parse(folder)
	if err != nil {
		return fmt.Errorf("folder is no language: %w", err)
	}
	if tag == language.Und {
		return errors.New("folder is no language: und")
	}
	content, err := fs.ReadFile(files, folder+"/"+file)
	if err != nil {
		return err
	}
	texts, err := readTexts(content)
	if err != nil {
		return err
	}
	if c.messages[tag] == nil {
		c.messages[tag] = map[key]message{}
	}
	for reason, text := range texts {
		k := key{service: status.ServiceCode{Domain: domain, Reason: reason}}
		if domain == platformFile {
			code, ok := status.ParseCode(reason)
			if !ok || code == status.OK {
				return fmt.Errorf("%q is no platform code", reason)
			}
			k = key{platform: code}
		}
		m, err := parseMessage(text)
		if err != nil {
			return fmt.Errorf("%q: %w", reason, err)
		}
		c.messages[tag][k] = m
	}
	return nil
}

// readTexts reads a JSON object of strings. A reason that is there twice is an
// error, for one of the translations would be lost.
func readTexts(content []byte) (map[string]string, error) {
	if !utf8.Valid(content) {
		return nil, errors.New("not UTF-8")
	}
	decoder := json.NewDecoder(bytes.NewReader(bytes.TrimPrefix(content, []byte("\uFEFF"))))
	if start, err := decoder.Token(); err != nil || start != json.Delim('{') {
		return nil, errors.New("want a JSON object of texts by reason")
	}
	texts := map[string]string{}
	for decoder.More() {
		var text string
		key, err := decoder.Token()
		if err != nil {
			return nil, err
		}
		reason, _ := key.(string)
		if err := decoder.Decode(&text); err != nil {
			return nil, fmt.Errorf("%q: %w", reason, err)
		}
		if _, twice := texts[reason]; twice || reason == "" || text == "" {
			return nil, fmt.Errorf("%q is empty, has no text or is there twice", reason)
		}
		texts[reason] = text
	}
	if _, err := decoder.Token(); err != nil { // the closing brace
		return nil, err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("text after the JSON object")
	}
	return texts, nil
}

// sortTags makes the order of the languages, which decides between equally good
// matches, the same every time.
func sortTags(tags []language.Tag) {
	slices.SortFunc(tags, func(a, b language.Tag) int { return strings.Compare(a.String(), b.String()) })
}
