// Package connectortest is the conformance suite that every connector passes.
// A case is a folder of the connector's testdata:
//
//	payload.json   {"kind", "scope", "body"}; a body that is a JSON string stands for its text
//	batch.json     what Normalize makes of it (written by go test -update)
//	export/        files that an Importer reads
//	options.json   {"location", "answers"} of that import; may be missing
//
// A case has a payload or an export or both. Folders with neither are not cases.
package connectortest

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/internal/community"
)

var update = flag.Bool("update", false, "write what the connectors make of their testdata")

// Run holds a connector against the contract, with the cases in dir.
func Run(t *testing.T, c connectors.Connector, dir string) {
	t.Helper()
	s := suite{connector: c, dir: dir, update: *update}
	for _, r := range s.rules() {
		t.Run(r.name, func(t *testing.T) {
			if err := r.check(); err != nil {
				t.Error(err)
			}
		})
	}
}

// suite is one connector and its cases.
type suite struct {
	connector connectors.Connector
	dir       string
	update    bool
}

// rule is one requirement; check returns all that is against it.
type rule struct {
	name  string
	check func() error
}

func (s suite) rules() []rule {
	rules := []rule{
		{"identity", s.identity},
		{"golden", s.golden},
		{"pure", s.pure},
		{"cut", s.cut},
		{"sound", s.sound},
	}
	importer, ok := s.connector.(connectors.Importer)
	if !ok {
		return rules
	}
	i := imports{suite: s, importer: importer}
	return append(rules,
		rule{"import", i.shape},
		rule{"import twice", i.twice},
		rule{"import payloads", i.payloads},
		rule{"import resumed", i.resumed},
		rule{"import stopped", i.stopped},
		rule{"import cancelled", i.cancelled},
		rule{"import empty", i.empty},
		rule{"import foreign", i.foreign},
	)
}

// cases returns the names of the folders that hold a file or folder of that name.
func (s suite) cases(with string) ([]string, error) {
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		return nil, fmt.Errorf("connectortest: %w", err)
	}
	var names []string
	for _, e := range entries {
		if !e.IsDir() {
			continue
		}
		if _, err := os.Stat(filepath.Join(s.dir, e.Name(), with)); err == nil {
			names = append(names, e.Name())
		}
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("connectortest: no case in %s has %s", s.dir, with)
	}
	return names, nil
}

// each calls check for every case that has the file and joins what is wrong.
func (s suite) each(with string, check func(name string) error) error {
	names, err := s.cases(with)
	if err != nil {
		return err
	}
	var all []error
	for _, name := range names {
		if err := check(name); err != nil {
			all = append(all, fmt.Errorf("%s: %w", name, err))
		}
	}
	return errors.Join(all...)
}

// payload reads a case's payload.
func (s suite) payload(name string) (connectors.Payload, error) {
	raw, err := os.ReadFile(filepath.Join(s.dir, name, "payload.json"))
	if err != nil {
		return connectors.Payload{}, err
	}
	var file struct {
		Kind  string          `json:"kind"`
		Scope string          `json:"scope"`
		Body  json.RawMessage `json:"body"`
	}
	if err := json.Unmarshal(raw, &file); err != nil {
		return connectors.Payload{}, fmt.Errorf("payload.json: %w", err)
	}
	p := connectors.Payload{Kind: file.Kind, Scope: file.Scope, Body: file.Body}
	var text string
	if json.Unmarshal(file.Body, &text) == nil {
		p.Body = []byte(text)
	}
	return p, nil
}

// export returns a case's files and the options of its import.
func (s suite) export(name string) (fs.FS, connectors.ImportOptions, error) {
	files := os.DirFS(filepath.Join(s.dir, name, "export"))
	opts := connectors.ImportOptions{Location: time.UTC}
	raw, err := os.ReadFile(filepath.Join(s.dir, name, "options.json"))
	if errors.Is(err, fs.ErrNotExist) {
		return files, opts, nil
	}
	if err != nil {
		return nil, opts, err
	}
	var said struct {
		Location string            `json:"location"`
		Answers  map[string]string `json:"answers"`
	}
	if err := json.Unmarshal(raw, &said); err != nil {
		return nil, opts, fmt.Errorf("options.json: %w", err)
	}
	opts.Answers = said.Answers
	opts.Location, err = time.LoadLocation(said.Location)
	return files, opts, err
}

// identity checks what the connector calls itself.
func (s suite) identity() error {
	platform := s.connector.Platform()
	for _, r := range platform {
		if (r < 'a' || r > 'z') && (r < '0' || r > '9') {
			return fmt.Errorf("platform %q is not of lower case letters and digits", platform)
		}
	}
	if platform == "" || s.connector.Name() == "" {
		return errors.New("the platform has no key or no name")
	}
	return nil
}

// golden compares what Normalize gives with batch.json.
func (s suite) golden() error {
	return s.each("payload.json", func(name string) error {
		p, err := s.payload(name)
		if err != nil {
			return err
		}
		batch, err := s.connector.Normalize(p)
		if err != nil {
			return err
		}
		got, err := indented(batch)
		if err != nil {
			return err
		}
		file := filepath.Join(s.dir, name, "batch.json")
		if s.update {
			return os.WriteFile(file, got, 0o644)
		}
		want, err := expected(file)
		if err != nil {
			return fmt.Errorf("%w (go test -update writes it)", err)
		}
		if !bytes.Equal(got, want) {
			return fmt.Errorf("batch.json differs, got:\n%s", got)
		}
		return nil
	})
}

// expected reads a batch.json, whatever its layout, into that of indented.
func expected(file string) ([]byte, error) {
	raw, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var batch community.Batch
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(&batch); err != nil {
		return nil, fmt.Errorf("batch.json: %w", err)
	}
	return indented(batch)
}

// indented is a batch as JSON, its zero values left out: what a case does not
// speak of does not stand in it.
func indented(batch community.Batch) ([]byte, error) {
	raw, err := json.Marshal(batch)
	if err != nil {
		return nil, err
	}
	var value any
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	if err := d.Decode(&value); err != nil {
		return nil, err
	}
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	err = e.Encode(told(value))
	return out.Bytes(), err
}

// told drops the members of objects that are zero; an empty list is not.
func told(value any) any {
	switch value := value.(type) {
	case map[string]any:
		for key, v := range value {
			switch v = told(v); v {
			case nil, false, "", json.Number("0"), "0001-01-01T00:00:00Z":
				delete(value, key)
			}
			if m, ok := v.(map[string]any); ok && len(m) == 0 {
				delete(value, key)
			}
		}
	case []any:
		for _, v := range value {
			told(v)
		}
	}
	return value
}
