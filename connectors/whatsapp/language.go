package whatsapp

import (
	"embed"
	"io/fs"
	"strings"
	"sync"
)

//go:embed phrases/*.txt
var phraseFiles embed.FS

// phrase is one text that WhatsApp writes: literals with names between them.
type phrase struct {
	kind     string
	literals []string // one more than captures; the first and last may be empty
	captures []byte   // 'a', 'b' or 'x', see phrases/README.md
}

// lexicon is what WhatsApp writes in all languages.
type lexicon struct {
	exact    map[string]string // lower case, in place of a message: its kind
	deleted  []phrase
	attached []phrase
	titles   []phrase
	system   []phrase
	byEnd    map[byte][]int // indexes of system by the last byte of their last literal
	open     []int          // those that end with a name
	you      map[string]bool
	and      []string // " and "
}

// words is read once, on first use.
var words = sync.OnceValue(func() *lexicon {
	lex := &lexicon{exact: map[string]string{}, byEnd: map[byte][]int{}, you: map[string]bool{}}
	names, _ := fs.Glob(phraseFiles, "phrases/*.txt")
	for _, name := range names {
		text, _ := fs.ReadFile(phraseFiles, name)
		for line := range strings.Lines(string(text)) {
			lex.read(strings.TrimSpace(line))
		}
	}
	for i, p := range lex.system {
		if last := p.literals[len(p.literals)-1]; last != "" {
			end := last[len(last)-1]
			lex.byEnd[end] = append(lex.byEnd[end], i)
		} else {
			lex.open = append(lex.open, i)
		}
	}
	return lex
})

// read takes in one line of a phrase file.
func (lex *lexicon) read(line string) {
	kind, text, ok := strings.Cut(line, ": ")
	if !ok || strings.HasPrefix(line, "#") {
		return
	}
	for _, variant := range expand(text) {
		switch p := parsePhrase(kind, clean(variant)); {
		case kind == "you":
			lex.you[strings.ToLower(variant)] = true
		case kind == "and":
			lex.and = append(lex.and, " "+variant+" ")
		case kind == "title":
			lex.titles = append(lex.titles, p)
		case kind == "attached":
			lex.attached = append(lex.attached, p)
		case (kind == "deleted" || kind == "media" || kind == "edited") && len(p.captures) == 0:
			lex.exact[strings.ToLower(p.literals[0])] = kind
		case kind == "deleted":
			lex.deleted = append(lex.deleted, p)
		default:
			lex.system = append(lex.system, p)
		}
	}
}

// expand writes out the alternatives: "a[b|c]" gives "ab" and "ac".
func expand(text string) []string {
	head, tail, ok := strings.Cut(text, "[")
	if !ok {
		return []string{text}
	}
	choices, tail, _ := strings.Cut(tail, "]")
	var out []string
	rest := expand(tail)
	for choice := range strings.SplitSeq(choices, "|") {
		for _, end := range rest {
			out = append(out, head+choice+end)
		}
	}
	return out
}

// parsePhrase takes a text apart at its captures.
func parsePhrase(kind, text string) phrase {
	p := phrase{kind: kind}
	for {
		i := strings.IndexByte(text, '{')
		if i < 0 || i+2 >= len(text) || text[i+2] != '}' {
			p.literals = append(p.literals, text)
			return p
		}
		p.literals = append(p.literals, text[:i])
		p.captures = append(p.captures, text[i+1])
		text = text[i+3:]
	}
}

// match finds the captures of a text in the phrase. Each is as short as can
// be, and none is empty.
func (p *phrase) match(text string) (captured []string, ok bool) {
	last := len(p.literals) - 1
	if last == 0 {
		return nil, text == p.literals[0]
	}
	first, end := p.literals[0], p.literals[last]
	if len(text) < len(first)+len(end) || !strings.HasPrefix(text, first) || !strings.HasSuffix(text, end) {
		return nil, false
	}
	text = text[len(first) : len(text)-len(end)]
	for _, literal := range p.literals[1:last] {
		i := strings.Index(text, literal)
		if i <= 0 {
			return nil, false
		}
		captured = append(captured, text[:i])
		text = text[i+len(literal):]
	}
	return append(captured, text), text != ""
}
