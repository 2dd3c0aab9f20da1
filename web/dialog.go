package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/internal/community"
	"github.com/foyer-app/foyer/web/static"
)

// dialogView is a page by itself: a platform's script runs in it, so nothing of
// Foyer is in it but a button, and ways on that need no script.
type dialogView struct {
	Language, Title, Text, Open, Problem, Manual, Back string
	ManualURL, BackURL                                 string
	Action, State                                      string
	Source, Origins                                    string
	App, Config, Version                               string
}

// dialogPolicy lets the platform's script in and keeps it from everything else
// here: it can ask and embed only its own pages, so it reads none of ours, and no
// form can be sent. here is this server's origin; of its files two are named.
func dialogPolicy(n connectors.PageScript, here string) string {
	frames := strings.Join(n.Frames, " ")
	return "default-src 'none'; script-src " + here + static.Path("dialog.js") + " " + origin(n.Source) +
		"; style-src " + here + static.Path("dialog.css") + "; connect-src " + frames + "; frame-src " + frames +
		"; img-src data: " + frames + "; form-action 'none'; frame-ancestors 'none'; base-uri 'none'; object-src 'none'"
}

// origin is scheme and host of an address.
func origin(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return "'none'"
	}
	return u.Scheme + "://" + u.Host
}

// dialog shows the page in which the platform's script opens its dialog.
func (s *Server) dialog(w http.ResponseWriter, r *http.Request, c community.Community, p connectors.Connector, n connectors.PageScript, state string) error {
	l := s.locale(r)
	here := scheme(s.safe(r)) + "://" + r.Host // one of our names: others are refused before
	action := here + "/connect/" + string(p.Platform()) + "/callback"
	v := dialogView{
		Language: l.String(), Title: l.T("connection.dialog", "platform", p.Name()), Text: l.T("connection.dialog.text", "platform", p.Name()),
		Open: l.T("connection.dialog.open", "platform", p.Name()), Problem: l.T("connection.dialog.problem", "platform", p.Name()),
		Back: l.T("connection.back"), BackURL: communityPath(c.Scope, "/connections"), Action: action, State: state,
		Source: n.Source, Origins: strings.Join(n.Origins, " "), App: n.Values["app"], Config: n.Values["config"], Version: n.Values["version"],
	}
	if _, ok := p.(connectors.Manual); ok {
		v.Manual, v.ManualURL = l.T("connection.manual", "platform", p.Name()), communityPath(c.Scope, "/connect/"+string(p.Platform())+"/manual")
	}
	h := w.Header()
	h.Set("Content-Security-Policy", dialogPolicy(n, here))
	// The dialog is a window of the platform's that tells this one what came of it.
	h.Set("Cross-Origin-Opener-Policy", "same-origin-allow-popups")
	h.Set("Referrer-Policy", "strict-origin")
	return s.render(w, r, http.StatusOK, dialogPage(v))
}

func scheme(safe bool) string {
	if safe {
		return "https"
	}
	return "http"
}

// scripted is the page that a connector's dialog needs, if it needs one.
func scripted(p connectors.Connector, app connectors.App) (connectors.PageScript, bool) {
	n, ok := p.(connectors.Scripted)
	if !ok {
		return connectors.PageScript{}, false
	}
	page, ok := n.PageScript(app)
	return page, ok && !slices.Contains(page.Origins, "")
}
