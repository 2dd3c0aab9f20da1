package web

import (
	"net/http"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"github.com/foyer-app/foyer/internal/account"
	"github.com/foyer-app/foyer/internal/store"
	"github.com/foyer-app/foyer/web/i18n"
	"github.com/foyer-app/foyer/web/ui"
)

// settingsPath is where all settings stand; what a form says once is kept for it.
const settingsPath = "/settings"

// settingsRoutes are the pages of settings.
func (s *Server) settingsRoutes() []route {
	return slices.Concat([]route{{"GET", settingsPath, signedIn(), s.page(s.settings)}},
		s.profileRoutes(), s.organisationRoutes(), s.seatRoutes(), s.clientRoutes(), s.keyRoutes(), s.auditRoutes(), s.organisationsRoutes(), s.outboxRoutes())
}

// section is one page of the settings.
type section struct {
	name  string // its label is the key settings.menu.<name>
	url   string
	icon  ui.Icon
	shown func(account.Actor) bool
}

// The conditions under which sections are shown. They agree with the access of
// the section's route, which a test compares.
func everyPerson(a account.Actor) bool { return a.User.ID != 0 }
func theOperator(a account.Actor) bool { return a.User.Operator }
func ifMay(p account.Permission) func(account.Actor) bool {
	return func(a account.Actor) bool { return a.May(p) }
}

// sections are the pages of the settings, in the order of the menu.
func sections() []section {
	return []section{
		{"profile", "/settings/profile", ui.IconMembers, everyPerson},
		{"security", "/settings/security", ui.IconLock, everyPerson},
		{"organisation", "/settings/organisation", ui.IconHome, ifMay(account.SetOrganisation)},
		{"team", "/settings/team", ui.IconCustomers, ifMay(account.ManageSeats)},
		{"communities", "/settings/communities", ui.IconCommunities, ifMay(account.SetCommunities)},
		{"keys", "/settings/keys", ui.IconPlug, ifMay(account.ManageKeys)},
		{"privacy", privacyPath, ui.IconInfo, ifMay(account.ManagePrivacy)},
		{"audit", "/settings/audit", ui.IconTable, ifMay(account.ViewAudit)},
		{"organisations", "/settings/organisations", ui.IconSwitch, everyPerson},
		{"outbox", "/settings/outbox", ui.IconTalk, theOperator},
		{"deliveries", "/admin/deliveries", ui.IconDownload, theOperator},
		{"work", "/admin/river", ui.IconSync, theOperator},
	}
}

// settingsFrame is the shell around a page of the settings: active names its
// section.
func (s *Server) settingsFrame(r *http.Request, active, title string) ui.Page {
	l, who := s.locale(r), actor(r)
	p := s.bare(r, title)
	p.Sections.Label = l.T("web.menu.settings")
	for _, n := range sections() {
		if n.shown(who) {
			p.Sections.Entries = append(p.Sections.Entries, ui.Entry{
				Label: l.T("settings.menu." + n.name), Icon: n.icon, URL: n.url, Current: n.name == active,
			})
		}
	}
	if who.Organisation() != 0 {
		p.Menu = append([][]ui.Entry{{{Label: l.T("settings.menu.back"), Icon: ui.IconHome, URL: "/", Tab: true}}}, p.Menu...)
	}
	return p
}

// settings leads to the first page of settings.
func (s *Server) settings(w http.ResponseWriter, r *http.Request) error {
	http.Redirect(w, r, "/settings/profile", http.StatusSeeOther)
	return nil
}

// settingsView is a page of the settings: what is wrong or was done, then parts.
type settingsView struct {
	Page   ui.Page
	Head   ui.Head
	Banner *ui.Banner
	Parts  []templ.Component
}

