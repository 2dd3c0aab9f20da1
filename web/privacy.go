package web

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/foyer-app/foyer/internal/account"
	"github.com/foyer-app/foyer/internal/community"
	"github.com/foyer-app/foyer/internal/courier"
	"github.com/foyer-app/foyer/internal/ingest"
	"github.com/foyer-app/foyer/internal/store"
	"github.com/foyer-app/foyer/web/i18n"
	"github.com/foyer-app/foyer/web/ui"
)

const privacyPath = "/settings/privacy"

// privacyRoutes are the pages about what is kept of people.
func (s *Server) privacyRoutes() []route {
	return []route{
		{"GET", privacyPath, may(account.ManagePrivacy), s.page(s.privacy)},
		{"GET", privacyPath + "/retention", may(account.ManagePrivacy), s.page(s.askRetention)},
		{"POST", privacyPath + "/retention", may(account.ManagePrivacy).sure(), s.page(s.setRetention)},
		{"POST", privacyPath + "/questions", may(account.ManagePrivacy), s.page(s.setQuestions)},
		{"GET", privacyPath + "/record", may(account.ManagePrivacy), s.page(s.record)},
		{"GET", privacyPath + "/record.md", may(account.ManagePrivacy), s.page(s.recordMarkdown)},
		{"GET", privacyPath + "/record.html", may(account.ManagePrivacy), s.page(s.recordHTML)},
		{"GET", "/settings/organisation/delete", may(account.DeleteForGood).sure(), s.page(s.askDeleteOrganisation)},
		{"POST", "/settings/organisation/delete", may(account.DeleteForGood).sure(), s.page(s.deleteOrganisation)},
	}
}

// memberRoutes are the pages about what is kept of one member.
func (s *Server) memberRoutes() []route {
	return []route{
		{"GET", at + "/members/{member}/privacy", may(account.ManagePrivacy), s.page(s.memberPrivacy)},
		{"GET", at + "/members/{member}/erase", may(account.ManagePrivacy).sure(), s.page(s.askErase)},
		{"POST", at + "/members/{member}/erase", may(account.ManagePrivacy).sure(), s.page(s.erase)},
		{"GET", at + "/delete", may(account.DeleteForGood).sure(), s.page(s.askDeleteCommunity)},
		{"POST", at + "/delete", may(account.DeleteForGood).sure(), s.page(s.deleteCommunity)},
	}
}

// privacyView is what is kept, for how long, and what can be done about it.
type privacyView struct {
	Page      ui.Page
	Head      ui.Head
	Kept      ui.Table
	KeptText  string
	Documents []ui.Link
	Retention struct {
		Title, Text, Send string
		Fields            []ui.Field
	}
	Find      findView
	Questions struct {
		Title, Text string
		Rows        []keepView
		Empty       *ui.Empty
	}
	Delete                              []ui.Link // nil: not this person's to do
	DeleteTitle, DeleteText, DeleteSend string
}

type findView struct {
	Title, Text, Label, Hint, Search, Send, Erased string
	Rows                                           ui.Table
	Empty                                          *ui.Empty
}

type keepView struct{ ID, Name, State, To, Send string }

// The choices of retention, in months; 0 is until erased.
func retentionMonths() []int { return []int{0, 6, 12, 24, 36, 60} }
func auditMonths() []int     { return []int{6, 12, 24, 36, 60} }

func monthsText(l i18n.Locale, n int) string {
	if n == 0 {
		return l.T("privacy.forever")
	}
	return l.N("privacy.months", n)
}

