package web

import (
	"strings"
	"time"

	"github.com/foyer-app/foyer/internal/store"
	"github.com/foyer-app/foyer/web/i18n"
	"github.com/foyer-app/foyer/web/ui"
)

// behindAfter is how long a delivery may wait before the page says so.
const behindAfter = 5 * time.Minute

// connectionFacts are what the state of a connection follows from.
type connectionFacts struct {
	conn    store.Connection
	walks   []store.Backfill // the newest first
	backlog store.WaitingPayloads
	blind   []string
	fatal   string   // why its gateway ended
	revoked string   // why the platform ended it, where it said so
	weak    []string // rights that it lacks
	trades  bool     // a shop, a billing system or a CRM
	traded  store.Traded
	gap     *store.BooksMonth // the month in which its own books differ most
}

// connectionState is one state: a key of the catalogue below "connection.state."
// with its tone, and what is to be done.
type connectionState struct {
	key  string
	tone ui.Tone
	icon ui.Icon
	next string // reconnect, resume, check, retry, import; empty: nothing
	walk *store.Backfill
}

// stateOf tells the state that matters most.
func stateOf(f connectionFacts, now time.Time) connectionState {
	running := func(kind string) *store.Backfill {
		for i := range f.walks {
			if f.walks[i].State == "running" && f.walks[i].Kind == kind {
				return &f.walks[i]
			}
		}
		return nil
	}
	history, gap := running("history"), running("gap")
	switch {
	case f.conn.State == store.ConnectionFile:
		return connectionState{key: "file", tone: ui.Good, icon: ui.IconCheck}
	case f.conn.State == store.ConnectionRevoked:
		return connectionState{key: "revoked", tone: ui.Bad, icon: ui.IconError, next: "reconnect"}
	case f.conn.State == store.ConnectionFailed:
		return connectionState{key: "failed", tone: ui.Bad, icon: ui.IconError, next: "reconnect"}
	case f.conn.State == store.ConnectionPaused:
		return connectionState{key: "paused", tone: ui.Neutral, icon: ui.IconClock, next: "resume"}
	case f.fatal != "":
		return connectionState{key: "fatal", tone: ui.Bad, icon: ui.IconError, next: "check"}
	case f.conn.Limited.After(now):
		return connectionState{key: "limited", tone: ui.Watch, icon: ui.IconClock, walk: history}
	case history != nil && history.Progress == 0 && history.Payloads == 0 && history.Attempts == 0:
		return connectionState{key: "installing", tone: ui.Neutral, icon: ui.IconSync, walk: history}
	case history != nil:
		return connectionState{key: "importing", tone: ui.Neutral, icon: ui.IconSync, walk: history}
	case len(f.walks) > 0 && f.walks[0].State == "failed":
		return connectionState{key: "broken", tone: ui.Bad, icon: ui.IconError, next: "retry"}
	case gap != nil:
		return connectionState{key: "gap", tone: ui.Watch, icon: ui.IconSync, walk: gap}
	case f.backlog.Waiting > 0 && now.Sub(f.backlog.Oldest) > behindAfter:
		return connectionState{key: "behind", tone: ui.Watch, icon: ui.IconClock}
	case len(f.blind) > 0:
		return connectionState{key: "blind", tone: ui.Watch, icon: ui.IconWarning, next: "check"}
	case len(f.weak) > 0:
		return connectionState{key: "weak", tone: ui.Watch, icon: ui.IconWarning}
	}
	return connectionState{key: "live", tone: ui.Good, icon: ui.IconCheck}
}

// sentence says the state in words, or nothing where the chip says it all.
func (n connectionState) sentence(l i18n.Locale, f connectionFacts, platform string, now time.Time) (lead, text string) {
	left := l.T("connection.left.unknown")
	percent := ""
	if n.walk != nil {
		percent = l.Percent(n.walk.Progress, 0)
		if n.walk.Left > 0 {
			left = l.T("connection.left", "time", l.Duration(n.walk.Left))
		}
	}
	names := make([]string, 0, len(f.blind))
	for _, name := range f.blind[:min(len(f.blind), 5)] {
		names = append(names, "#"+strings.TrimPrefix(name, "#"))
	}
	if more := len(f.blind) - len(names); more > 0 {
		names = append(names, l.N("connection.blind.more", more))
	}
	until := ""
	if f.conn.Limited.After(now) {
		until = l.Duration(f.conn.Limited.Sub(now))
	}
	args := []any{
		"platform", platform, "percent", percent, "left", left, "channels", l.List(names), "time", until,
		"n", l.Int(f.backlog.Waiting),
	}
	key := "connection.state." + n.key
	if !l.Has(key + ".text") {
		return "", ""
	}
	lead = l.T(key+".lead", args...)
	text = l.T(key+".text", args...)
	if said := special(l, n.key, f, args); said != "" {
		text = said
	}
	return lead, text
}

// special are the words for what exactly is wrong; empty where the catalogue has none.
func special(l i18n.Locale, state string, f connectionFacts, args []any) string {
	var keys []string
	switch state {
	case "fatal":
		keys = []string{"connection.fatal." + f.fatal}
	case "revoked":
		keys = []string{"connection.revoked." + f.revoked}
	case "weak":
		for _, right := range f.weak {
			keys = append(keys, "connection.weak."+right)
		}
	}
	var said []string
	for _, key := range keys {
		if l.Has(key) {
			said = append(said, l.T(key, args...))
		}
	}
	return strings.Join(said, " ")
}
