package web

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/a-h/templ"

	"github.com/foyer-app/foyer/internal/account"
	"github.com/foyer-app/foyer/internal/community"
	"github.com/foyer-app/foyer/internal/store"
	"github.com/foyer-app/foyer/web/i18n"
	"github.com/foyer-app/foyer/web/ui"
)

func (s *Server) organisationRoutes() []route {
	return []route{
		{"GET", "/settings/organisation", may(account.SetOrganisation), s.page(s.organisation)},
		{"POST", "/settings/organisation", may(account.SetOrganisation), s.page(s.setOrganisation)},
		{"GET", "/settings/organisation/logo", may(account.SetOrganisation), s.page(s.organisation)},
		{"POST", "/settings/organisation/logo/remove", may(account.SetOrganisation), s.page(s.removeLogo)},
		{"GET", "/organisations/{organisation}/logo", signedIn(), s.page(s.logo)},
	}
}

// pictureRoutes take a picture, which is larger than an ordinary form.
func (s *Server) pictureRoutes() []route {
	return []route{
		{"POST", "/settings/organisation/logo", may(account.SetOrganisation), s.page(s.setLogo)},
		{"POST", "/settings/clients/{client}/logo", may(account.SetClients), s.page(s.setClientLogo)},
	}
}

// pictureForm bounds a form with a picture: what is too large is read far enough
// to say so by the field.
const pictureForm = 4 * logoBytes

// organisationForm is what an organisation says of itself.
type organisationForm struct {
	o                                                          store.Organisation
	Colour, Ink                                                string // as written
	NameError, ColourError, InkError, ZoneError, CurrencyError string
	Suggested                                                  string // a colour that passes
}

func (f *organisationForm) parse(v url.Values) {
	f.o.Name = line(v, "name")
	f.o.Kind = choice(v, "kind", "brand", "agency")
	f.o.TimeZone = line(v, "zone")
	f.o.Currency = v.Get("currency")
	f.o.Language = choice(v, "language", "fr", "en")
	f.o.FiscalStart, _ = strconv.Atoi(v.Get("fiscal"))
	f.o.WeekStart, _ = strconv.Atoi(v.Get("week"))
	f.Colour, f.Ink = picked(v, "brand_colour"), picked(v, "brand_ink")
	if take := parseColour(v.Get("take")); take != "" {
		f.Colour = take
	}
}

// picked is a colour as written, or as chosen in the palette beside it: whichever
// the visitor changed.
func picked(v url.Values, name string) string {
	if pick := v.Get(name + "_pick"); pick != "" && pick != v.Get(name+"_was") {
		return pick
	}
	return line(v, name)
}

func (f *organisationForm) check(l i18n.Locale) bool {
	f.NameError = badName(l, f.o.Name)
	if f.o.Kind == "" {
		f.o.Kind = "brand"
	}
	if parseZone(f.o.TimeZone) == nil {
		f.ZoneError = l.T("zone.unknown")
	}
	if !isCurrency(f.o.Currency) {
		f.CurrencyError = l.T("settings.currency.unknown")
	}
	if f.o.FiscalStart < 1 || f.o.FiscalStart > 12 {
		f.o.FiscalStart = 1
	}
	if f.o.WeekStart != 7 {
		f.o.WeekStart = 1
	}
	if f.o.Language == "" {
		f.o.Language = l.String()
	}
	f.checkColours(l)
	return f.NameError == "" && f.ZoneError == "" && f.CurrencyError == "" && f.ColourError == "" && f.InkError == ""
}

// checkColours refuses a colour on which the ink cannot be read.
func (f *organisationForm) checkColours(l i18n.Locale) {
	f.o.BrandColour, f.o.BrandInk = parseColour(f.Colour), parseColour(f.Ink)
	if f.Colour != "" && f.o.BrandColour == "" {
		f.ColourError = l.T("settings.colour.bad")
	}
	if f.Ink != "" && f.o.BrandInk == "" {
		f.InkError = l.T("settings.colour.bad")
	}
	switch {
	case f.ColourError != "" || f.InkError != "":
		return
	case f.o.BrandColour == "":
		f.o.BrandInk = "" // an ink without a ground
		return
	case f.o.BrandInk == "":
		f.o.BrandInk = bestInk(f.o.BrandColour)
	}
	if ratio := contrast(f.o.BrandColour, f.o.BrandInk); ratio < enoughContrast {
		f.Suggested = nearestColour(f.o.BrandColour, f.o.BrandInk)
		f.ColourError = l.T("settings.colour.faint", "ratio", ratioText(l, ratio), "ink", f.o.BrandInk, "colour", f.Suggested)
	}
}

