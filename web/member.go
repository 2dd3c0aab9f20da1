package web

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/foyer-app/foyer/internal/community"
	"github.com/foyer-app/foyer/internal/courier"
	"github.com/foyer-app/foyer/internal/mail"
	"github.com/foyer-app/foyer/internal/store"
	"github.com/foyer-app/foyer/web/i18n"
	"github.com/foyer-app/foyer/web/ui"
)

// memberPath is the address of a member; more is appended to it.
func memberPath(sc community.Scope, member int64, more string) string {
	return communityPath(sc, "/members/"+idText(member)+more)
}

// theMember is the member that the path names, with their community.
func (s *Server) theMember(r *http.Request) (community.Community, store.MemberFacts, error) {
	c, err := s.community(r)
	if err != nil {
		return c, store.MemberFacts{}, err
	}
	id, err := pathID(r, "member")
	if err != nil {
		return c, store.MemberFacts{}, err
	}
	f, err := s.Store.MemberFacts(r.Context(), c.Scope, id)
	return c, f, err
}

// memberName is what a member is called on the pages.
func memberName(l i18n.Locale, f store.MemberFacts) string {
	if f.Erased {
		return l.T("member.erased", "id", f.ID)
	}
	return orText(f.Name, l.T("privacy.nameless", "id", f.ID))
}

func memberFacts(l i18n.Locale, f store.MemberFacts) []ui.Option {
	list := []ui.Option{}
	add := func(key, value string) {
		if value != "" {
			list = append(list, ui.Option{Label: l.T(key), Value: value})
		}
	}
	add("member.handles", strings.Join(f.Handles, ", "))
	add("member.emails", strings.Join(f.Emails, ", "))
	add("member.identities", l.Int(int64(f.Identities)))
	add("member.messages", l.Int(f.Messages))
	add("member.reactions", l.Int(f.Reactions))
	add("member.days", l.Int(f.Days))
	return list
}

// factsOf are the facts of a member with how they came, where somebody looked.
func (s *Server) factsOf(r *http.Request, c community.Community, f store.MemberFacts) ([]ui.Option, error) {
	l, list := s.locale(r), memberFacts(s.locale(r), f)
	came, err := s.Store.Arrivals(r.Context(), c.Scope, []int64{f.ID})
	if err != nil {
		return nil, fmt.Errorf("web: member: %w", err)
	}
	if a, ok := came[f.ID]; ok {
		list = append(list, ui.Option{Label: l.T("member.came"), Value: arrivalText(l, a)})
	}
	return list, nil
}

// arrivalText says by whose invitation somebody came.
func arrivalText(l i18n.Locale, a store.Arrival) string {
	switch {
	case !a.Known:
		return l.T("member.came.unknown")
	case a.Inviter == 0 && a.Code == "":
		return l.T("member.came.erased")
	case a.Inviter == 0:
		return l.T("member.came.address", "code", a.Code)
	}
	name := orText(a.Name, l.T("privacy.nameless", "id", a.Inviter))
	if a.Code == "" {
		return l.T("member.came.by", "name", name)
	}
	return l.T("member.came.code", "name", name, "code", a.Code)
}

// memberPrivacy shows what can be done with what is kept about a member.
func (s *Server) memberPrivacy(w http.ResponseWriter, r *http.Request) error {
	c, f, err := s.theMember(r)
	if err != nil {
		return err
	}
	facts, err := s.factsOf(r, c, f)
	if err != nil {
		return err
	}
	l := s.locale(r)
	v := sureView{
		Page: s.frame(r, c, pageTeam, l.T("member.privacy")), Title: l.T("member.kept"), Facts: facts,
		Head: ui.Head{Eyebrow: l.T("privacy"), Title: memberName(l, f), Lede: words(l.T("member.lede"))},
		Links: []ui.Link{
			{Label: l.T("member.export"), URL: memberPath(c.Scope, f.ID, "/export.zip")},
			{Label: l.T("member.erase"), URL: memberPath(c.Scope, f.ID, "/erase")},
		},
	}
	if f.Erased {
		v.Links = v.Links[:1]
		v.Banner = &ui.Banner{Lead: l.T("member.already"), Text: l.T("member.already.text")}
	}
	return s.render(w, r, http.StatusOK, surePage(v))
}

