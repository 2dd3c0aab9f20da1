package web

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/foyer-app/foyer/internal/account"
	"github.com/foyer-app/foyer/internal/community"
	"github.com/foyer-app/foyer/internal/store"
	"github.com/foyer-app/foyer/web/i18n"
	"github.com/foyer-app/foyer/web/ui"
)

// peoplePerPage is how many people a page lists, and so how many are marked at once.
const peoplePerPage = 50

// Bounds of the rules.
const (
	ruleCount  = 50
	ruleLength = 100
)

// The lists of the page, as the address names them, and their populations.
var whos = []struct {
	name       string
	population int
}{{"members", 0}, {"team", 1}, {"bots", 2}}

// teamForm is the rules as the visitor writes them.
type teamForm struct {
	Domains, Roles           string
	DomainsError, RolesError string
	rules                    store.TeamRules
}

func (f *teamForm) parse(values url.Values) {
	f.Domains, f.Roles = values.Get("domains"), values.Get("roles")
}

var domain = regexp.MustCompile(`^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]$`)

// check turns the words into rules.
func (f *teamForm) check(l i18n.Locale) bool {
	f.rules = store.TeamRules{Domains: ruleWords(f.Domains), Roles: ruleWords(f.Roles)}
	for n, d := range f.rules.Domains {
		d = d[strings.LastIndex(d, "@")+1:] // an address stands for its domain
		f.rules.Domains[n] = d
		if !domain.MatchString(d) && f.DomainsError == "" {
			f.DomainsError = l.T("team.domains.bad", "domain", d)
		}
	}
	if tooMuch(f.rules.Domains) {
		f.DomainsError = l.T("team.rules.long", "n", ruleCount)
	}
	if tooMuch(f.rules.Roles) {
		f.RolesError = l.T("team.rules.long", "n", ruleCount)
	}
	return f.DomainsError == "" && f.RolesError == ""
}

// ruleWords are the words between commas or line ends: lower case, each once.
func ruleWords(text string) []string {
	var out []string
	for word := range strings.FieldsFuncSeq(strings.ToValidUTF8(text, ""), func(r rune) bool { return strings.ContainsRune(",;\n\r", r) }) {
		word = strings.ToLower(strings.TrimSpace(word))
		if word != "" && !slices.Contains(out, word) {
			out = append(out, word)
		}
	}
	return out
}

func tooMuch(list []string) bool {
	return len(list) > ruleCount || slices.ContainsFunc(list, func(s string) bool { return utf8.RuneCountInString(s) > ruleLength })
}

// peopleQuery is what part of the people is looked at.
type peopleQuery struct {
	who    string // one of whos
	search string
	page   int
}

func parsePeople(values url.Values) peopleQuery {
	q := peopleQuery{who: whos[0].name, search: strings.TrimSpace(values.Get("q")), page: pageNumber(values)}
	for _, w := range whos {
		if values.Get("who") == w.name {
			q.who = w.name
		}
	}
	if utf8.RuneCountInString(q.search) > ruleLength {
		q.search = string([]rune(q.search)[:ruleLength])
	}
	return q
}

// values are the query as an address, without its page.
func (q peopleQuery) values() url.Values {
	v := url.Values{"who": {q.who}}
	if q.search != "" {
		v.Set("q", q.search)
	}
	return v
}

func (q peopleQuery) address(c community.Community) string {
	v := q.values()
	if q.page > 1 {
		v.Set("page", strconv.Itoa(q.page))
	}
	return communityPath(c.Scope, "/team?"+v.Encode())
}

// teamView is the page of who belongs to the team.
type teamView struct {
	Page   ui.Page
	Head   ui.Head
	Rules  rulesView
	People peopleView
}

type rulesView struct {
	Title, Text, Action string
	Domains, Roles      ui.Field
	Save                string
}

type tabView struct {
	Label, URL string
	Current    bool
}

type peopleView struct {
	Title, Text string
	Action      string // where a search goes
	Tabs        []tabView
	Who         string
	Search      string
	SearchLabel string
	SearchHint  string
	Find        string
	Mark        *markView // nil where nobody can be marked
	Caption     string
	Name, Why   string
	Privacy     string
	Messages    string
	Last        string
	Rows        []personView
	Empty       *ui.Empty
	Pager       pagerView
	Carried     []ui.Option // what the form of marks carries along
}

type markView struct{ Action, To, Label string }

type personView struct {
	ID, Name, Glyph, Handle string
	Platforms               []ui.Icon
	Why                     string
	Messages, Last          string
	Privacy                 string // address of what is kept about them; empty: not this person's to see
}

