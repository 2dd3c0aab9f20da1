package whatsapp

import (
	"bytes"
	"path"
	"regexp"
	"strings"
)

// titleClues say which chat a file is of. The same chat exported again must be
// known again, so in this order: the title in the file's or its folder's name;
// on iPhones the name that the system writes under; the name the group was
// created with; else its first two messages. The name of the file alone is
// none of them: "_chat.txt" is every chat's.
type titleClues struct {
	named string // by the file

	encrypted string // under which the notice of encryption stands
	system    string // under which other system lines stand
	mixed     bool   // they stand under several
	wrote     map[string]bool

	created string
	looked  int // system lines looked at for it

	first    []byte // of the first messages
	messages int
}

// Bounds of what is looked at.
const (
	createdWithin = 50
	firstMessages = 2
)

// take looks at one line with a header.
func (t *titleClues) take(text []byte, h *header) {
	rest := text[h.rest:]
	marked := h.style == bracketed && bytes.Contains(rest, mark)
	switch {
	case marked:
		t.marked(string(rest))
	case t.encrypted != "" || t.system != "":
		t.plain(rest)
	}
	if t.messages < firstMessages || t.created == "" && t.looked < createdWithin && !marked {
		t.beginning(string(rest[:min(len(rest), 1<<10)]), string(text[:h.dateEnd]))
	}
}

// marked looks at a line that may be the system's on an iPhone.
func (t *titleClues) marked(rest string) {
	l := readLine(rest)
	if !l.authored || !hasLRM(l.text) {
		return
	}
	e, ok := l.event("")
	name := clean(l.author)
	switch {
	case !ok || name == "":
	case e.kind == "e2e" && t.encrypted == "":
		t.encrypted = name
	case e.kind == "e2e":
	case t.system == "":
		t.system = name
	case t.system != name:
		t.mixed = true
	}
}

// plain notes that a name the system uses is somebody who writes.
func (t *titleClues) plain(rest []byte) {
	for _, name := range [...]string{t.encrypted, t.system} {
		if name == "" || t.wrote[name] {
			continue
		}
		i := bytes.IndexByte(rest, ':')
		if i > 0 && i <= 4*longName && clean(string(rest[:i])) == name {
			if t.wrote == nil {
				t.wrote = map[string]bool{}
			}
			t.wrote[name] = true
		}
	}
}

// quoted finds a group's name in the line that tells of its creation.
var quoted = regexp.MustCompile(`["“”«»„](.+)["“”«»]`)

// beginning looks at the first lines of a file.
func (t *titleClues) beginning(rest, date string) {
	l := readLine(strings.ToValidUTF8(rest, "\uFFFD"))
	if l.authored {
		if t.messages < firstMessages {
			t.messages++
			t.first = append(t.first, clean(date)+"\x00"+identify(l.author).ExternalID+"\x00"+clean(l.text)+"\x00"...)
		}
		return
	}
	t.looked++
	if e, ok := systemLine(clean(l.text)); ok && e.kind == "created" && t.created == "" {
		if found := quoted.FindStringSubmatch(clean(l.text)); found != nil {
			t.created = strings.TrimSpace(found[1])
		}
	}
}

// conclude returns the chat's id and name, and the group's name if the system
// writes under it: somebody who writes is a contact.
func (t *titleClues) conclude(file string) (id, name, group string) {
	system := t.encrypted
	if system == "" && !t.mixed {
		system = t.system
	}
	if !t.wrote[system] {
		group = system
	}
	for _, title := range [...]string{t.named, system, t.created} {
		if title != "" {
			return chatID("title\x00" + title), title, group
		}
	}
	return chatID("first\x00" + string(t.first)), clean(strings.TrimSuffix(path.Base(file), path.Ext(file))), group
}

// copies is what browsers and file managers put behind a name that is taken.
var copies = regexp.MustCompile(` ?\(\d+\)$`)

// titleOf is the chat's title in the name of a file or of its folder.
func titleOf(file string) string {
	folder := path.Base(path.Dir(file))
	if strings.EqualFold(path.Ext(folder), ".zip") {
		folder = strings.TrimSuffix(folder, path.Ext(folder))
	}
	for _, name := range [...]string{strings.TrimSuffix(path.Base(file), path.Ext(file)), folder} {
		name = copies.ReplaceAllString(clean(strings.ToValidUTF8(name, "")), "")
		for i := range words().titles {
			if found, ok := words().titles[i].match(name); ok {
				return strings.TrimSpace(found[0])
			}
		}
	}
	return ""
}
