package slack

import (
	"context"
	"errors"
	"io/fs"
	"path"
	"strconv"
	"strings"

	"github.com/foyer-app/foyer/connectors/jsonstream"
	"github.com/foyer-app/foyer/internal/community"
)

// survey is what must be known before the first payload. It grows with the
// numbers of channels, bots and teams, not with those of users and messages.
type survey struct {
	team, enterprise string
	home             map[string]bool   // teams of the export's own organisation
	bots             map[string]bool   // users listed as bots
	channels         map[string]string // folder to channel id
	direct           map[string]bool   // folders of direct messages
	blind            map[string]error  // lists of direct messages that cannot be read
	first            channel           // the general channel, else the oldest
	withoutID        int               // folders of channels that no list names
	skipped          bool              // there are direct messages
}

// look reads the lists. What cannot be read is refused later, when it is imported.
func look(ctx context.Context, fsys fs.FS, roots []string, limit int) (survey, error) {
	s := survey{
		home: map[string]bool{}, bots: map[string]bool{}, channels: map[string]string{},
		direct: map[string]bool{}, blind: map[string]error{},
	}
	var org teams
	for _, root := range roots {
		for _, l := range lists {
			_ = records(ctx, fsys, path.Join(root, l.file), limit, func(raw []byte) {
				if l.kind == kindUser {
					s.addUser(raw, &org)
				} else {
					s.addChannel(raw, root)
				}
			})
			if ctx.Err() != nil {
				return s, ctx.Err()
			}
		}
		for _, file := range directLists {
			s.addDirect(ctx, fsys, root, file, limit)
		}
	}
	s.team, s.enterprise = org.team.most(), org.enterprise.most()
	for team := range org.of[s.enterprise] {
		s.home[team] = true
	}
	if s.team == "" {
		s.team = messageTeam(ctx, fsys, roots, limit)
	}
	s.home[s.team] = true
	s.countFolders(fsys, roots)
	return s, ctx.Err()
}

// records calls fn with the raw objects of a file that are small enough.
func records(ctx context.Context, fsys fs.FS, name string, limit int, fn func(raw []byte)) error {
	f, err := fsys.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	return jsonstream.New(f, limit).Array(func(v jsonstream.Value) error {
		raw, err := v.Raw()
		if err == jsonstream.ErrTooLarge {
			return ctx.Err()
		}
		if err == nil {
			fn(raw)
			err = ctx.Err()
		}
		return err
	})
}

func (s *survey) addUser(raw []byte, org *teams) {
	u, err := decodeUser(raw)
	if err != nil {
		return
	}
	if u.isBot() {
		s.bots[u.id] = true
	}
	if !u.stranger && u.id != slackbot {
		org.add(u)
	}
}

func (s *survey) addChannel(raw []byte, root string) {
	c, err := decodeChannel(raw)
	if err != nil || c.name == "" {
		return
	}
	folder := path.Join(root, c.name)
	if c.direct {
		s.direct[folder] = true
		return
	}
	if _, known := s.channels[folder]; !known {
		s.channels[folder] = c.id
	}
	if s.first.id == "" || c.before(s.first) {
		s.first = c
	}
}

// before orders channels: the general one, the older one, the smaller id.
func (c channel) before(other channel) bool {
	switch {
	case c.general != other.general:
		return c.general
	case c.created != other.created:
		return c.created < other.created
	}
	return c.id < other.id
}

// addDirect keeps the names of a list's folders; those that isDirect knows by
// their form are too many to keep.
func (s *survey) addDirect(ctx context.Context, fsys fs.FS, root, file string, limit int) {
	name := path.Join(root, file)
	if !exists(fsys, name) {
		return
	}
	var odd error
	err := records(ctx, fsys, name, limit, func(raw []byte) {
		c, err := decodeChannel(raw)
		if err != nil {
			odd = err
			return
		}
		s.skipped = true
		for _, folder := range []string{c.id, c.name} {
			if folder = path.Join(root, folder); folder != root && !s.isDirect(folder) {
				s.direct[folder] = true
			}
		}
	})
	if err = errors.Join(err, odd); err != nil {
		s.blind[name] = err
	}
}

// isDirect says whether a folder holds direct messages, as far as can be told.
func (s *survey) isDirect(folder string) bool {
	name := path.Base(folder)
	return s.direct[folder] || directID.MatchString(name) || strings.HasPrefix(name, "mpdm-")
}

// unsure says that a folder may hold direct messages, because the lists that
// would tell cannot be read.
func (s *survey) unsure(folder string) bool {
	if s.channels[folder] != "" {
		return false
	}
	for _, file := range directLists {
		if s.blind[path.Join(path.Dir(folder), file)] != nil {
			return true
		}
	}
	return false
}

// channelOf is the id of a folder's channel.
func (s *survey) channelOf(folder string) string {
	if id := s.channels[folder]; id != "" {
		return id
	}
	return "name:" + path.Base(folder)
}

// foreign says whether a team is of another organisation than the export's.
func (s *survey) foreign(team string) bool {
	return team != "" && team[0] != 'E' && s.team != "" && !s.home[team]
}

func (s *survey) countFolders(fsys fs.FS, roots []string) {
	for _, root := range roots {
		for _, folder := range folders(fsys, root) {
			switch {
			case s.isDirect(folder):
				s.skipped = true
			case s.channels[folder] == "" && !s.unsure(folder):
				if list, _ := days(fsys, folder); len(list) > 0 {
					s.withoutID++
					s.addFolder(folder)
				}
			}
		}
	}
}

// addFolder lets the first folder stand for the export when no channel is listed.
func (s *survey) addFolder(folder string) {
	if s.first.id == "" {
		s.first.id = s.channelOf(folder)
	}
}

// source describes the workspace. An export does not tell its id: the team of
// most users stands for it, else its first channel.
func (s *survey) source(roots []string) *community.Source {
	id := s.team
	if id == "" {
		id = "export:" + s.first.id
	}
	decisions := map[string]string{}
	if s.withoutID > 0 {
		decisions["folders_without_channel"] = strconv.Itoa(s.withoutID)
	}
	if s.skipped {
		decisions["direct_messages"] = "skipped"
	}
	name, _, _ := strings.Cut(roots[0], " Slack export ")
	if name == roots[0] {
		name = ""
	}
	return &community.Source{
		Platform: platform, ExternalID: id, Name: name, Decisions: decisions,
		Measures: community.Measures{Reactions: true, ReplyLinks: true, ThreadLinks: true, MemberList: true},
	}
}

// maxTeamFiles bounds the day files in which messageTeam looks.
const maxTeamFiles = 50

// messageTeam is the team that most messages name, of some first days.
func messageTeam(ctx context.Context, fsys fs.FS, roots []string, limit int) string {
	var named tally
	files := 0
	for _, root := range roots {
		for _, folder := range folders(fsys, root) {
			list, _ := days(fsys, folder)
			if len(list) == 0 {
				continue
			}
			if files++; files > maxTeamFiles {
				return named.most()
			}
			_ = records(ctx, fsys, list[0], limit, func(raw []byte) {
				var team string
				_ = object(raw, func(key string, v jsonstream.Value) error {
					if key == "team" {
						return name(v, &team)
					}
					return nil
				})
				named.add(team)
			})
		}
	}
	return named.most()
}
