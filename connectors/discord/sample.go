package discord

import (
	"archive/zip"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/connectors/sample"
)

var _ connectors.Sampler = Connector{}

// SamplePlace implements connectors.Sampler.
func (Connector) SamplePlace() sample.Place { return sample.Server }

// Sample writes the story's server as DiscordChatExporter would: a zip with one
// file per channel. The format tells who joined and does not tell who left.
func (Connector) Sample(s sample.Story) (string, func(io.Writer) error) {
	return s.Name + " - Discord.zip", func(w io.Writer) error {
		if err := (&sampler{story: &s}).write(w); err != nil {
			return fmt.Errorf("discord: sample: %w", err)
		}
		return nil
	}
}

// sampler writes one sample.
type sampler struct{ story *sample.Story }

// The first ids of a sample, by what they are of; they hold no time.
const (
	sampleGuild   = 1 << 40
	sampleRole    = 2 << 40
	sampleChannel = 3 << 40
	samplePerson  = 4 << 40
)

func sampleID(first, n int) string { return strconv.Itoa(first + n + 1) }

// messageID is the snowflake of an event: its milliseconds, and its number so
// that no two are alike.
func (w *sampler) messageID(number int) string {
	at := w.story.Events[number].At.UnixMilli() - epoch
	return strconv.FormatInt(at<<22|int64(number)&(1<<22-1), 10)
}

func (w *sampler) write(out io.Writer) error {
	archive := zip.NewWriter(out)
	lines := w.story.Lines(sample.Server)
	for i, c := range w.story.Channels {
		if c.Place != sample.Server {
			continue
		}
		name := fmt.Sprintf("%s - %s [%s].json", w.story.Spaces[sample.Server].Name, c.Name, sampleID(sampleChannel, i))
		file, err := archive.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: w.story.To.UTC()})
		if err != nil {
			return err
		}
		if err := w.channel(file, i, lines); err != nil {
			return err
		}
	}
	return archive.Close()
}

// sampleObject is a JSON object in the exporter's words.
type sampleObject = map[string]any

// channel writes one file.
func (w *sampler) channel(file io.Writer, channel int, lines []sample.Line) error {
	c := w.story.Channels[channel]
	messages := []sampleObject{}
	for i := range lines {
		// Newcomers are announced in the channel that welcomes them.
		welcome := lines[i].Kind == sample.Join && c.Name == "bienvenue"
		if welcome || lines[i].Kind == sample.Message && lines[i].Channel == channel {
			messages = append(messages, w.message(&lines[i]))
		}
	}
	return json.NewEncoder(file).Encode(struct {
		Guild      sampleObject   `json:"guild"`
		Channel    sampleObject   `json:"channel"`
		DateRange  sampleObject   `json:"dateRange"`
		ExportedAt string         `json:"exportedAt"`
		Messages   []sampleObject `json:"messages"`
		Count      int            `json:"messageCount"`
	}{
		sampleObject{"id": sampleID(sampleGuild, 0), "name": w.story.Spaces[sample.Server].Name, "iconUrl": ""},
		sampleObject{
			"id": sampleID(sampleChannel, channel), "type": "GuildTextChat", "categoryId": sampleID(sampleChannel, 1000),
			"category": "Atelier", "name": c.Name, "topic": c.Topic,
		},
		sampleObject{"after": nil, "before": nil},
		sampleTime(w.story.To), messages, len(messages),
	})
}

func sampleTime(at time.Time) string { return at.Format("2006-01-02T15:04:05.000-07:00") }

func (w *sampler) message(l *sample.Line) sampleObject {
	m := sampleObject{
		"id": w.messageID(l.Number), "type": "Default", "timestamp": sampleTime(l.At), "timestampEdited": nil,
		"callEndedTimestamp": nil, "isPinned": false, "content": l.Text, "author": w.user(l.Person, true),
		"attachments": []sampleObject{}, "embeds": []sampleObject{}, "stickers": []sampleObject{}, "reactions": w.reactions(l),
		"mentions": w.mentions(l), "inlineEmojis": []sampleObject{},
	}
	switch {
	case l.Kind == sample.Join:
		m["type"], m["content"] = "GuildMemberJoin", "Joined the server."
	case l.Target != sample.None:
		m["type"] = "Reply"
		m["reference"] = sampleObject{
			"type": "Default", "messageId": w.messageID(l.Target), "channelId": sampleID(sampleChannel, l.Channel),
			"guildId": sampleID(sampleGuild, 0),
		}
	}
	if !l.Edited.IsZero() {
		m["timestampEdited"] = sampleTime(l.Edited)
	}
	if l.Image {
		m["attachments"] = []sampleObject{{"id": w.messageID(l.Number), "url": "photo.jpg", "fileName": "photo.jpg", "fileSizeBytes": 240_000}}
	}
	for _, n := range l.To {
		m["content"] = "@" + w.story.People[n].Name + " " + l.Text
	}
	return m
}

// user is a person as author or mentioned, with roles, or as giver of a
// reaction, without.
func (w *sampler) user(n int, roles bool) sampleObject {
	p := w.story.People[n]
	u := sampleObject{
		"id": sampleID(samplePerson, n), "name": p.Handle, "discriminator": "0000", "nickname": p.Name, "color": nil,
		"isBot": p.Bot, "avatarUrl": "",
	}
	if roles {
		u["roles"] = []sampleObject{}
	}
	if roles && p.Team {
		u["roles"] = []sampleObject{{"id": sampleID(sampleRole, 0), "name": w.story.TeamRole, "color": nil, "position": 1}}
	}
	return u
}

func (w *sampler) mentions(l *sample.Line) []sampleObject {
	list := []sampleObject{}
	for _, n := range l.To {
		list = append(list, w.user(n, true))
	}
	return list
}

func (w *sampler) reactions(l *sample.Line) []sampleObject {
	list := []sampleObject{}
	for _, g := range l.Reactions {
		users := []sampleObject{}
		for _, n := range g.People {
			users = append(users, w.user(n, false))
		}
		list = append(list, sampleObject{
			"emoji": sampleObject{"id": "", "name": g.Emoji, "code": "", "isAnimated": false, "imageUrl": ""},
			"count": len(users), "users": users,
		})
	}
	return list
}
