package whatsapp

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/foyer-app/foyer/internal/community"
)

// event is what a system line says.
type event struct {
	kind   string   // of the phrase
	actor  string   // who acted, as written; may be the exporter's "You"
	people []string // whom it is about
}

// longestSystem bounds in bytes what is looked at: a group's description may
// stand in a system line, anything longer is none that is known.
const longestSystem = 8 << 10

// systemLine reads a line that is clean. ok is false when no phrase fits.
func systemLine(text string) (e event, ok bool) {
	if len(text) > longestSystem {
		return event{}, false
	}
	if e, ok = words().find(text); ok {
		return e, true
	}
	if short := strings.TrimRight(text, ".。"); short != text {
		return words().find(short)
	}
	return event{}, false
}

// find returns the first phrase that fits.
func (lex *lexicon) find(text string) (event, bool) {
	if text == "" {
		return event{}, false
	}
	ended, open := lex.byEnd[text[len(text)-1]], lex.open
	for len(ended)+len(open) > 0 {
		i := 0
		if len(open) == 0 || len(ended) > 0 && ended[0] < open[0] {
			i, ended = ended[0], ended[1:]
		} else {
			i, open = open[0], open[1:]
		}
		p := &lex.system[i]
		if captured, ok := p.match(text); ok {
			if e, ok := lex.event(p, captured); ok {
				return e, true
			}
		}
	}
	return event{}, false
}

// event gives the captures their meaning. A name that is none makes the phrase
// not fit: "Ben: Anna added Carl" is something that Ben wrote.
func (lex *lexicon) event(p *phrase, captured []string) (event, bool) {
	e := event{kind: p.kind}
	for i, what := range p.captures {
		switch what {
		case 'a':
			if !canName(captured[i]) {
				return event{}, false
			}
			e.actor = captured[i]
		case 'b':
			e.people = lex.people(captured[i])
			for _, name := range e.people {
				if !canName(name) {
					return event{}, false
				}
			}
		}
	}
	return e, true
}

func canName(s string) bool {
	return !strings.Contains(s, ": ") && utf8.RuneCountInString(s) <= longName
}

// others is the end of a list that is cut short: "3 others".
var others = regexp.MustCompile(`^\d+ \p{L}`)

// people takes a list of names apart. A name that holds a comma or the
// language's "and" cannot be told from two names.
func (lex *lexicon) people(list string) []string {
	parts := strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == '、' || r == '،' })
	if end := len(parts) - 1; end >= 0 {
		for _, and := range lex.and {
			if i := strings.LastIndex(parts[end], and); i >= 0 {
				parts = append(parts[:end], parts[end][:i], parts[end][i+len(and):])
				break
			}
		}
	}
	var names []string
	for _, name := range parts {
		name = strings.TrimSpace(name)
		for _, and := range lex.and { // "Anna, Ben, and Carl"
			name = strings.TrimPrefix(name, strings.TrimPrefix(and, " "))
		}
		if name != "" && !others.MatchString(name) {
			names = append(names, name)
		}
	}
	return names
}

// isYou says whether a name is the word for whoever made the export. The file
// does not say who that is.
func isYou(name string) bool { return words().you[strings.ToLower(name)] }

// meaning is the activity of an event: its kind and detail. What a line does to
// people it does not name is a notice.
func (e event) meaning() (community.Kind, string) {
	switch e.kind {
	case "invited":
		return community.Join, community.DetailInvite
	case "joined":
		return community.Join, community.DetailNone
	case "added":
		return community.Join, community.DetailAdded
	case "left":
		return community.Leave, community.DetailLeft
	case "removed":
		return community.Leave, community.DetailRemoved
	}
	return community.Notice, e.kind
}
