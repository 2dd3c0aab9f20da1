package slack

import (
	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/connectors/jsonstream"
	"github.com/foyer-app/foyer/internal/community"
)

// channel is a record of channels.json or groups.json, or of the lists of
// direct messages.
type channel struct {
	id, name                   string
	created                    int // Unix seconds; 0 when not told
	archived, private, general bool
	direct                     bool
}

func decodeChannel(body []byte) (c channel, err error) {
	if err := object(body, c.field); err != nil {
		return c, err
	}
	if c.id == "" || len(c.id) > maxChannel {
		return c, refused(connectors.ReasonNoID)
	}
	return c, nil
}

func (c *channel) field(key string, v jsonstream.Value) error {
	switch key {
	case "id":
		return text(v, &c.id)
	case "name":
		return text(v, &c.name)
	case "created":
		return number(v, &c.created)
	case "is_archived":
		return boolean(v, &c.archived)
	case "is_private":
		return boolean(v, &c.private)
	case "is_general":
		return boolean(v, &c.general)
	case "is_im", "is_mpim":
		if v.Kind() == 't' {
			c.direct = true
		}
	}
	return nil
}

func normalizeChannel(body []byte, private bool) (community.Batch, error) {
	c, err := decodeChannel(body)
	if err != nil {
		return community.Batch{}, err
	}
	return community.Batch{Channels: []community.Channel{{
		ExternalID: c.id,
		Name:       c.name,
		Kind:       community.TextChannel,
		Archived:   c.archived,
		Private:    c.private || private,
	}}}, nil
}
