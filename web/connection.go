package web

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/internal/account"
	"github.com/foyer-app/foyer/internal/community"
	"github.com/foyer-app/foyer/internal/store"
	"github.com/foyer-app/foyer/web/chart"
	"github.com/foyer-app/foyer/web/i18n"
	"github.com/foyer-app/foyer/web/ui"
)

func (s *Server) connectionRoutes() []route {
	const one = at + "/connections/{connection}"
	return []route{
		{"GET", at + "/connections", may(account.ViewCommunities), s.page(s.connectionList)},
		{"GET", at + "/connect/{platform}", may(account.Connect), s.page(s.connect)},
		{"POST", at + "/connect/{platform}", may(account.Connect), s.page(s.connectAsked)},
		{"GET", at + "/connect/{platform}/manual", may(account.Connect), s.page(s.connectByHand)},
		{"POST", at + "/connect/{platform}/manual", may(account.Connect), s.page(s.connectManually)},
		{"POST", one + "/pause", may(account.Connect), s.page(s.pauseConnection)},
		{"POST", one + "/resume", may(account.Connect), s.page(s.resumeConnection)},
		{"POST", one + "/check", may(account.Connect), s.page(s.checkConnection)},
		{"GET", one + "/disconnect", may(account.Connect), s.page(s.askDisconnect)},
		{"POST", one + "/disconnect", may(account.Connect).sure(), s.page(s.disconnect)},
	}
}

// connectionRow is one source of the list.
type connectionRow struct {
	Icon              ui.Icon
	Name, Account     string
	Tone              ui.Tone
	StateIcon         ui.Icon
	State             string
	SeenLabel, Seen   string
	CountLabel, Count string
	Banner            *ui.Banner
	Live              *liveView
	Note              string
	Volume            *chart.Scene // messages a day
	More              string
	Actions           []ui.Link
}

// liveView is the progress of a walk.
type liveView struct {
	Percent, Text, Label string
	Value                string // of 100
}

// sourceView is one source that can be added.
type sourceView struct {
	Icon            ui.Icon
	Name, Text, URL string
	Off             bool
}

type connectionListView struct {
	Page    ui.Page
	Head    ui.Head
	Rows    []connectionRow
	Empty   *ui.Empty
	Add     string
	Sources []sourceView
	Reads   readsView
	Moving  bool   // something changes by itself: the list is asked for again
	Again   string // where
}

// connectionList shows what a community is measured by.
func (s *Server) connectionList(w http.ResponseWriter, r *http.Request) error {
	c, err := s.community(r)
	if err != nil {
		return err
	}
	facts, counts, err := s.connectionFacts(r, c)
	if err != nil {
		return fmt.Errorf("web: connections: %w", err)
	}
	l := s.locale(r)
	volumes, err := s.volumes(r, c)
	if err != nil {
		return fmt.Errorf("web: connections: %w", err)
	}
	v := connectionListView{
		Page: s.frame(r, c, pageConnections, l.T("connection")), Add: l.T("connection.add"), Sources: s.sources(r, l, c), Reads: viewReads(l),
	}
	bad, watch := 0, 0
	for _, f := range facts {
		n := stateOf(f, s.Now())
		switch n.tone {
		case ui.Bad:
			bad++
		case ui.Watch:
			watch++
		}
		v.Moving = v.Moving || n.walk != nil
		row := s.viewConnection(r, l, c, f, n, counts[f.conn.ID])
		if values := volumes[f.conn.ID]; values != nil {
			scene := chart.Spark{Title: l.T("connection.volume", "platform", row.Name), Values: values, Height: 28}.Scene()
			row.Volume = &scene
		}
		v.Rows = append(v.Rows, row)
	}
	title := l.N("connection.title.good", len(facts))
	switch {
	case len(facts) == 0:
		title = l.T("connection.title.none")
		v.Empty = &ui.Empty{Lead: l.T("connection.none"), Text: l.T("connection.none.text")}
	case bad > 0:
		title = l.N("connection.title.bad", bad, "all", l.N("connection.sources", len(facts)))
	case watch > 0:
		title = l.N("connection.title.watch", watch, "all", l.N("connection.sources", len(facts)))
	}
	v.Head = ui.Head{Eyebrow: l.T("connection"), Title: title, Lede: words(l.T("connection.lede"))}
	path := communityPath(c.Scope, "/connections")
	v.Again = path
	if f := takeFlash(w, r, path); f.key != "" && l.Has("connection.flash."+f.key) {
		v.Page.Flash = &ui.Toast{Text: l.T("connection.flash." + f.key)}
	}
	return s.render(w, r, http.StatusOK, connectionListPage(v))
}

