package web

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/a-h/templ"

	"github.com/foyer-app/foyer/internal/account"
	"github.com/foyer-app/foyer/internal/store"
	"github.com/foyer-app/foyer/web/i18n"
	"github.com/foyer-app/foyer/web/ui"
)

const auditPath = "/settings/audit"

// Bounds of the log on a page and in a file.
const (
	auditPerPage = 50
	auditPortion = 1000
	auditInFile  = 100_000
)

func (s *Server) auditRoutes() []route {
	return []route{
		{"GET", auditPath, may(account.ViewAudit), s.page(s.auditLog)},
		{"GET", auditPath + ".csv", may(account.ViewAudit), s.page(s.auditCSV)},
	}
}

// auditQuery is what part of the log is looked at.
type auditQuery struct {
	User               int64
	Kind, Search       string
	From, To           string // days, as written
	FromError, ToError string
	filter             store.AuditFilter
}

// auditKinds are the beginnings of actions that have a name in the catalogue.
func auditKinds(l i18n.Locale) []string {
	var kinds []string
	for _, key := range l.Keys() {
		if kind, ok := strings.CutPrefix(key, "audit.kind."); ok {
			kinds = append(kinds, kind)
		}
	}
	return kinds
}

func parseAudit(l i18n.Locale, o store.Organisation, v url.Values) auditQuery {
	q := auditQuery{Kind: choice(v, "kind", auditKinds(l)...), Search: strings.ToValidUTF8(line(v, "q"), ""), From: line(v, "from"), To: line(v, "to")}
	q.User, _ = strconv.ParseInt(v.Get("user"), 10, 64)
	if utf8.RuneCountInString(q.Search) > ruleLength {
		q.Search = string([]rune(q.Search)[:ruleLength])
	}
	q.filter = store.AuditFilter{User: max(0, q.User), Action: q.Kind, Search: q.Search}
	zone := zoneOf(o)
	day := func(text string, into *time.Time, add int, wrong *string) {
		if text == "" {
			return
		}
		t, err := time.ParseInLocation(time.DateOnly, text, zone)
		if err != nil {
			*wrong = l.T("settings.audit.day")
			return
		}
		*into = t.AddDate(0, 0, add)
	}
	day(q.From, &q.filter.From, 0, &q.FromError)
	day(q.To, &q.filter.To, 1, &q.ToError) // the last day is included
	return q
}

// values are the query as an address.
func (q auditQuery) values() url.Values {
	v := url.Values{}
	for name, value := range map[string]string{"kind": q.Kind, "q": q.Search, "from": q.From, "to": q.To} {
		if value != "" {
			v.Set(name, value)
		}
	}
	if q.User > 0 {
		v.Set("user", idText(q.User))
	}
	return v
}

// withBefore is an address's values, going on after a row; 0: from the beginning.
func withBefore(values url.Values, id int64) url.Values {
	v := url.Values{}
	for name, all := range values {
		v[name] = all
	}
	if id > 0 {
		v.Set("before", idText(id))
	}
	return v
}

// auditLog shows who did what.
func (s *Server) auditLog(w http.ResponseWriter, r *http.Request) error {
	l, org := s.locale(r), actor(r).Seat.Organisation
	q := parseAudit(l, org, r.URL.Query())
	q.filter.Before, q.filter.Limit = before(r), auditPerPage+1
	list, err := s.Store.AuditEntries(r.Context(), org.ID, q.filter)
	if err != nil {
		return fmt.Errorf("web: audit log: %w", err)
	}
	filter, err := s.auditFilter(r, q)
	if err != nil {
		return err
	}
	p := tablePart{
		Title: l.T("settings.audit.list"), Sub: l.T("settings.audit.text"), Filter: filter.View(), Table: auditTable(l, org, list[:min(len(list), auditPerPage)]),
		Action: &ui.Link{Label: l.T("settings.audit.csv"), URL: auditPath + ".csv?" + q.values().Encode(), Icon: ui.IconDownload},
		Pager:  pagerFrom(l, auditPath, q.values(), before(r), 0),
	}
	if len(list) > auditPerPage {
		p.Pager = pagerFrom(l, auditPath, q.values(), before(r), list[auditPerPage-1].ID)
	}
	if len(list) == 0 {
		p.Empty = &ui.Empty{Lead: l.T("settings.audit.none"), Text: l.T("settings.audit.none.text"), Action: &ui.Link{Label: l.T("settings.audit.all"), URL: auditPath}}
	}
	v := s.settingsView(r, "audit", "audit", "")
	v.Parts = []templ.Component{p.View()}
	return s.showSettings(w, r, http.StatusOK, v)
}

// auditFilterView is the form that narrows the log.
type auditFilterView struct {
	Action string
	Fields []ui.Field
	Find   string
}

