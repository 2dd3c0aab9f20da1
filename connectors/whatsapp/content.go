package whatsapp

import (
	"strings"
)

// content is what a message says, apart from what WhatsApp put in its place.
type content struct {
	text    string // as written; empty for a picture without words
	deleted bool
	media   bool
}

// longest bounds in bytes what can stand in place of a text: a longer line is a message.
const longest = 384

// readContent tells words from placeholders.
func readContent(text string) content {
	text = unedited(plain(text), text)
	first, more, _ := strings.Cut(text, "\n")
	switch kind := placeholder(first); {
	case kind == "deleted" && more == "":
		return content{deleted: true}
	case kind == "media": // a caption stands below, on Android
		return content{text: strings.TrimSpace(more), media: true}
	}
	return content{text: text}
}

// unedited takes off what WhatsApp sets behind a text: that it was edited, and
// on iPhones the attachment that the text is the caption of.
func unedited(text, marked string) string {
	if i := strings.LastIndexByte(text, '<'); i > 0 && strings.HasSuffix(text, ">") && placeholder(text[i:]) == "edited" {
		text = strings.TrimSpace(text[:i])
	}
	i := strings.LastIndex(marked, "\u200E")
	if i <= 0 {
		return text
	}
	if tail := plain(marked[i:]); len(tail) < len(text) && strings.HasSuffix(text, tail) && placeholder(tail) == "media" {
		return strings.TrimSpace(strings.TrimSuffix(text, tail))
	}
	return text
}

// placeholder is what a line stands for: "deleted", "media", "edited" or nothing.
func placeholder(line string) string {
	if len(line) > longest {
		return ""
	}
	lex := words()
	line = clean(line)
	short := strings.TrimRight(line, ".。")
	if kind, ok := lex.exact[strings.ToLower(short)]; ok {
		return kind
	}
	for i := range lex.deleted {
		if _, ok := lex.deleted[i].match(short); ok {
			return "deleted"
		}
	}
	if !strings.HasSuffix(line, ")") && !strings.HasSuffix(line, ">") {
		return ""
	}
	for i := range lex.attached {
		if _, ok := lex.attached[i].match(line); ok {
			return "media"
		}
	}
	return ""
}