// askErase says what erasing removes and what stays.
func (s *Server) askErase(w http.ResponseWriter, r *http.Request) error {
	c, f, err := s.theMember(r)
	if err != nil {
		return err
	}
	return s.erasePage(w, r, http.StatusOK, c, f, "")
}

// confirmation is what has to be typed to erase a member.
func confirmation(f store.MemberFacts) string { return orText(strings.TrimSpace(f.Name), idText(f.ID)) }

func (s *Server) erasePage(w http.ResponseWriter, r *http.Request, status int, c community.Community, f store.MemberFacts, problem string) error {
	facts, err := s.factsOf(r, c, f)
	if err != nil {
		return err
	}
	l := s.locale(r)
	path := memberPath(c.Scope, f.ID, "/erase")
	v := sureView{
		Page: s.frame(r, c, pageTeam, l.T("member.erase")), Title: l.T("member.kept"), Facts: facts,
		Head:   ui.Head{Eyebrow: l.T("privacy"), Title: l.T("member.erase.title", "name", memberName(l, f)), Lede: words(l.T("member.erase.lede"))},
		Banner: &ui.Banner{Tone: ui.Bad, Lead: l.T("member.erase.final"), Text: l.T("member.erase.final.text")},
		Action: path, Weight: ui.Danger, Send: l.T("member.erase.send"), Back: l.T("ui.cancel"), BackURL: memberPath(c.Scope, f.ID, "/privacy"),
		Type: &ui.Field{Name: "confirm", Label: l.T("privacy.type", "text", confirmation(f)), Error: problem, Complete: "off", Required: true},
	}
	if f.Erased {
		v.Action, v.Banner = "", &ui.Banner{Lead: l.T("member.already"), Text: l.T("member.already.text")}
	}
	v.Page.Back = path
	return s.render(w, r, status, surePage(v))
}

// erase forgets who a member is, tells the owners, and leaves no name in the log.
func (s *Server) erase(w http.ResponseWriter, r *http.Request) error {
	c, f, err := s.theMember(r)
	if err != nil {
		return err
	}
	if err := form(r); err != nil {
		return err
	}
	if !f.Erased && strings.TrimSpace(r.PostForm.Get("confirm")) != confirmation(f) {
		return s.erasePage(w, r, http.StatusUnprocessableEntity, c, f, s.locale(r).T("privacy.type.wrong"))
	}
	done, err := s.Store.EraseMember(r.Context(), c.Scope, f.ID)
	if err != nil {
		return fmt.Errorf("web: erase: %w", err)
	}
	if !done.Already {
		s.audit(r, "member.erase", idText(f.ID), "community", idText(c.Scope.Community), "identities", fmt.Sprint(done.Identities))
		s.tellOwners(r, mail.MemberErased, mail.Data{Community: c.Name}, actor(r).Organisation())
	}
	return s.toPrivacy(w, r, "erased")
}

// tellOwners writes to the owners of the organisation. A letter that concerns one
// that goes belongs to the instance (0). A failure is logged and holds nothing up.
func (s *Server) tellOwners(r *http.Request, kind mail.Kind, d mail.Data, organisation int64) {
	who := actor(r)
	owners, err := s.owners(r)
	if err == nil {
		err = s.writeTo(r, owners, kind, d, organisation)
	}
	if err != nil {
		s.Log.ErrorContext(r.Context(), "owners not told", slog.String("id", requestID(r)), slog.Int64("organisation", who.Organisation()), slog.Any("error", err))
	}
}

func (s *Server) owners(r *http.Request) (list []store.Colleague, err error) {
	all, err := s.Store.Colleagues(r.Context(), actor(r).Organisation())
	for _, p := range all {
		if p.Role == store.RoleOwner {
			list = append(list, p)
		}
	}
	return list, err
}

