package web

import (
	"fmt"
	"net/http"
	"strconv"

	"github.com/a-h/templ"

	"github.com/foyer-app/foyer/internal/courier"
	"github.com/foyer-app/foyer/internal/mail"
	"github.com/foyer-app/foyer/internal/store"
	"github.com/foyer-app/foyer/web/i18n"
	"github.com/foyer-app/foyer/web/ui"
)

const outboxPath = "/settings/outbox"

// lettersPerPage is how many letters a page lists.
const lettersPerPage = 50

func (s *Server) outboxRoutes() []route {
	return []route{
		{"GET", outboxPath, operators(), s.page(s.outbox)},
		{"POST", outboxPath + "/test", operators(), s.page(s.sendTest)},
		{"GET", outboxPath + "/{letter}", operators().sure(), s.page(s.openLetter)},
	}
}

// before is the row that a list goes on after; 0 for the beginning.
func before(r *http.Request) int64 {
	id, err := strconv.ParseInt(r.URL.Query().Get("before"), 10, 64)
	if err != nil || id < 1 {
		return 0
	}
	return id
}

// outbox lists the letters of the instance for who runs it.
func (s *Server) outbox(w http.ResponseWriter, r *http.Request) error {
	l := s.locale(r)
	list, err := s.Store.Letters(r.Context(), 0, before(r), lettersPerPage+1)
	if err != nil {
		return fmt.Errorf("web: outbox: %w", err)
	}
	p := tablePart{Title: l.T("settings.outbox.list"), Sub: l.T("settings.outbox.text"), Table: s.letterTable(r, list[:min(len(list), lettersPerPage)])}
	if len(list) == 0 {
		p.Empty = &ui.Empty{Lead: l.T("settings.outbox.none"), Text: l.T("settings.outbox.none.text")}
	}
	p.Pager = pagerFrom(l, outboxPath, nil, before(r), 0)
	if len(list) > lettersPerPage {
		p.Pager = pagerFrom(l, outboxPath, nil, before(r), list[lettersPerPage-1].ID)
	}
	v := s.settingsView(r, "outbox", "outbox", "")
	if !s.Post.Sends() {
		v.Banner = &ui.Banner{Tone: ui.Watch, Lead: l.T("settings.outbox.kept"), Text: l.T("settings.outbox.kept.text")}
	}
	v.Parts = []templ.Component{formPart{
		Title: l.T("settings.outbox.test"), Sub: l.T("settings.outbox.test.text", "address", emailOf(r)), Action: outboxPath + "/test",
		Send: l.T("settings.outbox.test.send"), Weight: ui.Plain,
	}.View(), p.View()}
	return s.showSettings(w, r, http.StatusOK, v)
}

func emailOf(r *http.Request) string { return actor(r).User.Email }

// letterTable lists letters without their texts.
func (s *Server) letterTable(r *http.Request, list []store.Letter) ui.Table {
	l, org := s.locale(r), actor(r).Seat.Organisation
	t := ui.Table{Caption: l.T("settings.outbox.list"), Cards: true, Columns: []ui.Column{
		{Label: l.T("settings.outbox.subject")}, {Label: l.T("settings.outbox.to")}, {Label: l.T("settings.outbox.when")}, {Label: l.T("settings.outbox.state")},
	}}
	for _, n := range list {
		t.Rows = append(t.Rows, []ui.Cell{
			{Text: n.Subject, URL: outboxPath + "/" + idText(n.ID)}, {Text: n.Recipient}, {Text: dayAndTime(l, org, n.Created)}, {Text: letterState(l, n)},
		})
	}
	return t
}

// letterState is what became of a letter.
func letterState(l i18n.Locale, n store.Letter) string {
	text := l.T("settings.letter." + n.State)
	if n.State == store.LetterWaiting && n.Attempts > 0 {
		text = l.N("settings.letter.tried", n.Attempts)
	}
	if n.Failure != "" {
		text += " (" + n.Failure + ")"
	}
	return text
}

// pagerFrom leads to the beginning of a list that is paged by id, and to what
// follows the row next; 0: nothing does.
func pagerFrom(l i18n.Locale, path string, values map[string][]string, from, next int64) *pagerView {
	address := func(id int64) string { return path + "?" + withBefore(values, id).Encode() }
	p := &pagerView{Label: l.T("pager")}
	if from > 0 {
		p.Previous = &ui.Link{Label: l.T("settings.newest"), URL: address(0)}
	}
	if next > 0 {
		p.Next = &ui.Link{Label: l.T("settings.older"), URL: address(next)}
	}
	return p
}

// openLetter shows a letter's text. It may hold a link that lets somebody in, so
// the log keeps who read it.
func (s *Server) openLetter(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "letter")
	if err != nil {
		return err
	}
	n, err := s.Store.Letter(r.Context(), id)
	if err != nil {
		return fmt.Errorf("web: open letter: %w", err)
	}
	m, err := s.Post.Open(n)
	if err != nil {
		return fmt.Errorf("web: open letter: %w", err)
	}
	s.audit(r, "outbox.open", n.Recipient, "kind", n.Kind)
	l := s.locale(r)
	v := s.settingsView(r, "outbox", "letter", n.Subject)
	v.Parts = []templ.Component{letterView{
		Title: l.T("settings.outbox.letter", "address", n.Recipient), Sub: dayAndTime(l, actor(r).Seat.Organisation, n.Created) + " · " + letterState(l, n), Text: m.Text,
		Back: ui.Link{Label: l.T("settings.outbox.back"), URL: outboxPath},
	}.View()}
	return s.showSettings(w, r, http.StatusOK, v)
}

// letterView is the text of a letter.
type letterView struct {
	Title, Sub, Text string
	Back             ui.Link
}

// sendTest posts a letter to who asks, to see whether mail goes out.
func (s *Server) sendTest(w http.ResponseWriter, r *http.Request) error {
	u := actor(r).User
	err := s.Post.Post(r.Context(), courier.Letter{User: u.ID, Kind: mail.Test, Locale: s.locale(r), Data: mail.Data{
		To: u.Email, ToName: u.Name, Person: u.Label(), At: s.Now().In(zoneOf(actor(r).Seat.Organisation)),
	}})
	if err != nil {
		return fmt.Errorf("web: send test: %w", err)
	}
	s.audit(r, "outbox.test", u.Email)
	said := "test_sent"
	if !s.Post.Sends() {
		said = "test_kept"
	}
	return s.done(w, r, outboxPath, said)
}
