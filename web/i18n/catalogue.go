package i18n

import (
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"path"
	"sort"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/text/feature/plural"
)

//go:embed catalogues
var files embed.FS

// message is one entry of a catalogue: a sentence, or one sentence per plural form.
type message struct {
	text  string
	forms map[string]string // "one", "many", "other"; nil when the entry does not count
}

// UnmarshalJSON reads "text" or {"one": …, "other": …}.
func (m *message) UnmarshalJSON(data []byte) error {
	if len(data) > 0 && data[0] == '{' {
		return json.Unmarshal(data, &m.forms)
	}
	return json.Unmarshal(data, &m.text)
}

type catalogue map[string]message

var loaded = sync.OnceValues(func() ([2]catalogue, error) {
	var all [2]catalogue
	for _, l := range Locales() {
		c, err := load(files, l)
		if err != nil {
			return all, err
		}
		all[l] = c
	}
	return all, nil
})

// load reads every file of catalogues/<language>; one key may stand in one file only.
func load(fsys fs.FS, l Locale) (catalogue, error) {
	names, err := fs.Glob(fsys, path.Join("catalogues", l.String(), "*.json"))
	if err != nil {
		return nil, fmt.Errorf("i18n: list catalogues: %w", err)
	}
	c := catalogue{}
	for _, name := range names {
		data, err := fs.ReadFile(fsys, name)
		if err != nil {
			return nil, fmt.Errorf("i18n: read %s: %w", name, err)
		}
		var part catalogue
		if err := json.Unmarshal(data, &part); err != nil {
			return nil, fmt.Errorf("i18n: parse %s: %w", name, err)
		}
		for key, m := range part {
			if _, twice := c[key]; twice {
				return nil, fmt.Errorf("i18n: %s: key %q stands in two files", name, key)
			}
			c[key] = m.typeset(l)
		}
	}
	return c, nil
}

func (m message) typeset(l Locale) message {
	out := message{text: Typeset(l, m.text)}
	if m.forms != nil {
		out.forms = make(map[string]string, len(m.forms))
		for form, text := range m.forms {
			out.forms[form] = Typeset(l, text)
		}
	}
	return out
}

// Has tells whether the catalogue knows the key.
func (l Locale) Has(key string) bool {
	_, ok := l.message(key)
	return ok
}

// Keys are all keys of the language, sorted.
func (l Locale) Keys() []string {
	all, err := loaded()
	if err != nil {
		return nil
	}
	keys := make([]string, 0, len(all[l.index()]))
	for key := range all[l.index()] {
		keys = append(keys, key)
	}
	sort.Strings(keys)
	return keys
}

// T is the sentence of a key, its {names} filled from pairs of name and value: T("tile.from", "value", "16,3 %").
// Integers are printed the language's way; any other value by its String method or as fmt does. An unknown key is
// returned as it is, so that a page never fails for a missing sentence (a test finds those).
func (l Locale) T(key string, args ...any) string {
	m, ok := l.message(key)
	switch {
	case !ok:
		return key
	case m.forms != nil:
		return l.fill(m.forms["other"], args)
	}
	return l.fill(m.text, args)
}

// N is the sentence of a key in the plural form that n asks for, {n} being n itself: "1 personne", "2 349 personnes",
// "1 000 000 de personnes".
func (l Locale) N(key string, n int, args ...any) string {
	m, ok := l.message(key)
	if !ok {
		return key
	}
	text := m.text
	if m.forms != nil {
		if text, ok = m.forms[l.form(n)]; !ok {
			text = m.forms["other"]
		}
	}
	return l.fill(text, append([]any{"n", n}, args...))
}

func (l Locale) message(key string) (message, bool) {
	all, err := loaded()
	if err != nil {
		return message{}, false
	}
	m, ok := all[l.index()][key]
	return m, ok
}

func (l Locale) index() Locale { return l.Language() }

// form is the CLDR plural form of n. The tables of x/text are older than the French form "many" (1 000 000 de membres),
// so that one is decided here.
func (l Locale) form(n int) string {
	if n < 0 {
		n = -n
	}
	if l.Language() == French && n != 0 && n%1_000_000 == 0 {
		return "many"
	}
	if plural.Cardinal.MatchPlural(tags[l.index()], n%1_000_000, 0, 0, 0, 0) == plural.One && n < 1_000_000 {
		return "one"
	}
	return "other"
}

// fill puts values in place of {names}. A name without a value stays, which shows the mistake.
func (l Locale) fill(text string, args []any) string {
	if !strings.Contains(text, "{") || len(args) < 2 {
		return text
	}
	pairs := make([]string, 0, len(args))
	for i := 0; i+1 < len(args); i += 2 {
		pairs = append(pairs, "{"+fmt.Sprint(args[i])+"}", l.print(args[i+1]))
	}
	return strings.NewReplacer(pairs...).Replace(text)
}

func (l Locale) print(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case int:
		return l.Int(int64(v))
	case int64:
		return l.Int(v)
	case float64:
		return l.plain(v)
	}
	return fmt.Sprint(v)
}

// plain prints a number with the decimals it has.
func (l Locale) plain(v float64) string {
	s := strconv.FormatFloat(v, 'f', -1, 64)
	_, frac, _ := strings.Cut(s, ".")
	return l.Decimal(v, len(frac))
}
