// Package whatsapp reads the chats that WhatsApp's own "export chat" writes:
// `_chat.txt` of an iPhone, `WhatsApp Chat with X.txt` of Android, alone, in a
// folder or in a zip. Each file is one chat and becomes one source with one channel.
//
// What the files do not say is decided by rules that stand beside the code:
//
//   - the order of day and month: order.go;
//   - the moment of a local time, where clocks are set forward or back: clock.go;
//   - who writes and what the system writes: divide.go, system.go and the
//     phrases of thirteen languages in phrases/;
//   - ids, which the files do not have: identity.go.
//
// Known limits. A line of a message that itself looks like the head of a message
// is one. A name that holds ": " is cut there. The French group lines are known
// from other programs' catalogues, not from exports: a line that is not
// recognised is kept as a notice of detail "unknown", never as a message. A
// placeholder or a tombstone that somebody typed is taken for a real one.
//
// It also reads a number of WhatsApp Business as it happens: see live.go.
package whatsapp

import (
	"io/fs"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/internal/community"
)

const platform community.Platform = "whatsapp"

// Connector reads WhatsApp's chat exports and its Cloud API. The zero value is ready.
type Connector struct{}

var _ connectors.Importer = Connector{}

// New returns the connector.
func New() connectors.Connector { return Connector{} }

// Platform returns "whatsapp".
func (Connector) Platform() community.Platform { return platform }

// Name returns "WhatsApp".
func (Connector) Name() string { return "WhatsApp" }

// Bounds of Recognises: it looks at this many text files, and in each one at
// this many lines that are not empty.
const (
	recognisedFiles = 64
	recognisedLines = 3
)

// Recognises says whether one of the text files begins as a chat does.
func (Connector) Recognises(fsys fs.FS) bool {
	files, _ := textFiles(fsys)
	for _, file := range files[:min(len(files), recognisedFiles)] {
		if beginsAsChat(fsys, file) {
			return true
		}
	}
	return false
}

func beginsAsChat(fsys fs.FS, file string) bool {
	in, err := openText(fsys, file, 4<<10)
	if err != nil {
		return false
	}
	defer in.Close()
	for seen := 0; seen < recognisedLines; {
		line, err := in.next()
		if err != nil {
			return false
		}
		if len(line.text) == 0 {
			if in.read > 64<<10 {
				return false
			}
			continue
		}
		if _, ok := scanHeader(line.text); ok {
			return true
		}
		seen++
	}
	return false
}
