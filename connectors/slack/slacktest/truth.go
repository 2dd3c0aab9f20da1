package slacktest

// Truth is what an observer of the channels that the application is in should
// count: what is there now, not what was taken back or deleted.
type Truth struct {
	Messages  int // by people and integrations, replies included
	Replies   int
	Edited    int
	Reactions int
	Notices   int // lines of the system
	Joins     int // of the workspace
	Leaves    int
	ByChannel map[string]int // messages
	ByUser    map[string]int // messages; integrations by their bot's id
}

// Truth counts.
func (w *World) Truth() Truth {
	w.mu.Lock()
	defer w.mu.Unlock()
	t := w.truth
	t.ByChannel, t.ByUser = map[string]int{}, map[string]int{}
	for _, c := range w.channels {
		if c.direct || !c.members[BotUser] {
			continue
		}
		for _, m := range c.messages {
			t.add(c, m)
		}
	}
	return t
}

func (t *Truth) add(c *channel, m *message) {
	if m.gone {
		return
	}
	switch m.fields["subtype"] {
	case "channel_join", "channel_leave", "channel_name":
		t.Notices++
		return
	}
	t.Messages++
	t.ByChannel[c.id]++
	author, _ := m.fields["user"].(string)
	if author == "" {
		author, _ = m.fields["bot_id"].(string)
	}
	t.ByUser[author]++
	if m.thread != "" {
		t.Replies++
	}
	if m.fields["edited"] != nil {
		t.Edited++
	}
	for _, r := range m.reactions {
		t.Reactions += len(r.users)
	}
}