func (s *Server) auditFilter(r *http.Request, q auditQuery) (auditFilterView, error) {
	l := s.locale(r)
	people, err := s.Store.Colleagues(r.Context(), actor(r).Organisation())
	if err != nil {
		return auditFilterView{}, fmt.Errorf("web: audit filter: %w", err)
	}
	who := ui.Field{Name: "user", Label: l.T("settings.audit.who"), Options: []ui.Option{{Label: l.T("settings.audit.anybody"), Current: q.User < 1}}}
	for _, c := range people {
		who.Options = append(who.Options, ui.Option{Value: idText(c.User), Label: colleagueName(c), Current: c.User == q.User})
	}
	kind := ui.Field{Name: "kind", Label: l.T("settings.audit.kind"), Options: []ui.Option{{Label: l.T("settings.audit.anything"), Current: q.Kind == ""}}}
	for _, k := range auditKinds(l) {
		kind.Options = append(kind.Options, ui.Option{Value: k, Label: l.T("audit.kind." + k), Current: k == q.Kind})
	}
	return auditFilterView{Action: auditPath, Find: l.T("team.find"), Fields: []ui.Field{
		who, kind,
		{Name: "from", Label: l.T("settings.audit.from"), Type: "date", Value: q.From, Error: q.FromError},
		{Name: "to", Label: l.T("settings.audit.to"), Type: "date", Value: q.To, Error: q.ToError},
		{Name: "q", Label: l.T("settings.audit.search"), Type: "search", Value: q.Search},
	}}, nil
}

func auditTable(l i18n.Locale, o store.Organisation, list []store.AuditEntry) ui.Table {
	t := ui.Table{Caption: l.T("settings.audit.list"), Cards: true, Columns: []ui.Column{
		{Label: l.T("settings.audit.when")}, {Label: l.T("settings.audit.who")}, {Label: l.T("settings.audit.what")}, {Label: l.T("settings.audit.about")}, {Label: l.T("settings.audit.where")},
	}}
	for _, e := range list {
		t.Rows = append(t.Rows, []ui.Cell{
			{Text: dayAndTime(l, o, e.At)}, {Text: auditActor(l, e)}, {Text: auditAction(l, e.Action)}, {Text: auditAbout(l, e)}, {Text: orDash(e.Address)},
		})
	}
	return t
}

// dayAndTime is a time with its day and year, in the organisation's zone.
func dayAndTime(l i18n.Locale, o store.Organisation, t time.Time) string {
	t = t.In(zoneOf(o))
	return l.Date(t) + ", " + l.Clock(t)
}

func auditActor(l i18n.Locale, e store.AuditEntry) string {
	if e.Actor == "" {
		return l.T("settings.audit.program")
	}
	return e.Actor
}

// auditAction is an action in words; one without words says itself.
func auditAction(l i18n.Locale, action string) string {
	if key := "audit." + action; l.Has(key) {
		return l.T(key)
	}
	return action
}

// auditAbout is what an action was done to, with its circumstances that have words.
func auditAbout(l i18n.Locale, e store.AuditEntry) string {
	var parts []string
	if e.Target != "" {
		parts = append(parts, e.Target)
	}
	names := make([]string, 0, len(e.Detail))
	for name := range e.Detail {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		value := e.Detail[name]
		for _, prefix := range []string{"role.", "audit.value."} {
			if l.Has(prefix + value) {
				value = l.T(prefix + value)
			}
		}
		if key := "audit.detail." + name; l.Has(key) && value != "" {
			parts = append(parts, l.T(key, "value", value))
		}
	}
	return orDash(strings.Join(parts, " · "))
}

// auditCSV is the log, as it is narrowed, for a spreadsheet.
func (s *Server) auditCSV(w http.ResponseWriter, r *http.Request) error {
	l, org := s.locale(r), actor(r).Seat.Organisation
	q := parseAudit(l, org, r.URL.Query())
	q.filter.Limit = auditPortion
	rows := [][]string{{
		l.T("settings.audit.when"), l.T("settings.audit.who"), l.T("settings.audit.key"), l.T("settings.audit.what"), l.T("settings.audit.about"), l.T("settings.audit.where"),
	}}
	for len(rows) < auditInFile {
		list, err := s.Store.AuditEntries(r.Context(), org.ID, q.filter)
		if err != nil {
			return fmt.Errorf("web: audit file: %w", err)
		}
		for _, e := range list {
			rows = append(rows, []string{
				e.At.In(zoneOf(org)).Format(time.RFC3339), plainCell(auditActor(l, e)), plainCell(e.Action), plainCell(auditAction(l, e.Action)),
				plainCell(auditAbout(l, e)), plainCell(e.Address),
			})
		}
		if len(list) < auditPortion {
			break
		}
		q.filter.Before = list[len(list)-1].ID
	}
	s.audit(r, "audit.export", "", "rows", strconv.Itoa(len(rows)-1))
	return sendCSV(w, "audit-"+s.Now().In(zoneOf(org)).Format(time.DateOnly), rows)
}

// sendCSV answers with a file for a spreadsheet. Its cells are plain already.
func sendCSV(w http.ResponseWriter, name string, rows [][]string) error {
	var buf bytes.Buffer
	buf.WriteString("\ufeff") // else spreadsheets take it for another encoding
	if err := csv.NewWriter(&buf).WriteAll(rows); err != nil {
		return fmt.Errorf("web: %s: %w", name, err)
	}
	h := w.Header()
	h.Set("Content-Type", "text/csv; charset=utf-8")
	h.Set("Content-Disposition", `attachment; filename="`+name+`.csv"`)
	h.Set("Cache-Control", "no-store")
	_, _ = buf.WriteTo(w) // the visitor may have gone
	return nil
}
