package all_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/foyer-app/foyer/connectors/all"
	"github.com/foyer-app/foyer/web/i18n"
)

// TestCodesHaveTexts reads in the source which codes a platform can give for the
// end of a line, a missing right or a failed installation: each has its words in
// every language, so that no page shows a bare state.
func TestCodesHaveTexts(t *testing.T) {
	for _, c := range all.List() {
		p := parsed(t, "../"+string(c.Platform()))
		found := p.codes()
		for _, where := range p.unknown {
			t.Errorf("%s: the code cannot be told from the source", where)
		}
		for _, key := range append(found, revocations[string(c.Platform())]...) {
			for _, l := range i18n.Locales() {
				if !l.Has(key) {
					t.Errorf("%s: %v has no text %s", c.Name(), l, key)
				}
			}
		}
	}
}

// TestCodesAreFound holds the reader of sources to what is known to be there.
func TestCodesAreFound(t *testing.T) {
	for platform, want := range map[string][]string{
		"discord":  {"connection.fatal.intents", "connection.fatal.token", "connection.weak.GUILD_MEMBERS", "connection.weak.MESSAGE_CONTENT", "connection.install.expired"},
		"slack":    {"connection.fatal.app_token", "connection.fatal.socket_disabled", "connection.install.denied", "connection.install.scopes.text"},
		"whatsapp": {"connection.weak.history_declined", "connection.weak.disabled_update", "connection.install.account"},
	} {
		found := parsed(t, "../"+platform).codes()
		for _, key := range want {
			if !slices.Contains(found, key) {
				t.Errorf("%s: %s is not found in %v", platform, key, found)
			}
		}
	}
}

// revocations are the words that come from the platform's own event, with a text
// of theirs; any other says the general one.
var revocations = map[string][]string{"whatsapp": {
	"connection.revoked.primary_inactivity", "connection.revoked.partner_removed", "connection.revoked.partner_app_uninstalled",
	"connection.revoked.account_deleted", "connection.revoked.account_offboarded",
}}

// source is the code of one platform.
type source struct {
	set     *token.FileSet
	files   []*ast.File
	unknown []string
}

func parsed(t *testing.T, dir string) *source {
	t.Helper()
	p := &source{set: token.NewFileSet()}
	names, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil || len(names) == 0 {
		t.Fatalf("%s: no code, %v", dir, err)
	}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(p.set, name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		p.files = append(p.files, f)
	}
	return p
}

// codes are the keys of the catalogue that the platform's code leads to.
func (p *source) codes() []string {
	var keys []string
	add := func(prefix string, value ast.Expr, suffixes ...string) {
		for _, code := range p.values(value) {
			for _, suffix := range suffixes {
				keys = append(keys, prefix+code+suffix)
			}
		}
	}
	p.each(func(n ast.Node) {
		switch n := n.(type) {
		case *ast.CompositeLit:
			switch nameOf(n.Type) {
			case "FatalError":
				add("connection.fatal.", field(n, "Reason"), "")
			case "InstallError":
				add("connection.install.", field(n, "Reason"), "", ".text")
			case "Notice":
				if nameOf(field(n, "Kind")) == "NoticeDegrade" {
					add("connection.weak.", field(n, "Detail"), "")
				}
			}
		case *ast.CallExpr:
			for i, arg := range n.Args[:max(0, len(n.Args)-1)] {
				if nameOf(arg) == "NoticeDegrade" {
					add("connection.weak.", n.Args[i+1], "")
				}
			}
		}
	})
	return keys
}

func (p *source) each(visit func(ast.Node)) {
	for _, f := range p.files {
		ast.Inspect(f, func(n ast.Node) bool {
			visit(n)
			return true
		})
	}
}

// values are the texts that an expression can have: a literal, all that a name is
// ever given, all that a function returns, or all that a field of a literal holds.
func (p *source) values(e ast.Expr) []string {
	switch e := e.(type) {
	case *ast.BasicLit:
		if text, err := strconv.Unquote(e.Value); err == nil && text != "" {
			return []string{text}
		}
		return nil
	case *ast.Ident:
		if list := p.given(e.Name); list != nil {
			return list
		}
	case *ast.CallExpr:
		if list := p.returned(nameOf(e.Fun)); list != nil {
			return list
		}
	case *ast.SelectorExpr:
		if list := p.firsts("intent"); e.Sel.Name == "name" && list != nil {
			return list
		}
	}
	where := "?"
	if e != nil {
		where = p.set.Position(e.Pos()).String()
	}
	p.unknown = append(p.unknown, where)
	return nil
}

func (p *source) given(name string) (list []string) {
	p.each(func(n ast.Node) {
		switch n := n.(type) {
		case *ast.ValueSpec:
			for i, id := range n.Names {
				if id.Name == name && i < len(n.Values) {
					list = append(list, p.values(n.Values[i])...)
				}
			}
		case *ast.AssignStmt:
			for i, left := range n.Lhs {
				if nameOf(left) == name && len(n.Lhs) == len(n.Rhs) {
					if lit, ok := n.Rhs[i].(*ast.BasicLit); ok {
						list = append(list, p.values(lit)...)
					}
				}
			}
		}
	})
	return list
}

func (p *source) returned(name string) (list []string) {
	p.each(func(n ast.Node) {
		f, ok := n.(*ast.FuncDecl)
		if !ok || f.Name.Name != name {
			return
		}
		ast.Inspect(f.Body, func(n ast.Node) bool {
			if r, ok := n.(*ast.ReturnStmt); ok && len(r.Results) == 1 {
				list = append(list, p.values(r.Results[0])...)
			}
			return true
		})
	})
	return list
}

// firsts are the first elements of the literals of a type.
func (p *source) firsts(kind string) (list []string) {
	p.each(func(n ast.Node) {
		if c, ok := n.(*ast.CompositeLit); ok && nameOf(c.Type) == kind && len(c.Elts) > 0 {
			list = append(list, p.values(c.Elts[0])...)
		}
	})
	return list
}

func field(c *ast.CompositeLit, name string) ast.Expr {
	for _, e := range c.Elts {
		if kv, ok := e.(*ast.KeyValueExpr); ok && nameOf(kv.Key) == name {
			return kv.Value
		}
	}
	return nil
}

// nameOf is the last part of a name.
func nameOf(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return e.Sel.Name
	}
	return ""
}