// settingsView begins a page; its sentence and what it says below are the keys
// settings.<name>.title and .lede, unless a title is given.
func (s *Server) settingsView(r *http.Request, active, name, title string) settingsView {
	l := s.locale(r)
	if title == "" {
		title = l.T("settings." + name + ".title")
	}
	v := settingsView{
		Page: s.settingsFrame(r, active, l.T("settings.menu."+active)),
		Head: ui.Head{Eyebrow: l.T("web.menu.settings"), Title: title},
	}
	if key := "settings." + name + ".lede"; l.Has(key) {
		v.Head.Lede = words(l.T(key))
	}
	return v
}

// showSettings draws a page of the settings, and what the form before it did.
func (s *Server) showSettings(w http.ResponseWriter, r *http.Request, status int, v settingsView) error {
	if r.Method == http.MethodGet {
		l, f := s.locale(r), takeFlash(w, r, settingsPath)
		if key := "settings.flash." + f.key; f.key != "" && l.Has(key) {
			v.Page.Flash = &ui.Toast{Text: l.T(key)}
		}
	}
	return s.render(w, r, status, settingsPage(v))
}

// done leads on after a change and says it there: said is the end of the key
// settings.flash.<said>.
func (s *Server) done(w http.ResponseWriter, r *http.Request, to, said string) error {
	setFlash(w, r, settingsPath, flash{key: said})
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

// formPart is a sheet with one form.
type formPart struct {
	ID         string
	Title, Sub string
	Action     string
	Files      bool
	Hidden     []ui.Option // name and value
	Fields     []templ.Component
	Send       string
	Weight     ui.Weight
	Cancel     *ui.Link
}

func (f formPart) weight() ui.Weight {
	if f.Weight == "" {
		return ui.Primary
	}
	return f.Weight
}

// rowsPart is a sheet with a list of things, each with what can be done to it.
type rowsPart struct {
	ID         string
	Title, Sub string
	Rows       []rowView
	Empty      *ui.Empty
	Action     *ui.Link
}

// rowView is one thing of a list.
type rowView struct {
	Glyph   string
	Picture string // address of a logo; empty: the glyph
	Title   string
	URL     string // the title leads there; may be empty
	Lines   []string
	Says    []sayView
	Buttons []buttonView
}

type sayView struct {
	Tone  ui.Tone
	Icon  ui.Icon
	Words string
}

// buttonView is a link, or with Post a form of one button and hidden values.
type buttonView struct {
	Label  string
	Of     string // read aloud after the label
	URL    string
	Post   bool
	Hidden []ui.Option
	Weight ui.Weight
}

// tablePart is a sheet with a table and a way to the next page.
type tablePart struct {
	Title, Sub string
	Table      ui.Table
	Empty      *ui.Empty
	Pager      *pagerView
	Filter     templ.Component
	Action     *ui.Link
}

// fixedView shows what cannot be changed here.
type fixedView struct {
	Label, Value, Hint string
	Link               *ui.Link
}

// line is a text of a form, without spaces around it and without the characters
// that no field of one line has.
func line(v interface{ Get(string) string }, name string) string {
	return strings.TrimSpace(v.Get(name))
}

// choice is the value of a list, or "" for what the list does not hold.
func choice(v interface{ Get(string) string }, name string, options ...string) string {
	if got := v.Get(name); slices.Contains(options, got) {
		return got
	}
	return ""
}

// selectField is a list of values whose labels are the keys prefix+value.
func selectField(l i18n.Locale, name, label, current, prefix string, values ...string) ui.Field {
	f := ui.Field{Name: name, Label: label}
	for _, v := range values {
		key := prefix + v
		if v == "" {
			key = prefix + "auto"
		}
		f.Options = append(f.Options, ui.Option{Value: v, Label: l.T(key), Current: v == current})
	}
	return f
}

// counted is a sentence that counts; for none it has one of its own, under the key
// with .0: French counts none as one.
func counted(l i18n.Locale, key string, n int) string {
	if n == 0 && l.Has(key+".0") {
		return l.T(key + ".0")
	}
	return l.N(key, n)
}

// roleName is a role in words.
func roleName(l i18n.Locale, role store.Role) string { return l.T("role." + string(role)) }