// ratioText prints a contrast; it is cut, not rounded: 4.49 is not 4.5.
func ratioText(l i18n.Locale, ratio float64) string { return l.Decimal(float64(int(ratio*10))/10, 1) }

// colourView is a field for a colour: a text, and the browser's palette beside it.
type colourView struct {
	Field ui.Field
	Pick  string // what the palette shows
	Label string // of the palette
}

func colourField(l i18n.Locale, name, label, hint, value, otherwise, problem string) colourView {
	pick := parseColour(value)
	if pick == "" {
		pick = otherwise
	}
	return colourView{
		Field: ui.Field{Name: name, Label: label, Hint: hint, Value: value, Error: problem, Complete: "off"}, Pick: pick,
		Label: l.T("settings.colour.palette", "name", label),
	}
}

// swatchView shows an ink on a colour, and how well it reads.
type swatchView struct {
	Colour, Ink, Text string
	Take              string // a box puts the colour into the form; empty: none
	TakeLabel         string
}

// organisation shows what the organisation says of itself.
func (s *Server) organisation(w http.ResponseWriter, r *http.Request) error {
	o := actor(r).Seat.Organisation
	return s.organisationPage(w, r, http.StatusOK, organisationForm{o: o, Colour: o.BrandColour, Ink: o.BrandInk}, "")
}

func (s *Server) organisationPage(w http.ResponseWriter, r *http.Request, status int, f organisationForm, logoError string) error {
	l, o := s.locale(r), actor(r).Seat.Organisation
	v := s.settingsView(r, "organisation", "organisation", l.T("settings.organisation.title", "name", o.Name))
	v.Page.Back = "/settings/organisation"
	v.Parts = []templ.Component{organisationSheet(l, f).View(), logoSheet(l, "/settings/organisation/logo", organisationLogo(o), logoError)}
	if actor(r).May(account.DeleteForGood) {
		v.Parts = append(v.Parts, rowsPart{Title: l.T("settings.delete"), Sub: l.T("settings.delete.text"), Action: &ui.Link{
			Label: l.T("settings.delete.go"), URL: "/settings/organisation/delete",
		}}.View())
	}
	return s.showSettings(w, r, status, v)
}

func organisationSheet(l i18n.Locale, f organisationForm) formPart {
	fiscal := ui.Field{Name: "fiscal", Label: l.T("settings.fiscal")}
	for m := time.January; m <= time.December; m++ {
		fiscal.Options = append(fiscal.Options, ui.Option{Value: strconv.Itoa(int(m)), Label: l.Month(m), Current: int(m) == f.o.FiscalStart})
	}
	language := ui.Field{Name: "language", Label: l.T("settings.letters"), Hint: l.T("settings.letters.hint")}
	for _, n := range i18n.Locales() {
		language.Options = append(language.Options, ui.Option{Value: n.String(), Label: n.Name(), Current: n.String() == f.o.Language})
	}
	p := formPart{Title: l.T("settings.organisation"), Action: "/settings/organisation", Send: l.T("ui.save"), Fields: []templ.Component{
		ui.Field{Name: "name", Label: l.T("settings.name"), Value: f.o.Name, Error: f.NameError, Complete: "organization", Required: true}.View(),
		selectField(l, "kind", l.T("settings.kind"), f.o.Kind, "settings.kind.", "brand", "agency").View(),
		colourField(l, "brand_colour", l.T("settings.colour"), l.T("settings.colour.hint"), f.Colour, "#c24e17", f.ColourError).View(),
		colourField(l, "brand_ink", l.T("settings.ink"), l.T("settings.ink.hint"), f.Ink, whiteInk, f.InkError).View(),
	}}
	if swatch := f.swatch(l); swatch.Colour != "" {
		p.Fields = append(p.Fields, swatch.View())
	}
	p.Fields = append(p.Fields,
		zoneField("zone", l.T("settings.zone"), l.T("settings.zone.hint"), f.o.TimeZone, f.ZoneError).View(),
		fiscal.View(), currencyField("currency", l.T("settings.currency"), l.T("settings.currency.hint"), f.o.Currency, f.CurrencyError).View(),
		selectField(l, "week", l.T("settings.week"), strconv.Itoa(f.o.WeekStart), "settings.week.", "1", "7").View(), language.View())
	return p
}

