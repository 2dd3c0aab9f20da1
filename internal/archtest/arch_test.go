package archtest

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/foyer-app/foyer"

// source is one Go file of the module.
type source struct {
	path      string // from the module's root, with slashes
	dir       string
	test      bool
	generated bool
	lines     int
	ast       *ast.File
	fset      *token.FileSet
}

// at names a place in the file for a failure.
func (s source) at(n ast.Node) string {
	return fmt.Sprintf("%s:%d", s.path, s.fset.Position(n.Pos()).Line)
}

// imports lists what the file imports; packages of the module by their folder.
func (s source) imports() map[string]*ast.ImportSpec {
	list := map[string]*ast.ImportSpec{}
	for _, spec := range s.ast.Imports {
		p, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			continue // the parser takes no such file
		}
		list[p] = spec
	}
	return list
}

// local returns the folder of a package of the module.
func local(importPath string) (string, bool) {
	if importPath == module {
		return ".", true
	}
	return strings.CutPrefix(importPath, module+"/")
}

// violation is one place that breaks a rule.
type violation struct{ rule, at, found string }

func (v violation) String() string { return v.at + ": " + v.found + "\n\trule: " + v.rule }

// rule is one sentence about the code and the check that keeps it.
type rule struct {
	name  string // short, for the self-test
	text  string // for the reader of a failure
	check func([]source) []violation
}

func (r rule) violations(files []source) []violation {
	list := r.check(files)
	for i := range list {
		list[i].rule = r.text
	}
	return list
}

// load parses the module's Go files; nested modules, test data and hidden
// folders are left out.
func load(root fs.FS) ([]source, error) {
	fset := token.NewFileSet()
	var files []source
	err := fs.WalkDir(root, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			return skipFolder(root, name)
		}
		if path.Ext(name) != ".go" {
			return nil
		}
		text, err := fs.ReadFile(root, name)
		if err != nil {
			return err
		}
		file, err := parser.ParseFile(fset, name, text, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		files = append(files, source{
			path: name, dir: path.Dir(name), test: strings.HasSuffix(name, "_test.go"), generated: ast.IsGenerated(file),
			lines: bytes.Count(text, []byte("\n")), ast: file, fset: fset,
		})
		return nil
	})
	return files, err
}

func skipFolder(root fs.FS, name string) error {
	if name == "." {
		return nil
	}
	base := path.Base(name)
	if base[0] == '.' || base[0] == '_' || slices.Contains([]string{"testdata", "node_modules", "bin"}, base) {
		return fs.SkipDir
	}
	if _, err := fs.Stat(root, path.Join(name, "go.mod")); err == nil {
		return fs.SkipDir
	}
	return nil
}

func moduleRoot(t *testing.T) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		if dir == filepath.Dir(dir) {
			t.Fatal("there is no go.mod above the working directory")
		}
		dir = filepath.Dir(dir)
	}
}

func TestArchitecture(t *testing.T) {
	t.Parallel()
	files, err := load(os.DirFS(moduleRoot(t)))
	if err != nil {
		t.Fatal(err)
	}
	used := map[string]bool{}
	for _, r := range rules {
		for _, v := range r.violations(files) {
			key := r.name + " " + fileOf(v.at)
			if exceptions[key] != "" {
				used[key] = true
				continue
			}
			t.Error(v)
		}
	}
	for key := range exceptions {
		if !used[key] {
			t.Errorf("the exception %q is no longer needed: take it out", key)
		}
	}
}

// fileOf cuts the line off a place.
func fileOf(at string) string {
	name, _, _ := strings.Cut(at, ":")
	return name
}
