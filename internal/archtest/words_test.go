package archtest

import (
	"fmt"
	"go/ast"
	"go/token"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// platformWords are the names that only a platform's own folder may say.
var platformWords = []string{"discord", "slack", "whatsapp", "shopify", "stripe", "woocommerce", "hubspot"}

var badNames = []string{
	"util", "utils", "common", "helper", "helpers", "model", "models", "service", "services", "manager", "managers", "misc",
}

const maxLines = 500

// statement recognises the beginning of SQL: capital words, or small ones in a
// shape that prose does not have. "DELETE /path" is a route.
var statement = regexp.MustCompile(`(?s)^\s*(?:(?:SELECT|INSERT|UPDATE|DELETE|WITH)\s+[^/\s]` +
	`|(?i:select\s+[^.!?]+?\sfrom\s|select\s+[a-z_.]+\(|insert\s+into\s|update\s+\w+\s+set\s|delete\s+from\s` +
	`|with\s+(?:recursive\s+)?\w+\s+as\s*(?:materialized\s*)?\())`)

// eachString calls visit for every string literal but import paths.
func eachString(s source, visit func(lit *ast.BasicLit, text string)) {
	ast.Inspect(s.ast, func(n ast.Node) bool {
		if _, ok := n.(*ast.ImportSpec); ok {
			return false
		}
		if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
			if text, err := strconv.Unquote(lit.Value); err == nil {
				visit(lit, text)
			}
		}
		return true
	})
}

func checkSQL(files []source) []violation {
	var list []violation
	for _, s := range files {
		// devpg creates the database that everything else needs; dbtest copies it.
		if s.test || in(s.dir, "internal/store", "migrations", "internal/devpg", "internal/dbtest") {
			continue
		}
		eachString(s, func(lit *ast.BasicLit, text string) {
			if statement.MatchString(text) {
				list = append(list, violation{at: s.at(lit), found: "SQL " + strconv.Quote(firstWords(text))})
			}
		})
	}
	return list
}

func firstWords(text string) string {
	words := strings.Fields(text)
	return strings.Join(words[:min(len(words), 4)], " ")
}

func checkPlatformWords(files []source) []violation {
	var list []violation
	for _, s := range files {
		if s.test || in(s.dir, "connectors") {
			continue
		}
		if word := platformWord(s.path); word != "" {
			list = append(list, violation{at: s.path, found: "the path says " + word})
		}
		ast.Inspect(s.ast, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok && platformWord(id.Name) != "" {
				list = append(list, violation{at: s.at(id), found: "the name " + id.Name})
			}
			return true
		})
		eachString(s, func(lit *ast.BasicLit, text string) {
			if word := platformWord(text); word != "" {
				list = append(list, violation{at: s.at(lit), found: "a text says " + word})
			}
		})
	}
	return list
}

// platformWord returns the first platform that text names as a word of its own
// or as a part of a camelCase name: "slackToken" and "useSlack", not "stripes".
func platformWord(text string) string {
	lower := strings.ToLower(text)
	if len(lower) != len(text) {
		text = lower // a letter changed its length: judge without camelCase
	}
	for _, word := range platformWords {
		for from := 0; ; {
			i := strings.Index(lower[from:], word)
			if i < 0 {
				break
			}
			start, end := from+i, from+i+len(word)
			before, _ := utf8.DecodeLastRuneInString(text[:start])
			after, _ := utf8.DecodeRuneInString(text[end:])
			first := rune(text[start])
			if (!unicode.IsLetter(before) || unicode.IsUpper(first) && unicode.IsLower(before)) && !unicode.IsLower(after) {
				return word
			}
			from = end
		}
	}
	return ""
}

func checkPackageNames(files []source) []violation {
	var list []violation
	seen := map[string]bool{}
	for _, s := range files {
		name := strings.TrimSuffix(s.ast.Name.Name, "_test")
		key := s.dir + " " + name
		if seen[key] {
			continue
		}
		seen[key] = true
		for _, n := range []string{name, path.Base(s.dir)} {
			if slices.Contains(badNames, n) {
				list = append(list, violation{at: s.path, found: "package " + n})
				break
			}
		}
	}
	return list
}

func checkFileLength(files []source) []violation {
	var list []violation
	for _, s := range files {
		if !s.test && !s.generated && s.lines > maxLines {
			list = append(list, violation{at: s.path, found: fmt.Sprintf("%d lines", s.lines)})
		}
	}
	return list
}
