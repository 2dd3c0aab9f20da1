package slack

import (
	"archive/zip"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/connectors/sample"
)

var _ connectors.Sampler = connector{}

// SamplePlace implements connectors.Sampler.
func (connector) SamplePlace() sample.Place { return sample.Workspace }

// Sample writes the story's workspace as Slack's own export: the lists, and per
// channel one file a day. Who joined a channel is told; who left the workspace
// is listed as deactivated.
func (connector) Sample(s sample.Story) (string, func(io.Writer) error) {
	w := &sampler{story: &s}
	return w.folder() + ".zip", func(out io.Writer) error {
		if err := w.write(out); err != nil {
			return fmt.Errorf("slack: sample: %w", err)
		}
		return nil
	}
}

// sampler writes one sample.
type sampler struct {
	story   *sample.Story
	archive *zip.Writer
}

// sampleObject is a JSON object in Slack's words.
type sampleObject = map[string]any

// folder is what Slack calls the archive; it alone names the workspace.
func (w *sampler) folder() string {
	space := w.story.Spaces[sample.Workspace]
	const day = "Jan 2 2006"
	return space.Name + " Slack export " + space.Opened.Format(day) + " - " + w.story.To.Format(day)
}

const sampleTeam = "T0LISIERE0"

func sampleUser(n int) string    { return fmt.Sprintf("U0L%07d", n) }
func sampleChannel(n int) string { return fmt.Sprintf("C0L%07d", n) }

// stampOf is the ts of an event: unique because no two share a millisecond.
func (w *sampler) stampOf(number int) string { return sampleStamp(w.story.Events[number].At) }

func sampleStamp(at time.Time) string {
	return fmt.Sprintf("%d.%06d", at.Unix(), at.Nanosecond()/1000)
}

func (w *sampler) write(out io.Writer) error {
	w.archive = zip.NewWriter(out)
	lines := w.story.Lines(sample.Workspace)
	if err := w.file("users.json", w.users()); err != nil {
		return err
	}
	var channels []sampleObject
	for i, c := range w.story.Channels {
		if c.Place == sample.Workspace {
			channels = append(channels, sampleObject{
				"id": sampleChannel(i), "name": c.Name, "created": w.story.Spaces[sample.Workspace].Opened.Unix(),
				"creator": sampleUser(0), "is_archived": false, "is_general": c.Name == "general",
				"topic": sampleObject{"value": c.Topic}, "purpose": sampleObject{"value": ""},
			})
		}
	}
	if err := w.file("channels.json", channels); err != nil {
		return err
	}
	for i, c := range w.story.Channels {
		if c.Place == sample.Workspace {
			if err := w.channel(i, c.Name, lines); err != nil {
				return err
			}
		}
	}
	return w.archive.Close()
}

// file writes one file below the archive's folder.
func (w *sampler) file(name string, v any) error {
	f, err := w.archive.CreateHeader(&zip.FileHeader{
		Name: w.folder() + "/" + name, Method: zip.Deflate, Modified: w.story.To.UTC(),
	})
	if err != nil {
		return err
	}
	return json.NewEncoder(f).Encode(v)
}

// users lists who is or was in the workspace.
func (w *sampler) users() []sampleObject {
	here, gone := map[int]bool{}, map[int]bool{}
	for i := range w.story.Events {
		if e := &w.story.Events[i]; e.Place == sample.Workspace {
			here[e.Person], gone[e.Person] = true, e.Kind == sample.Leave
		}
	}
	list := []sampleObject{}
	for n, p := range w.story.People {
		if !here[n] {
			continue
		}
		profile := sampleObject{"real_name": p.Name, "display_name": p.Name}
		if p.Email != "" {
			profile["email"] = p.Email
		}
		list = append(list, sampleObject{
			"id": sampleUser(n), "team_id": sampleTeam, "name": p.Handle, "real_name": p.Name, "deleted": gone[n],
			"is_bot": p.Bot, "is_admin": p.Team, "profile": profile,
		})
	}
	return list
}

// channel writes the day files of one channel.
func (w *sampler) channel(channel int, name string, lines []sample.Line) error {
	day, messages := "", []sampleObject{}
	flush := func() error {
		if len(messages) == 0 {
			return nil
		}
		return w.file(name+"/"+day+".json", messages)
	}
	for i := range lines {
		l := &lines[i]
		joined := l.Kind == sample.Join && name == "general"
		if !joined && (l.Kind != sample.Message || l.Channel != channel) {
			continue
		}
		if d := l.At.Format(time.DateOnly); d != day {
			if err := flush(); err != nil {
				return err
			}
			day, messages = d, messages[:0]
		}
		messages = append(messages, w.message(l))
	}
	return flush()
}

func (w *sampler) message(l *sample.Line) sampleObject {
	m := sampleObject{
		"type": "message", "user": sampleUser(l.Person), "ts": w.stampOf(l.Number), "text": l.Text, "team": sampleTeam,
	}
	if l.Kind == sample.Join {
		m["subtype"], m["text"] = "channel_join", "<@"+sampleUser(l.Person)+"> has joined the channel"
		return m
	}
	for _, n := range l.To {
		m["text"] = "<@" + sampleUser(n) + "> " + l.Text
	}
	if root := w.story.Root(l.Number); root != l.Number {
		m["thread_ts"], m["parent_user_id"] = w.stampOf(root), sampleUser(w.story.Events[root].Person)
	}
	if !l.Edited.IsZero() {
		m["edited"] = sampleObject{"user": sampleUser(l.Person), "ts": sampleStamp(l.Edited)}
	}
	var reactions []sampleObject
	for _, g := range l.Reactions {
		users := []string{}
		for _, n := range g.People {
			users = append(users, sampleUser(n))
		}
		reactions = append(reactions, sampleObject{"name": sampleEmoji(g.Emoji), "users": users, "count": len(users)})
	}
	if reactions != nil {
		m["reactions"] = reactions
	}
	return m
}

// sampleEmoji is Slack's name for an emoji of the story.
func sampleEmoji(emoji string) string {
	switch emoji {
	case "❤️":
		return "heart"
	case "🙏":
		return "pray"
	case "👏":
		return "clap"
	case "🔥":
		return "fire"
	case "👍":
		return "+1"
	}
	return "thread"
}
