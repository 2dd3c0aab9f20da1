package web

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/foyer-app/foyer/internal/account"
	"github.com/foyer-app/foyer/internal/community"
	"github.com/foyer-app/foyer/internal/store"
	"github.com/foyer-app/foyer/web/i18n"
	"github.com/foyer-app/foyer/web/ui"
)

// The entries of the menu, as a page names itself to frame.
const (
	pageOverview    = "overview"
	pageConnections = "connections"
	pageImport      = "import"
	pageTeam        = "team"
)

// communityPath is the address of a community; more is appended to it.
func communityPath(c community.Scope, more string) string {
	return "/communities/" + strconv.FormatInt(c.Community, 10) + more
}

// importPath is the address of an import; more is appended to it.
func importPath(i store.Import, more string) string {
	return communityPath(i.Scope, "/imports/"+strconv.FormatInt(i.ID, 10)+more)
}

// community is the one that the path names, or community.ErrNotFound: also for
// another organisation's.
func (s *Server) community(r *http.Request) (community.Community, error) {
	id, err := pathID(r, "community")
	if err != nil {
		return community.Community{}, err
	}
	return s.Store.Community(r.Context(), community.Scope{Organisation: actor(r).Organisation(), Community: id})
}

// theImport is the import that the path names, with its community.
func (s *Server) theImport(r *http.Request) (community.Community, store.Import, error) {
	c, err := s.community(r)
	if err != nil {
		return c, store.Import{}, err
	}
	id, err := pathID(r, "import")
	if err != nil {
		return c, store.Import{}, err
	}
	i, err := s.Store.Import(r.Context(), c.Scope, id)
	return c, i, err
}

// pathID is a positive number of the path; anything else is not found.
func pathID(r *http.Request, name string) (int64, error) {
	id, err := strconv.ParseInt(r.PathValue(name), 10, 64)
	if err != nil || id < 1 {
		return 0, fmt.Errorf("%s: %w", name, community.ErrNotFound)
	}
	return id, nil
}

// locale is the visitor's language: the one of their profile, the one chosen in
// this browser, else the browser's. It prints times as their profile says.
func (s *Server) locale(r *http.Request) i18n.Locale {
	u := actor(r).User
	l, ok := i18n.Parse(u.Language)
	if !ok {
		l = i18n.Match(r.Header.Get("Accept-Language"), cookie(r, languageCookie))
	}
	return l.WithClock(u.TimeFormat)
}

// frame is the shell around a community's page. active is the menu entry that
// the page belongs to.
func (s *Server) frame(r *http.Request, c community.Community, active, title string) ui.Page {
	l := s.locale(r)
	entry := func(name string, icon ui.Icon, more string) ui.Entry {
		e := ui.Entry{
			Label: l.T("web.menu." + name), Icon: icon, URL: communityPath(c.Scope, more),
			Current: name == active, Tab: true,
		}
		if name == pageOverview {
			e.Short = l.T("web.menu.overview.short") // a phone's tabs have one line
		}
		return e
	}
	p := s.bare(r, title)
	p.Home = communityPath(c.Scope, "")
	p.Community = ui.Community{Name: c.Name, Owner: actor(r).Seat.Organisation.Name, Glyph: glyph(c.Name), URL: "/communities"}
	var second []ui.Entry
	for _, e := range []struct {
		name       string
		icon       ui.Icon
		more       string
		permission account.Permission
	}{
		{pageConnections, ui.IconPlug, "/connections", account.ViewCommunities},
		{pageImport, ui.IconUpload, "/import", account.ImportData},
		{pageTeam, ui.IconMembers, "/team", account.SetTeam},
	} {
		if actor(r).May(e.permission) {
			second = append(second, entry(e.name, e.icon, e.more))
		}
	}
	p.Menu = append([][]ui.Entry{{entry(pageOverview, ui.IconHome, "")}, second}, p.Menu...)
	return p
}

// bare is the shell around a page that belongs to no community.
func (s *Server) bare(r *http.Request, title string) ui.Page {
	back, l := here(r), s.locale(r)
	p := ui.Page{
		Locale: l, Theme: ui.ParseTheme(cookie(r, ui.ThemeCookie)), Title: title,
		Home: "/", ThemeURL: "/theme", Back: back, Notice: s.sampleNotice(r),
	}
	if who := actor(r); who.User.ID != 0 {
		p.Person = ui.Person{Name: who.User.Label(), URL: "/settings/profile", SignOut: "/sign-out"}
		p.TextSize = who.User.TextSize
		p.Menu = [][]ui.Entry{{{
			Label: l.T("web.menu.settings"), Icon: ui.IconSettings, URL: "/settings", Tab: true,
			Current: strings.HasPrefix(r.URL.Path, "/settings"),
		}}}
	}
	for _, l := range i18n.Locales() {
		p.Languages = append(p.Languages, ui.Language{
			Locale: l, URL: "/language?" + url.Values{"to": {l.String()}, "back": {back}}.Encode(),
		})
	}
	return p
}

// here is the address that shows this page again; a form posts to the address
// that shows it.
func here(r *http.Request) string {
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		return r.URL.RequestURI()
	}
	return r.URL.Path
}

// localPath is a path of this server, or "/": nobody is sent elsewhere by a
// prepared link.
func localPath(back string) string {
	u, err := url.Parse(back)
	if err != nil || u.Scheme != "" || u.Host != "" || u.User != nil || !strings.HasPrefix(back, "/") ||
		strings.HasPrefix(back, "//") || strings.ContainsFunc(back, func(r rune) bool { return r == '\\' || unicode.IsControl(r) }) {
		return "/"
	}
	return back
}

// glyph is the first letter of the first two words of a name: "AL".
func glyph(name string) string {
	var out []rune
	for word := range strings.FieldsSeq(name) {
		r, _ := utf8.DecodeRuneInString(word)
		if (unicode.IsLetter(r) || unicode.IsDigit(r)) && len(out) < 2 {
			out = append(out, unicode.ToUpper(r))
		}
	}
	return string(out)
}

func cookie(r *http.Request, name string) string {
	c, err := r.Cookie(name)
	if err != nil {
		return ""
	}
	return c.Value
}
