package mail

import (
	"bytes"
	"embed"
	"fmt"
	html "html/template"
	"sync"
	text "text/template"

	"github.com/foyer-app/foyer/web/i18n"
)

//go:embed layout.html layout.txt
var layouts embed.FS

var parsed = sync.OnceValues(func() (pair, error) {
	var p pair
	var err error
	if p.html, err = html.ParseFS(layouts, "layout.html"); err != nil {
		return p, err
	}
	p.text, err = text.ParseFS(layouts, "layout.txt")
	return p, err
})

type pair struct {
	html *html.Template
	text *text.Template
}

// page is a message in ready-to-print pieces; text and HTML are made of the same ones.
type page struct {
	Lang, Subject, Preheader, Title, Text string
	Facts                                 []circumstance
	Button, Link, LinkHint                string
	After, Note, Sent                     string
	Brand                                 dress
	Light, Dark                           palette
}

// circumstance is a fact: its name, its value, and both in one sentence.
type circumstance struct{ Label, Value, Line string }

// Render writes a message. It has no ID yet, and no sender but the brand's name. The error names what is missing, and
// repeats nothing of the data.
func Render(kind Kind, l i18n.Locale, d Data) (Message, error) {
	s, ok := shapeOf(kind)
	if !ok {
		return Message{}, fmt.Errorf("mail: render %q: there is no such kind", kind)
	}
	d = d.clean()
	if err := d.check(s.needs); err != nil {
		return Message{}, fmt.Errorf("mail: render %s: %w", kind, err)
	}
	p := compose(kind, s, l, d)
	m := Message{
		Kind: kind, Language: l.String(), To: d.To, ToName: d.ToName, FromName: d.Brand.Sender, Subject: p.Subject,
	}
	templates, err := parsed()
	if err != nil {
		return Message{}, fmt.Errorf("mail: read layout: %w", err)
	}
	var b bytes.Buffer
	if err := templates.text.Execute(&b, p); err != nil {
		return Message{}, fmt.Errorf("mail: render %s: text: %w", kind, err)
	}
	m.Text = b.String()
	b.Reset()
	if err := templates.html.Execute(&b, p); err != nil {
		return Message{}, fmt.Errorf("mail: render %s: HTML: %w", kind, err)
	}
	m.HTML = b.String()
	return m, nil
}

func compose(kind Kind, s shape, l i18n.Locale, d Data) page {
	args := d.args(l)
	say := func(key string) string {
		if key == "" {
			return ""
		}
		return l.T(key, args...)
	}
	own := prefix(kind, d)
	p := page{
		Lang: l.String(), Subject: say(own + ".subject"), Preheader: say(own + ".preheader"), Title: say(own + ".title"),
		Text: say(own + ".text"), After: say(s.after), Note: say(s.note), Sent: say("mail.sent"), Brand: d.Brand.dress(),
		Light: light, Dark: dark,
	}
	for _, f := range s.facts {
		if value := d.fact(l, f); value != "" {
			label := l.T("mail.fact." + string(f))
			p.Facts = append(p.Facts, circumstance{label, value, l.T("mail.fact", "label", label, "value", value)})
		}
	}
	if d.Link != "" && s.button != "" {
		p.Button, p.Link, p.LinkHint = say(s.button), d.Link, say("mail.link")
	}
	return p
}