// connectionFacts collects what the states follow from, what needs somebody first.
func (s *Server) connectionFacts(r *http.Request, c community.Community) ([]connectionFacts, map[int64]store.Measured, error) {
	ctx := r.Context()
	list, err := s.Store.Connections(ctx, c.Scope)
	if err != nil {
		return nil, nil, err
	}
	walks, err := s.Store.Backfills(ctx, c.Scope)
	if err != nil {
		return nil, nil, err
	}
	backlog, err := s.Store.BacklogOf(ctx, c.Scope)
	if err != nil {
		return nil, nil, err
	}
	blind, err := s.Store.BlindChannels(ctx, c.Scope)
	if err != nil {
		return nil, nil, err
	}
	counts, err := s.Store.MeasuredBy(ctx, c.Scope)
	if err != nil {
		return nil, nil, err
	}
	facts := make([]connectionFacts, len(list))
	for i, conn := range list {
		f := connectionFacts{conn: conn, blind: blind[conn.ID], fatal: conn.Settings["note_gateway"], weak: conn.Settings["note_degraded"]}
		for _, b := range walks {
			if b.Connection == conn.ID {
				f.walks = append(f.walks, b)
			}
		}
		for _, b := range backlog {
			if b.Connection == conn.ID {
				f.backlog = b
			}
		}
		facts[i] = f
	}
	rank := map[ui.Tone]int{ui.Bad: 0, ui.Watch: 2, ui.Neutral: 1, ui.Good: 3}
	slices.SortStableFunc(facts, func(a, b connectionFacts) int {
		return cmp.Compare(rank[stateOf(a, s.Now()).tone], rank[stateOf(b, s.Now()).tone])
	})
	return facts, counts, nil
}

// volumeDays is how far back the volume of a connection is drawn.
const volumeDays = 28

// volumes are the messages a day of each connection that brought any lately.
func (s *Server) volumes(r *http.Request, c community.Community) (map[int64][]float64, error) {
	today := community.DateOf(s.Now(), c.Location)
	from := today - volumeDays + 1
	list, err := s.Store.VolumeByDay(r.Context(), c.Scope, from)
	if err != nil {
		return nil, err
	}
	out := map[int64][]float64{}
	for _, v := range list {
		if out[v.Connection] == nil {
			out[v.Connection] = make([]float64, volumeDays)
		}
		if i := int(v.Day - from); i >= 0 && i < volumeDays {
			out[v.Connection][i] = float64(v.Messages)
		}
	}
	return out, nil
}

func (s *Server) viewConnection(r *http.Request, l i18n.Locale, c community.Community, f connectionFacts, n connectionState, measured store.Measured) connectionRow {
	platform := s.sourceName(l, f.conn.Platform)
	row := connectionRow{
		Icon: ui.Icon(f.conn.Platform), Name: platform, Account: f.conn.Name, Tone: n.tone, StateIcon: n.icon,
		State: l.T("connection.state." + n.key), SeenLabel: l.T("connection.seen"), Seen: l.T("connection.seen.never"),
		CountLabel: l.T("connection.measured"), Count: l.N("connection.messages", int(measured.Messages)),
		More: l.T("connection.more", "name", platform+" "+f.conn.Name),
	}
	switch seen := f.conn.Seen; {
	case !seen.IsZero():
		row.Seen = l.Relative(seen, s.Now())
	case measured.Messages > 0: // from files: the day of the last message
		row.Seen = l.Date(measured.Last.UTC())
	}
	path := communityPath(c.Scope, "/connections/"+idText(f.conn.ID))
	lead, text := n.sentence(l, f, platform, s.Now())
	if n.walk != nil && n.key != "limited" {
		row.Live = &liveView{
			Percent: l.Percent(n.walk.Progress, 0), Text: lead + " " + text, Label: l.T("connection.progress", "platform", platform),
			Value: strconv.Itoa(int(n.walk.Progress * 100)),
		}
	} else if text != "" {
		row.Banner = &ui.Banner{Tone: n.tone, Lead: lead, Text: text}
		if actor(r).May(account.Connect) {
			row.Banner.Action = nextStep(l, n, f, path, c, platform)
			row.Banner.Strong = n.tone == ui.Bad
		}
	}
	if key := "connection.note." + string(f.conn.Platform); f.conn.Live() && l.Has(key) {
		row.Note = l.T(key)
	}
	if actor(r).May(account.Connect) && f.conn.Live() {
		switch f.conn.State {
		case store.ConnectionActive:
			row.Actions = append(row.Actions, ui.Link{Label: l.T("connection.pause"), URL: path + "/pause", Post: true})
		case store.ConnectionPaused:
			row.Actions = append(row.Actions, ui.Link{Label: l.T("connection.resume"), URL: path + "/resume", Post: true})
		}
		row.Actions = append(row.Actions, ui.Link{Label: l.T("connection.disconnect"), URL: path + "/disconnect"})
	}
	return row
}