// swatch shows the colours of the form, or the one that would do.
func (f organisationForm) swatch(l i18n.Locale) swatchView {
	n := swatchView{Colour: f.o.BrandColour, Ink: f.o.BrandInk}
	if f.Suggested != "" {
		n.Colour, n.Take, n.TakeLabel = f.Suggested, f.Suggested, l.T("settings.colour.take", "colour", f.Suggested)
	}
	if n.Colour == "" || n.Ink == "" {
		return swatchView{}
	}
	n.Text = l.T("settings.colour.ratio", "ratio", ratioText(l, contrast(n.Colour, n.Ink)))
	return n
}

// setOrganisation keeps what the organisation says of itself.
func (s *Server) setOrganisation(w http.ResponseWriter, r *http.Request) error {
	if err := form(r); err != nil {
		return err
	}
	f := organisationForm{o: store.Organisation{ID: actor(r).Organisation()}}
	f.parse(r.PostForm)
	if !f.check(s.locale(r)) {
		return s.organisationPage(w, r, http.StatusUnprocessableEntity, f, "")
	}
	if err := s.Store.SetOrganisation(r.Context(), f.o); err != nil {
		return fmt.Errorf("web: set organisation: %w", err)
	}
	s.audit(r, "organisation.set", f.o.Name)
	return s.done(w, r, "/settings/organisation", "saved")
}

// setLogo keeps a picture as the organisation's logo.
func (s *Server) setLogo(w http.ResponseWriter, r *http.Request) error {
	picture, err := sentLogo(r)
	if key := logoProblem(err); key != "" {
		o := actor(r).Seat.Organisation
		return s.organisationPage(w, r, http.StatusUnprocessableEntity, organisationForm{o: o, Colour: o.BrandColour, Ink: o.BrandInk}, s.locale(r).T(key))
	}
	if err == nil {
		err = s.Store.SetLogo(r.Context(), actor(r).Organisation(), picture)
	}
	if err != nil {
		return fmt.Errorf("web: set logo: %w", err)
	}
	s.audit(r, "organisation.logo", actor(r).Seat.Organisation.Name)
	return s.done(w, r, "/settings/organisation", "logo")
}

func (s *Server) removeLogo(w http.ResponseWriter, r *http.Request) error {
	if err := s.Store.SetLogo(r.Context(), actor(r).Organisation(), nil); err != nil {
		return fmt.Errorf("web: remove logo: %w", err)
	}
	s.audit(r, "organisation.logo_remove", actor(r).Seat.Organisation.Name)
	return s.done(w, r, "/settings/organisation", "logo_removed")
}

// logo sends an organisation's logo to whoever has a seat there.
func (s *Server) logo(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "organisation")
	if err != nil {
		return err
	}
	who, ok := actor(r).For(id)
	if !ok {
		return fmt.Errorf("web: logo: %w", community.ErrNotFound)
	}
	picture, hash, err := s.Store.Logo(account.WithActor(r.Context(), who), id)
	if err != nil {
		return fmt.Errorf("web: logo: %w", err)
	}
	sendLogo(w, r, picture, hash)
	return nil
}

// organisationLogo is the address of an organisation's logo; "" for none.
func organisationLogo(o store.Organisation) string {
	if !o.HasLogo {
		return ""
	}
	return "/organisations/" + idText(o.ID) + "/logo?v=" + o.LogoHash
}

// logoSheet is the form for a logo, with the one there is.
func logoSheet(l i18n.Locale, action, picture, problem string) templ.Component {
	v := logoView{
		Title: l.T("settings.logo"), Sub: l.T("settings.logo.text"), Action: action, Picture: picture, Alt: l.T("settings.logo.alt"), Send: l.T("settings.logo.send"),
		Field: ui.Field{
			Name: logoField, Label: l.T("settings.logo.field"), Type: "file", Hint: l.T("settings.logo.hint"), Error: problem,
			Accept: ".png,.jpg,.jpeg,.webp,.gif", Required: true,
		},
	}
	if picture != "" {
		v.Remove = &ui.Link{Label: l.T("settings.logo.remove"), URL: action + "/remove", Post: true}
	}
	return v.View()
}

// logoView is the sheet of a logo.
type logoView struct {
	Title, Sub, Action, Picture, Alt, Send string
	Field                                  ui.Field
	Remove                                 *ui.Link
}