// privacy shows the page.
func (s *Server) privacy(w http.ResponseWriter, r *http.Request) error {
	l, who := s.locale(r), actor(r)
	kept, err := s.Store.Retention(r.Context(), who.Organisation())
	if err != nil {
		return fmt.Errorf("web: privacy: %w", err)
	}
	communities, err := s.Store.Communities(r.Context(), who.Organisation())
	if err != nil {
		return fmt.Errorf("web: privacy: %w", err)
	}
	v := privacyView{
		Page: s.settingsFrame(r, "privacy", l.T("privacy")), Kept: keptTable(l, kept), KeptText: l.T("privacy.kept.text"),
		Head: ui.Head{Eyebrow: l.T("web.menu.settings"), Title: l.T("privacy.title"), Lede: words(l.T("privacy.lede"))},
		Documents: []ui.Link{
			{Label: l.T("privacy.record"), URL: privacyPath + "/record"},
		},
	}
	v.Retention.Title, v.Retention.Text, v.Retention.Send = l.T("privacy.retention"), l.T("privacy.retention.text"), l.T("privacy.retention.send")
	v.Retention.Fields = []ui.Field{
		{Name: "months", Label: l.T("privacy.retention.activities"), Options: monthOptions(l, retentionMonths(), kept.Months)},
		{Name: "audit", Label: l.T("privacy.retention.audit"), Options: monthOptions(l, auditMonths(), kept.AuditMonths)},
	}
	v.Questions.Title, v.Questions.Text = l.T("privacy.questions"), l.T("privacy.questions.text")
	for _, c := range communities {
		v.Questions.Rows = append(v.Questions.Rows, viewKeep(l, c))
	}
	if len(communities) == 0 {
		v.Questions.Empty = &ui.Empty{Lead: l.T("privacy.questions.none"), Text: l.T("privacy.questions.none.text")}
	}
	if v.Find, err = s.viewFind(r, communities); err != nil {
		return err
	}
	if who.May(account.DeleteForGood) {
		v.DeleteTitle, v.DeleteText, v.DeleteSend = l.T("privacy.delete"), l.T("privacy.delete.text"), l.T("privacy.delete.send")
		v.Delete = []ui.Link{{Label: l.T("privacy.delete.organisation", "name", who.Seat.Organisation.Name), URL: "/settings/organisation/delete"}}
		for _, c := range communities {
			v.Delete = append(v.Delete, ui.Link{Label: l.T("privacy.delete.community", "name", c.Name), URL: communityPath(c.Scope, "/delete")})
		}
	}
	switch key := takeFlash(w, r, privacyPath).key; key {
	case "retention", "questions", "erased", "community":
		v.Page.Flash = &ui.Toast{Text: l.T("privacy.flash." + key)}
	}
	return s.render(w, r, http.StatusOK, privacyPage(v))
}

func monthOptions(l i18n.Locale, choices []int, current int) (list []ui.Option) {
	if !slices.Contains(choices, current) {
		choices = append(slices.Clone(choices), current)
	}
	for _, n := range choices {
		list = append(list, ui.Option{Value: strconv.Itoa(n), Label: monthsText(l, n), Current: n == current})
	}
	return list
}

func viewKeep(l i18n.Locale, c community.Community) keepView {
	q := keepView{ID: idText(c.Scope.Community), Name: c.Name, State: l.T("privacy.questions.off"), To: "on", Send: l.T("privacy.questions.keep")}
	if c.KeepQuestions {
		q.State, q.To, q.Send = l.T("privacy.questions.on"), "off", l.T("privacy.questions.drop")
	}
	return q
}

// kept is one kind of data with how long it is kept: the table of the page and of
// the record of processing.
type keptLine struct{ what, long string }

func keptLines(l i18n.Locale, r store.Retention) []keptLine {
	days := func(d time.Duration) string { return l.N("privacy.days", int(d/(24*time.Hour))) }
	return []keptLine{
		{l.T("privacy.kept.activities"), monthsText(l, r.Months)},
		{l.T("privacy.kept.people"), l.T("privacy.kept.people.long")},
		{l.T("privacy.kept.figures"), l.T("privacy.kept.figures.long")},
		{l.T("privacy.kept.payloads"), l.N("privacy.days", ingest.RetainDays)},
		{l.T("privacy.kept.uploads"), l.T("privacy.kept.uploads.long")},
		{l.T("privacy.kept.letters"), days(courier.Kept)},
		{l.T("privacy.kept.sessions"), l.T("privacy.kept.sessions.long", "idle", days(account.Idle), "absolute", days(account.Absolute))},
		{l.T("privacy.kept.audit"), monthsText(l, r.AuditMonths)},
		{l.T("privacy.kept.erased"), l.T("privacy.kept.erased.long")},
	}
}