// nextStep is the one thing to do about a state.
func nextStep(l i18n.Locale, n connectionState, f connectionFacts, path string, c community.Community, platform string) *ui.Link {
	switch n.next {
	case "reconnect":
		return &ui.Link{Label: l.T("connection.reconnect", "platform", platform), URL: communityPath(c.Scope, "/connect/"+string(f.conn.Platform))}
	case "resume":
		return &ui.Link{Label: l.T("connection.resume"), URL: path + "/resume", Post: true}
	case "check", "retry":
		return &ui.Link{Label: l.T("connection." + n.next), URL: path + "/check", Post: true}
	}
	return nil
}

// sources are what can be added: platforms that this instance is registered with,
// and files.
func (s *Server) sources(r *http.Request, l i18n.Locale, c community.Community) []sourceView {
	var list []sourceView
	if actor(r).May(account.Connect) && s.Live != nil {
		for _, p := range s.Connectors {
			_, installs := p.(connectors.Installer)
			_, manual := p.(connectors.Manual)
			if !installs && !manual {
				continue
			}
			v := sourceView{Icon: ui.Icon(p.Platform()), Name: p.Name(), URL: communityPath(c.Scope, "/connect/"+string(p.Platform()))}
			if app, ok := s.Live.App(p.Platform()); !ok || len(missing(p, app)) > 0 {
				v.Off, v.Text, v.URL = true, l.T("connection.off"), ""
			} else {
				v.Text = l.T("connection.live")
			}
			list = append(list, v)
		}
	}
	if actor(r).May(account.ImportData) {
		list = append(list, sourceView{
			Icon: ui.IconTable, Name: l.T("connection.files"), Text: l.T("connection.files.text"), URL: communityPath(c.Scope, "/import"),
		})
	}
	return list
}

func missing(c connectors.Connector, app connectors.App) []string {
	if n, ok := c.(connectors.Configured); ok {
		return n.Missing(app)
	}
	return nil
}

// theConnection is the one that the path names, of the community that it names.
func (s *Server) theConnection(r *http.Request) (community.Community, store.Connection, error) {
	c, err := s.community(r)
	if err != nil {
		return c, store.Connection{}, err
	}
	id, err := pathID(r, "connection")
	if err != nil {
		return c, store.Connection{}, err
	}
	conn, err := s.Store.ConnectionByID(r.Context(), c.Scope, id)
	if err == nil && !conn.Live() {
		err = fmt.Errorf("connection %d is not installed: %w", id, community.ErrNotFound)
	}
	return c, conn, err
}

// changed leads back to the list and says what was done.
func (s *Server) changed(w http.ResponseWriter, r *http.Request, c community.Community, conn store.Connection, what string) error {
	path := communityPath(c.Scope, "/connections")
	s.audit(r, "connection."+what, c.Name, "platform", string(conn.Platform), "account", conn.Name)
	setFlash(w, r, path, flash{key: what})
	http.Redirect(w, r, path, http.StatusSeeOther)
	return nil
}

func (s *Server) pauseConnection(w http.ResponseWriter, r *http.Request) error {
	c, conn, err := s.theConnection(r)
	if err != nil {
		return err
	}
	if conn.State == store.ConnectionActive {
		err = s.Store.SetConnectionState(r.Context(), conn, store.ConnectionPaused, "")
	}
	if err != nil {
		return fmt.Errorf("web: pause: %w", err)
	}
	return s.changed(w, r, c, conn, "paused")
}

// resumeConnection takes a paused connection up again and fetches what was missed.
func (s *Server) resumeConnection(w http.ResponseWriter, r *http.Request) error {
	c, conn, err := s.theConnection(r)
	if err != nil {
		return err
	}
	if conn.State == store.ConnectionPaused {
		err = errors.Join(s.Store.SetConnectionState(r.Context(), conn, store.ConnectionActive, ""), s.fetchMissed(r, conn))
	}
	if err != nil {
		return fmt.Errorf("web: resume: %w", err)
	}
	return s.changed(w, r, c, conn, "resumed")
}

// checkConnection looks again at what the connection may read.
func (s *Server) checkConnection(w http.ResponseWriter, r *http.Request) error {
	c, conn, err := s.theConnection(r)
	if err != nil {
		return err
	}
	if conn.State == store.ConnectionActive {
		err = errors.Join(s.Store.NoteConnection(r.Context(), conn, "gateway", ""), s.fetchMissed(r, conn))
	}
	if err != nil {
		return fmt.Errorf("web: check: %w", err)
	}
	return s.changed(w, r, c, conn, "checked")
}

// fetchMissed begins to fetch what came since the last delivery.
func (s *Server) fetchMissed(r *http.Request, conn store.Connection) error {
	if _, ok := connectors.Find(s.Connectors, conn.Platform).(connectors.Backfiller); !ok {
		return nil
	}
	since := conn.Seen
	if since.IsZero() {
		since = conn.Installed
	}
	return s.Store.StartBackfill(r.Context(), conn, "gap", since)
}