// team shows the rules and the people.
func (s *Server) team(w http.ResponseWriter, r *http.Request) error {
	c, err := s.community(r)
	if err != nil {
		return err
	}
	rules, err := s.Store.TeamRules(r.Context(), c.Scope)
	if err != nil {
		return fmt.Errorf("web: team: %w", err)
	}
	return s.teamPage(w, r, http.StatusOK, c, teamForm{Domains: strings.Join(rules.Domains, ", "), Roles: strings.Join(rules.Roles, ", ")})
}

func (s *Server) teamPage(w http.ResponseWriter, r *http.Request, status int, c community.Community, f teamForm) error {
	q := parsePeople(r.URL.Query())
	people, err := s.viewPeople(r, c, q)
	if err != nil {
		return err
	}
	l, path := s.locale(r), communityPath(c.Scope, "/team")
	v := teamView{
		Page: s.frame(r, c, pageTeam, l.T("team")), People: people,
		Head: ui.Head{Eyebrow: l.T("team"), Title: l.T("team.title"), Lede: words(l.T("team.lede"))},
		Rules: rulesView{
			Title: l.T("team.rules"), Text: l.T("team.rules.text"), Action: path, Save: l.T("ui.save"),
			Domains: ui.Field{Name: "domains", Label: l.T("team.domains"), Value: f.Domains, Hint: l.T("team.domains.hint"), Error: f.DomainsError, Complete: "off"},
			Roles:   ui.Field{Name: "roles", Label: l.T("team.roles"), Value: f.Roles, Hint: l.T("team.roles.hint"), Error: f.RolesError, Complete: "off"},
		},
	}
	if r.Method == http.MethodGet {
		v.Page.Flash = viewFlash(l, path, q, takeFlash(w, r, path))
	}
	return s.render(w, r, status, teamPage(v))
}

// viewFlash says what a form did, with the way back.
func viewFlash(l i18n.Locale, path string, q peopleQuery, f flash) *ui.Toast {
	undo := func(to string) *ui.Link {
		v := q.values()
		v.Set("to", to)
		v.Set("undo", "1")
		for _, id := range f.ids {
			v.Add("member", strconv.FormatInt(id, 10))
		}
		return &ui.Link{Label: l.T("ui.undo"), URL: path + "/mark?" + v.Encode(), Post: true}
	}
	switch f.key {
	case "team":
		return &ui.Toast{Text: l.N("team.flash.team", len(f.ids)), Undo: undo("members")}
	case "members":
		return &ui.Toast{Text: l.N("team.flash.members", len(f.ids)), Undo: undo("team")}
	case "undone", "saved", "nobody":
		return &ui.Toast{Text: l.T("team.flash." + f.key)}
	}
	return nil
}

func (s *Server) viewPeople(r *http.Request, c community.Community, q peopleQuery) (peopleView, error) {
	l, path := s.locale(r), communityPath(c.Scope, "/team")
	v := peopleView{
		Title: l.T("team.people"), Text: l.T("team.people.text"), Action: path, Who: q.who, Search: q.search,
		SearchLabel: l.T("team.search"), SearchHint: l.T("team.search.hint"), Find: l.T("team.find"), Caption: l.T("team.who." + q.who),
		Privacy: l.T("member.privacy"),
		Name:    l.T("team.name"), Why: l.T("team.why"), Messages: l.T("team.messages"), Last: l.T("team.last"),
	}
	var population int
	for _, w := range whos {
		tab := tabView{Label: l.T("team.who." + w.name), URL: peopleQuery{who: w.name, search: q.search}.address(c), Current: w.name == q.who}
		if v.Tabs = append(v.Tabs, tab); tab.Current {
			population = w.population
		}
	}
	list, err := s.Store.People(r.Context(), c.Scope, q.search, &population, (q.page-1)*peoplePerPage, peoplePerPage)
	if err != nil {
		return v, fmt.Errorf("web: people: %w", err)
	}
	v.Pager = newPager(l, path, q.values(), q.page, len(list) > peoplePerPage)
	for _, p := range list[:min(len(list), peoplePerPage)] {
		row := s.viewPerson(l, c, p)
		if actor(r).May(account.ManagePrivacy) {
			row.Privacy = memberPath(c.Scope, p.ID, "/privacy")
		}
		v.Rows = append(v.Rows, row)
	}
	if len(v.Rows) == 0 {
		v.Empty = emptyPeople(l, c, q)
		return v, nil
	}
	switch q.who {
	case "members":
		v.Mark = &markView{Action: path + "/mark", To: "team", Label: l.T("team.mark")}
	case "team":
		v.Mark = &markView{Action: path + "/mark", To: "members", Label: l.T("team.unmark")}
	}
	v.Carried = []ui.Option{{Value: "who", Label: q.who}, {Value: "q", Label: q.search}, {Value: "page", Label: strconv.Itoa(q.page)}}
	return v, nil
}

