package slack

import (
	"github.com/foyer-app/foyer/connectors/jsonstream"
	"github.com/foyer-app/foyer/internal/community"
)

// description is what stands for a text in a stored message, under "foyer".
type description struct {
	features community.Features
	mentions []string
}

func (d *description) field(key string, v jsonstream.Value) error {
	switch key {
	case "length":
		return number(v, &d.features.Length)
	case "question":
		return boolean(v, &d.features.Question)
	case "link":
		return boolean(v, &d.features.Link)
	case "mentions":
		return names(v, &d.mentions)
	}
	return nil
}

// words is what somebody wrote: the text, or of old a remark on a file.
func (m *message) words() string {
	if m.subtype == "file_comment" && m.comment.text != "" {
		return m.comment.text
	}
	return m.text
}

// features are those of the text, which may be known without it.
func (m *message) features() community.Features {
	if m.described != nil {
		return m.described.features
	}
	return community.Describe(plain(m.words()))
}

// mentioned calls fn with the id of each user that the text addresses.
func (m *message) mentioned(fn func(id string)) {
	if m.described == nil {
		mentions(m.words(), fn)
		return
	}
	for _, id := range m.described.mentions {
		fn(id)
	}
}