func keptTable(l i18n.Locale, r store.Retention) ui.Table {
	t := ui.Table{
		Caption: l.T("privacy.kept"), Cards: true,
		Columns: []ui.Column{{Label: l.T("privacy.kept.what")}, {Label: l.T("privacy.kept.long")}},
	}
	for _, k := range keptLines(l, r) {
		t.Rows = append(t.Rows, []ui.Cell{{Text: k.what}, {Text: k.long}})
	}
	return t
}

// foundAtMost bounds the people that a search lists of one community.
const foundAtMost = 10

// viewFind looks for a person in all communities of the organisation.
func (s *Server) viewFind(r *http.Request, communities []community.Community) (findView, error) {
	l := s.locale(r)
	n, err := s.Store.Suppressed(r.Context(), actor(r).Organisation())
	if err != nil {
		return findView{}, fmt.Errorf("web: privacy: %w", err)
	}
	search := strings.TrimSpace(strings.ToValidUTF8(r.URL.Query().Get("q"), ""))
	if utf8.RuneCountInString(search) > ruleLength {
		search = string([]rune(search)[:ruleLength])
	}
	v := findView{
		Title: l.T("privacy.find"), Text: l.T("privacy.find.text"), Label: l.T("privacy.find.label"), Hint: l.T("privacy.find.hint"), Search: search,
		Send: l.T("privacy.find.send"), Erased: l.N("privacy.find.erased", n),
		Rows: ui.Table{Caption: l.T("privacy.find.found"), Cards: true, Columns: []ui.Column{
			{Label: l.T("privacy.find.name")}, {Label: l.T("privacy.find.community")}, {Label: l.T("privacy.find.messages"), Number: true},
		}},
	}
	if search == "" {
		return v, nil
	}
	for _, c := range communities {
		people, err := s.Store.People(r.Context(), c.Scope, search, nil, 0, foundAtMost)
		if err != nil {
			return v, fmt.Errorf("web: privacy: %w", err)
		}
		for _, p := range people[:min(len(people), foundAtMost)] {
			name := orText(p.Name, orText(strings.Join(p.Handles, ", "), l.T("privacy.nameless", "id", p.ID)))
			v.Rows.Rows = append(v.Rows.Rows, []ui.Cell{
				{Text: name, URL: memberPath(c.Scope, p.ID, "/privacy")}, {Text: c.Name}, {Text: l.Int(p.Messages)},
			})
		}
	}
	if len(v.Rows.Rows) == 0 {
		v.Empty = &ui.Empty{Lead: l.T("privacy.find.nobody"), Text: l.T("privacy.find.nobody.text", "search", search)}
	}
	return v, nil
}

func orText(text, other string) string {
	if text == "" {
		return other
	}
	return text
}

// retentionForm is how long to keep, as the visitor chose it.
type retentionForm struct{ store.Retention }

func (f *retentionForm) parse(v url.Values) bool {
	var err, err2 error
	f.Months, err = strconv.Atoi(v.Get("months"))
	f.AuditMonths, err2 = strconv.Atoi(v.Get("audit"))
	return err == nil && err2 == nil && f.Months >= 0 && f.Months <= 240 && f.AuditMonths >= 1 && f.AuditMonths <= 240
}