func emptyPeople(l i18n.Locale, c community.Community, q peopleQuery) *ui.Empty {
	if q.search != "" {
		all := peopleQuery{who: q.who}
		return &ui.Empty{Lead: l.T("team.none.found"), Text: l.T("team.none.found.text", "search", q.search), Action: &ui.Link{Label: l.T("team.none.all"), URL: all.address(c)}}
	}
	return &ui.Empty{Lead: l.T("team.none." + q.who), Text: l.T("team.none." + q.who + ".text")}
}

func (s *Server) viewPerson(l i18n.Locale, c community.Community, p store.Person) personView {
	v := personView{
		ID: strconv.FormatInt(p.ID, 10), Name: p.Name, Glyph: glyph(p.Name), Handle: strings.Join(p.Handles, ", "),
		Messages: l.Int(p.Messages), Last: "–", Why: "–",
	}
	if !p.LastActive.IsZero() {
		v.Last = l.Date(p.LastActive.UTC()) // a civil day
	}
	for _, platform := range p.Platforms {
		v.Platforms = append(v.Platforms, ui.Icon(platform))
	}
	if key := "team.by." + p.By; p.By != "" && l.Has(key) {
		v.Why = l.T(key)
	}
	if p.By == "role" && len(p.Roles) > 0 {
		v.Why = l.T("team.by.roles", "roles", l.List(p.Roles[:min(len(p.Roles), 3)]))
	}
	return v
}

// setTeam replaces the rules.
func (s *Server) setTeam(w http.ResponseWriter, r *http.Request) error {
	c, err := s.community(r)
	if err != nil {
		return err
	}
	if err := form(r); err != nil {
		return err
	}
	var f teamForm
	f.parse(r.PostForm)
	if !f.check(s.locale(r)) {
		return s.teamPage(w, r, http.StatusUnprocessableEntity, c, f)
	}
	if err := s.Store.SetTeamRules(r.Context(), c.Scope, f.rules); err != nil {
		return fmt.Errorf("web: set team: %w", err)
	}
	s.audit(r, "team.rules", c.Name)
	path := communityPath(c.Scope, "/team")
	setFlash(w, r, path, flash{key: "saved"})
	http.Redirect(w, r, path, http.StatusSeeOther)
	return nil
}

// toTeam leads from an address that only takes forms to the page they stand on.
func (s *Server) toTeam(w http.ResponseWriter, r *http.Request) error {
	c, err := s.community(r)
	if err != nil {
		return err
	}
	http.Redirect(w, r, communityPath(c.Scope, "/team"), http.StatusSeeOther)
	return nil
}

// markTeam says by hand who is team and who is not.
func (s *Server) markTeam(w http.ResponseWriter, r *http.Request) error {
	c, err := s.community(r)
	if err != nil {
		return err
	}
	if err := form(r); err != nil {
		return err
	}
	to := r.Form.Get("to")
	if to != "team" && to != "members" {
		return &problem{status: http.StatusBadRequest, key: "error.form"}
	}
	done := flash{key: to}
	for _, text := range r.Form["member"] {
		id, err := strconv.ParseInt(text, 10, 64)
		if err != nil || id < 1 || len(done.ids) == peoplePerPage {
			return &problem{status: http.StatusBadRequest, key: "error.form"}
		}
		done.ids = append(done.ids, id)
	}
	switch {
	case len(done.ids) == 0:
		done.key = "nobody"
	case r.Form.Get("undo") != "":
		done.key = "undone"
	}
	if len(done.ids) > 0 {
		if err := s.Store.MarkTeam(r.Context(), c.Scope, done.ids, to == "team"); err != nil {
			return fmt.Errorf("web: mark team: %w", err)
		}
		s.audit(r, "team.mark", c.Name, "to", to, "people", strconv.Itoa(len(done.ids)))
	}
	setFlash(w, r, communityPath(c.Scope, "/team"), done)
	http.Redirect(w, r, parsePeople(r.Form).address(c), http.StatusSeeOther)
	return nil
}