func (s *Server) writeTo(r *http.Request, people []store.Colleague, kind mail.Kind, d mail.Data, organisation int64) error {
	if s.Post == nil {
		return nil
	}
	o := actor(r).Seat.Organisation
	l, ok := i18n.Parse(o.Language)
	if !ok {
		l = s.locale(r)
	}
	zone, err := time.LoadLocation(o.TimeZone)
	if err != nil {
		zone = time.UTC
	}
	d.Person, d.Organisation, d.At = actor(r).Label(), o.Name, s.Now().In(zone)
	for _, p := range people {
		d.To, d.ToName = p.Email, p.Name
		letter := courier.Letter{Organisation: organisation, User: p.User, Kind: kind, Locale: l, Data: d}
		if err := s.Post.Post(context.WithoutCancel(r.Context()), letter); err != nil {
			return err
		}
	}
	return nil
}

// exportIndexView explains the files of an export.
type exportIndexView struct {
	Language, Title, Text, Note string
	Files                       []ui.Option // Value is the file, Label what it holds
}

// memberExport sends everything that is kept about a member, as it is read.
func (s *Server) memberExport(w http.ResponseWriter, r *http.Request) error {
	c, f, err := s.theMember(r)
	if err != nil {
		return err
	}
	s.audit(r, "member.export", idText(f.ID), "community", idText(c.Scope.Community))
	h := w.Header()
	h.Set("Content-Type", "application/zip")
	h.Set("Content-Disposition", fmt.Sprintf(`attachment; filename="member-%d.zip"`, f.ID))
	h.Set("Cache-Control", "no-store")
	e := &exportWriter{zip: zip.NewWriter(w), control: http.NewResponseController(w), now: s.Now()}
	err = e.index(r.Context(), c, s.Now())
	if err == nil {
		err = s.Store.ExportMember(r.Context(), c.Scope, f.ID, e.begin, e.row)
	}
	if err == nil {
		err = e.close()
	}
	if err != nil {
		// The head is sent: a connection that breaks off is the only way to say so.
		s.Log.ErrorContext(r.Context(), "export broke off", slog.String("id", requestID(r)), slog.Any("error", err))
		_ = e.control.SetWriteDeadline(time.Unix(1, 0))
	}
	return nil
}

// exportPause is how long a reader may take for what is written at once.
const exportPause = time.Minute

// exportWriter writes the sections of an export as JSON arrays into an archive.
type exportWriter struct {
	zip     *zip.Writer
	control *http.ResponseController
	file    io.Writer
	rows    int
	now     time.Time
}

func (e *exportWriter) create(name string) error {
	var err error
	e.file, err = e.zip.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: e.now})
	return err
}

// index writes what the files are, in both languages.
func (e *exportWriter) index(ctx context.Context, c community.Community, now time.Time) error {
	for _, l := range i18n.Locales() {
		v := exportIndexView{
			Language: l.String(), Title: l.T("member.index.title", "community", c.Name), Text: l.T("member.index.text", "date", l.LongDate(now.In(c.Location))),
			Note: l.T("member.index.note"),
		}
		for _, name := range store.MemberSections() {
			v.Files = append(v.Files, ui.Option{Value: name + ".json", Label: l.T("member.index." + name)})
		}
		var page bytes.Buffer
		if err := exportIndex(v).Render(ctx, &page); err != nil {
			return err
		}
		if err := e.create(l.T("member.index.file")); err != nil {
			return err
		}
		if _, err := e.file.Write(page.Bytes()); err != nil {
			return err
		}
	}
	e.file = nil // an index is no section
	return nil
}

func (e *exportWriter) begin(section string) error {
	if err := e.end(); err != nil {
		return err
	}
	if err := e.create(section + ".json"); err != nil {
		return err
	}
	_, err := io.WriteString(e.file, "[")
	e.rows = 0
	return err
}

func (e *exportWriter) row(r json.RawMessage) error {
	start := ",\n"
	if e.rows == 0 {
		start = "\n"
	}
	if e.rows%1000 == 0 {
		_ = e.control.SetWriteDeadline(time.Now().Add(exportPause)) // a test's recorder has none
	}
	e.rows++
	if _, err := io.WriteString(e.file, start); err != nil {
		return err
	}
	_, err := e.file.Write(r)
	return err
}

// end closes the array of a section, where one was begun.
func (e *exportWriter) end() error {
	if e.file == nil {
		return nil
	}
	_, err := io.WriteString(e.file, "\n]\n")
	return err
}

func (e *exportWriter) close() error {
	if err := e.end(); err != nil {
		return err
	}
	return e.zip.Close()
}