// sureView says what will happen and asks for it once more.
type sureView struct {
	Page          ui.Page
	Head          ui.Head
	Title         string
	Facts         []ui.Option
	Banner        *ui.Banner
	Links         []ui.Link
	Action        string // empty: there is nothing to do
	Hidden        []ui.Option
	Type          *ui.Field
	Weight        ui.Weight
	Send          string
	Back, BackURL string
}

// askRetention says what a change of retention removes, before it does.
func (s *Server) askRetention(w http.ResponseWriter, r *http.Request) error {
	l, who := s.locale(r), actor(r)
	var f retentionForm
	if !f.parse(r.URL.Query()) {
		http.Redirect(w, r, privacyPath, http.StatusSeeOther)
		return nil
	}
	v := sureView{
		Page: s.settingsFrame(r, "privacy", l.T("privacy.retention")), Title: l.T("privacy.retention.sure"), Action: privacyPath + "/retention",
		Head: ui.Head{Eyebrow: l.T("privacy"), Title: l.T("privacy.retention.title"), Lede: words(l.T("privacy.retention.lede"))},
		Facts: []ui.Option{
			{Label: l.T("privacy.retention.activities"), Value: monthsText(l, f.Months)},
			{Label: l.T("privacy.retention.audit"), Value: monthsText(l, f.AuditMonths)},
		},
		Hidden: []ui.Option{{Value: "months", Label: strconv.Itoa(f.Months)}, {Value: "audit", Label: strconv.Itoa(f.AuditMonths)}},
		Weight: ui.Primary, Send: l.T("ui.save"), Back: l.T("ui.cancel"), BackURL: privacyPath,
	}
	if f.Months > 0 {
		n, err := s.Store.OlderThan(r.Context(), who.Organisation(), s.Now().AddDate(0, -f.Months, 0))
		if err != nil {
			return fmt.Errorf("web: ask retention: %w", err)
		}
		v.Banner = &ui.Banner{Tone: ui.Watch, Lead: l.N("privacy.retention.drops", int(n)), Text: l.T("privacy.retention.drops.text")}
		v.Weight = ui.Danger
	}
	v.Page.Back = privacyPath
	return s.render(w, r, http.StatusOK, surePage(v))
}

func (s *Server) setRetention(w http.ResponseWriter, r *http.Request) error {
	if err := form(r); err != nil {
		return err
	}
	var f retentionForm
	if !f.parse(r.PostForm) {
		return &problem{status: http.StatusUnprocessableEntity, key: "error.form"}
	}
	if err := s.Store.SetRetention(r.Context(), actor(r).Organisation(), f.Retention); err != nil {
		return fmt.Errorf("web: set retention: %w", err)
	}
	s.audit(r, "privacy.retention", "", "months", strconv.Itoa(f.Months), "audit_months", strconv.Itoa(f.AuditMonths))
	return s.toPrivacy(w, r, "retention")
}

// toPrivacy goes back to the page and says what was done.
func (s *Server) toPrivacy(w http.ResponseWriter, r *http.Request, said string) error {
	setFlash(w, r, privacyPath, flash{key: said})
	http.Redirect(w, r, privacyPath, http.StatusSeeOther)
	return nil
}

func (s *Server) setQuestions(w http.ResponseWriter, r *http.Request) error {
	if err := form(r); err != nil {
		return err
	}
	id, err := strconv.ParseInt(r.PostForm.Get("community"), 10, 64)
	if err != nil || !actor(r).Sees(id) {
		return &problem{status: http.StatusUnprocessableEntity, key: "error.form"}
	}
	keep := r.PostForm.Get("keep") == "on"
	sc := community.Scope{Organisation: actor(r).Organisation(), Community: id}
	if err := s.Store.SetKeepQuestions(r.Context(), sc, keep); err != nil {
		return fmt.Errorf("web: questions: %w", err)
	}
	s.audit(r, "privacy.questions", idText(id), "keep", strconv.FormatBool(keep))
	return s.toPrivacy(w, r, "questions")
}
