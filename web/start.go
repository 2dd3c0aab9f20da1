package web

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/foyer-app/foyer/internal/store"
	"github.com/foyer-app/foyer/web/chart"
	"github.com/foyer-app/foyer/web/i18n"
	"github.com/foyer-app/foyer/web/ui"
)

// maxName bounds a community's name, in characters.
const maxName = 80

// communityForm makes a community.
type communityForm struct {
	Name, Zone  string
	NameError   string
	ZoneError   string
	FilesError  string
	ZoneGuessed bool // nobody chose it: a script may know better
	location    *time.Location
}

func (f *communityForm) parse(values url.Values) {
	f.Name = strings.TrimSpace(values.Get("name"))
	f.Zone = strings.TrimSpace(values.Get("zone"))
}

// check says whether a community can be made of it.
func (f *communityForm) check(l i18n.Locale) bool {
	switch {
	case f.Name == "":
		f.NameError = l.T("start.name.missing")
	case !utf8.ValidString(f.Name) || strings.ContainsFunc(f.Name, unicode.IsControl):
		f.Name, f.NameError = "", l.T("start.name.bad")
	case utf8.RuneCountInString(f.Name) > maxName:
		f.NameError = l.T("start.name.long", "n", maxName)
	}
	if f.Zone == "" {
		f.Zone = guessZone(l)
	}
	if f.location = parseZone(f.Zone); f.location == nil {
		f.ZoneError = l.T("zone.unknown")
	}
	return f.NameError == "" && f.ZoneError == ""
}

// startView is the page of the beginning.
type startView struct {
	Page     ui.Page
	Start    ui.Start
	Stage    ui.Stage
	Later    []ui.Stage
	Name     ui.Field
	Zone     ui.Field
	Guessed  bool
	ZoneOpen bool
	ZoneSum  string
	Drop     ui.Drop
	Terms    []string
	Send     string
	Reads    readsView
	Soon     string
	Promises []ui.Promise
	Sample   *ui.Link // the way to the sample data
}

// start shows the promise and the one form of the beginning.
func (s *Server) start(w http.ResponseWriter, r *http.Request) error {
	f := communityForm{Zone: guessZone(s.locale(r)), ZoneGuessed: true}
	return s.startPage(w, r, http.StatusOK, f)
}

func (s *Server) startPage(w http.ResponseWriter, r *http.Request, status int, f communityForm) error {
	l := s.locale(r)
	v := startView{
		Page: s.bare(r, l.T("start")),
		Start: ui.Start{
			Arch: chart.Arch{Label: l.T("ui.arch.none")}.Scene(), Title: l.T("start.title"), Lede: l.T("start.lede"),
		},
		Stage: ui.Stage{Number: "1", Title: l.T("start.stage"), Text: l.T("start.stage.text"), Now: true},
		Later: []ui.Stage{
			{Number: "2", Title: l.T("start.watch"), Text: l.T("start.watch.text")},
			{Number: "3", Title: l.T("start.read"), Text: l.T("start.read.text")},
		},
		Name: ui.Field{
			Name: "name", Label: l.T("start.name"), Hint: l.T("start.name.hint"), Value: f.Name, Error: f.NameError,
			Required: true, Complete: "off",
		},
		Zone: zoneField("zone", l.T("zone"), l.T("zone.hint"), f.Zone, f.ZoneError), Guessed: f.ZoneGuessed,
		ZoneOpen: f.ZoneError != "", ZoneSum: l.T("zone.summary", "zone", strings.ReplaceAll(f.Zone, "_", " ")),
		Drop: s.dropField(l, f.FilesError), Terms: s.terms(l), Send: l.T("start.send"), Reads: viewReads(l),
		Soon: l.T("start.soon"), Sample: s.sampleOffer(r),
	}
	for _, n := range []string{"1", "2", "3"} {
		v.Promises = append(v.Promises, ui.Promise{When: l.T("start.soon." + n), What: l.T("start.soon." + n + ".text")})
	}
	if r.Method != http.MethodGet {
		v.Page.Back = "/start"
	}
	return s.render(w, r, status, startPage(v))
}

// createCommunity makes a community and, when files come along, imports them.
func (s *Server) createCommunity(w http.ResponseWriter, r *http.Request) error {
	in, err := s.receive(w, r)
	if err != nil {
		return sendingFailed(err)
	}
	l := s.locale(r)
	var f communityForm
	f.parse(in.fields)
	ok := f.check(l)
	if in.parts != nil {
		f.FilesError = s.filesProblem(l, in)
	}
	if !ok || f.FilesError != "" {
		in.drain(s.MaxUpload)
		return s.startPage(w, r, http.StatusUnprocessableEntity, f)
	}
	c, err := s.Store.CreateCommunity(r.Context(), actor(r).Organisation(), f.Name, f.location)
	switch {
	case errors.Is(err, store.ErrExists):
		f.NameError = l.T("start.name.exists")
	case errors.Is(err, store.ErrTimeZone):
		f.ZoneError = l.T("zone.unknown")
	case err != nil:
		return fmt.Errorf("web: create community: %w", err)
	}
	if err != nil {
		in.drain(s.MaxUpload)
		return s.startPage(w, r, http.StatusUnprocessableEntity, f)
	}
	s.audit(r, "community.create", c.Name)
	keep(w, r, communityCookie, fmt.Sprint(c.Scope.Community), false)
	if in.parts == nil {
		http.Redirect(w, r, communityPath(c.Scope, "/import"), http.StatusSeeOther)
		return nil
	}
	return s.bring(w, r, c, in, importForm{Zone: f.Zone, location: f.location})
}
