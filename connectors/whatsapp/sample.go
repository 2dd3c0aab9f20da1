package whatsapp

import (
	"bufio"
	"fmt"
	"io"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/connectors/sample"
)

var _ connectors.Sampler = Connector{}

// SamplePlace implements connectors.Sampler.
func (Connector) SamplePlace() sample.Place { return sample.Group }

// Sample writes the story's group as a French Android phone exports it. The
// format has neither reactions nor answers; who came and who went it tells.
func (Connector) Sample(s sample.Story) (string, func(io.Writer) error) {
	return "Discussion WhatsApp avec " + s.Spaces[sample.Group].Name + ".txt", func(out io.Writer) error {
		w := bufio.NewWriter(out)
		(&sampler{story: &s, out: w}).write()
		if err := w.Flush(); err != nil {
			return fmt.Errorf("whatsapp: sample: %w", err)
		}
		return nil
	}
}

// sampler writes one sample. Errors are kept by out.
type sampler struct {
	story *sample.Story
	out   *bufio.Writer
}

// name is what the phone calls somebody: its owner has not saved everybody.
func (w *sampler) name(n int) string {
	if p := w.story.People[n]; p.Phone != "" {
		return p.Phone
	}
	return w.story.People[n].Name
}

const sampleTime = "02/01/2006, 15:04 - "

func (w *sampler) write() {
	space := w.story.Spaces[sample.Group]
	head := space.Opened.Format(sampleTime)
	fmt.Fprintf(w.out, "%sLes messages et les appels sont chiffrés de bout en bout. Seules les personnes de cette discussion peuvent les lire.\n", head)
	fmt.Fprintf(w.out, "%s%s a créé le groupe \"%s\"\n", head, w.name(0), space.Name)
	lines := w.story.Lines(sample.Group)
	for i := range lines {
		w.line(&lines[i])
	}
}

func (w *sampler) line(l *sample.Line) {
	head, name := l.At.Format(sampleTime), w.name(l.Person)
	switch {
	case l.Kind == sample.Join && l.By != sample.None:
		fmt.Fprintf(w.out, "%s%s a ajouté %s\n", head, w.name(l.By), name)
	case l.Kind == sample.Join:
		fmt.Fprintf(w.out, "%s%s a rejoint le groupe en utilisant le lien d’invitation de ce groupe\n", head, name)
	case l.Kind == sample.Leave:
		fmt.Fprintf(w.out, "%s%s a quitté le groupe\n", head, name)
	default:
		text := l.Text
		for _, n := range l.To {
			text = "@\u2068" + w.name(n) + "\u2069 " + text
		}
		if l.Image {
			text = "<Médias omis>\n" + text
		}
		if !l.Edited.IsZero() {
			text += " <Ce message a été modifié>"
		}
		fmt.Fprintf(w.out, "%s%s: %s\n", head, name, text)
	}
}
