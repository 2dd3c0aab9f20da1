package sample

import (
	_ "embed"
	"math/rand/v2"
	"strings"
	"unicode"
	"unicode/utf8"
)

//go:embed fr.txt
var french string

// phrases are the lists of texts by name.
type phrases map[string][]string

// readPhrases reads the form that fr.txt explains.
func readPhrases(text string) phrases {
	p := phrases{}
	list := ""
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		switch name, ok := strings.CutPrefix(line, "["); {
		case line == "", strings.HasPrefix(line, "#"):
		case ok && strings.HasSuffix(name, "]"):
			list = strings.TrimSuffix(name, "]")
		case line == "-":
			p[list] = append(p[list], "")
		default:
			p[list] = append(p[list], line)
		}
	}
	return p
}

// say makes a text of a list. A slot is a list's name, which may end in .maj for
// a capital letter or in .nu for a noun without its article; prenom is who
// speaks. Two slots of one list in one text differ.
func (p phrases) say(r *rand.Rand, list, speaker string) string {
	said := map[string]string{}
	return p.fill(r, p[list][r.IntN(len(p[list]))], speaker, said)
}

func (p phrases) fill(r *rand.Rand, text, speaker string, said map[string]string) string {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(text, "{")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		slot, after, _ := strings.Cut(rest, "}")
		text = after
		if slot == "prenom" {
			b.WriteString(speaker)
			continue
		}
		name, form, _ := strings.Cut(slot, ".")
		if _, whole := p[slot]; whole {
			name, form = slot, ""
		}
		word := p[name][r.IntN(len(p[name]))]
		for word != "" && word == said[name] {
			word = p[name][r.IntN(len(p[name]))]
		}
		said[name] = word
		b.WriteString(shaped(p.fill(r, word, speaker, said), form))
	}
}

// shaped gives a word the form that a slot asks for.
func shaped(word, form string) string {
	switch form {
	case "maj":
		first, n := utf8.DecodeRuneInString(word)
		return string(unicode.ToUpper(first)) + word[n:]
	case "nu":
		for _, article := range []string{"de la ", "de l’", "du ", "le ", "la ", "l’"} {
			if rest, ok := strings.CutPrefix(word, article); ok {
				return rest
			}
		}
	}
	return word
}
