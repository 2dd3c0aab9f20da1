package spreadsheet

import (
	"encoding/json"
	"maps"
	"strings"
	"sync"
	"time"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/internal/community"
)

// body is a payload: the mapped cells of lines that belong together.
type body struct {
	// ID is what the line is known by when it names no id itself.
	ID    string     `json:"i,omitempty"`
	Lines [][]string `json:"l"`
}

// Normalize turns lines into records. It is pure: all that it needs beside the
// cells stands in the scope.
func (c Connector) Normalize(p connectors.Payload) (community.Batch, error) {
	f, err := c.formOf(p.Scope)
	if err != nil {
		return community.Batch{}, err
	}
	var b body
	if err := json.Unmarshal(p.Body, &b); err != nil || len(b.Lines) == 0 {
		return community.Batch{}, &connectors.RefusedError{Reason: connectors.ReasonNotJSON}
	}
	lines := make([]entry, len(b.Lines))
	for i, cells := range b.Lines {
		for k := range cells {
			cells[k] = clean(cells[k])
		}
		lines[i] = entry{form: f, cells: cells}
	}
	var business community.Business
	switch p.Kind {
	case kindOrders, kindLines:
		business, err = normalizeOrder(lines, b.ID)
	case kindCustomers:
		business, err = normalizeCustomer(lines[0], b.ID)
	case kindSubscriptions:
		business, err = normalizeSubscription(lines[0], b.ID)
	case kindMarketing:
		business, err = normalizeCost(lines[0], b.ID, community.MarketingCost)
	case kindProgramme:
		business, err = normalizeCost(lines[0], b.ID, community.ProgrammeCost)
	case kindAnswers:
		business, err = normalizeAnswer(lines[0], b.ID)
	default:
		err = &connectors.RefusedError{Reason: connectors.ReasonNotJSON}
	}
	if err != nil {
		return community.Batch{}, err
	}
	return community.Batch{Business: business}, nil
}

// identity is the id that the line gives, else the one it is known by.
func identity(given, known string) (string, error) {
	switch {
	case given != "":
		return given, nil
	case known != "":
		return known, nil
	}
	return "", &connectors.RefusedError{Reason: connectors.ReasonNoID}
}

// contact is what the lines say of a person; the first that says something counts.
func contact(lines []entry) community.Contact {
	first := func(field string) string {
		for _, e := range lines {
			if s := e.text(field); s != "" {
				return s
			}
		}
		return ""
	}
	c := community.Contact{Name: first(fName), Company: first(fCompany), City: first(fCity), Country: countryCode(first(fCountry))}
	if full := strings.TrimSpace(first(fFirst) + " " + first(fLast)); full != "" {
		c.Name = full
	}
	if c.Country == "" {
		c.Country = lines[0].form.Country
	}
	for _, s := range split(first(fEmail)) {
		if at := strings.IndexByte(s, '@'); at > 0 && at < len(s)-1 {
			c.Emails = append(c.Emails, s)
		}
	}
	for _, s := range split(first(fPhone)) {
		if strings.ContainsAny(s, "0123456789") {
			c.Phones = append(c.Phones, s)
		}
	}
	return c
}

// split cuts a cell that holds several values.
func split(s string) []string {
	var list []string
	for _, part := range strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == ';' || r == '|' || r == '\n' }) {
		if part = strings.TrimSpace(part); part != "" {
			list = append(list, part)
		}
	}
	return list
}

// unheard are names of countries that the languages' own lists write otherwise.
var unheard = map[string]string{
	"usa": "US", "united states of america": "US", "etats unis d amerique": "US", "uk": "GB", "great britain": "GB", "england": "GB",
	"grande bretagne": "GB", "angleterre": "GB", "czech republic": "CZ", "republique tcheque": "CZ", "holland": "NL", "hollande": "NL",
	"korea": "KR", "russie": "RU", "uae": "AE", "tchequie": "CZ",
}

// namesOfCountries are the names of all countries in English and French, folded.
var namesOfCountries = sync.OnceValue(func() map[string]string {
	names := map[string]string{}
	for _, tag := range []language.Tag{language.English, language.French} {
		namer := display.Regions(tag)
		for a := 'A'; a <= 'Z'; a++ {
			for b := 'A'; b <= 'Z'; b++ {
				code := string([]rune{a, b})
				region, err := language.ParseRegion(code)
				if err != nil || !region.IsCountry() || region.String() != code {
					continue
				}
				if name := namer.Name(region); name != "" {
					names[fold(name)] = code
				}
			}
		}
	}
	maps.Copy(names, unheard)
	return names
})

// countryCode is the ISO code of a country that is named by its code or, in
// English or French, by its name; empty when it is not known.
func countryCode(s string) string {
	if s == "" {
		return ""
	}
	if len(s) == 2 || len(s) == 3 {
		if region, err := language.ParseRegion(s); err == nil && region.IsCountry() {
			return region.String()
		}
	}
	return namesOfCountries()[fold(s)]
}

// who is the customer that lines name, and the guest where they name none.
func who(lines []entry) (customer string, guest community.Contact) {
	for _, e := range lines {
		if id := e.text(fCustomer); id != "" {
			return id, community.Contact{}
		}
	}
	guest = contact(lines)
	if guest.Name == "" && len(guest.Emails)+len(guest.Phones) == 0 {
		return "", community.Contact{}
	}
	return "", guest
}

func normalizeCustomer(e entry, known string) (community.Business, error) {
	id, err := identity(e.text(fCustomer), known)
	if err != nil {
		return community.Business{}, err
	}
	c := community.Customer{ExternalID: id, Contact: contact([]entry{e}), Channel: e.text(fChannel)}
	if c.Created, err = e.time(fCreated); err != nil {
		return community.Business{}, err
	}
	if c.Revision, err = e.revision(); err != nil {
		return community.Business{}, err
	}
	// What another table says of a customer beside does not replace this.
	c.Revision = max(c.Revision, 1)
	return community.Business{Customers: []community.Customer{c}}, nil
}

// named is the customer that a line of another table tells of beside: one with an
// id and something to recognise it by.
func named(lines []entry, id string) []community.Customer {
	c := contact(lines)
	if id == "" || len(c.Emails)+len(c.Phones) == 0 {
		return nil
	}
	return []community.Customer{{ExternalID: id, Contact: c}}
}

func normalizeAnswer(e entry, known string) (community.Business, error) {
	id, err := identity(e.text(fAnswer), known)
	if err != nil {
		return community.Business{}, err
	}
	a := community.Answer{ExternalID: id, Order: e.text(fOrder), Choice: e.text(fChoice)}
	a.Skipped = a.Choice == ""
	a.Customer, a.Guest = who([]entry{e})
	if a.At, err = e.needTime(fDate); err != nil {
		return community.Business{}, err
	}
	return community.Business{Answers: []community.Answer{a}}, nil
}

func normalizeCost(e entry, known string, kind community.CostKind) (community.Business, error) {
	var none community.Business
	id, err := identity(e.text(fCost), known)
	if err != nil {
		return none, err
	}
	c := community.Cost{ExternalID: id, Kind: kind, Category: e.text(fCategory), Channel: e.text(fChannel)}
	if c.From, c.To, err = e.days(); err != nil {
		return none, err
	}
	code, err := e.currency()
	if err != nil {
		return none, err
	}
	amount, err := e.number(fAmount)
	if err != nil {
		return none, err
	}
	if amount == nil {
		return none, refused(reasonNeeded, fAmount)
	}
	share, err := e.share(amount)
	if err != nil {
		return none, err
	}
	if c.Amount, err = money(amount.Mul(amount, share), code); err != nil {
		return none, refused(reasonAmount, fAmount)
	}
	if c.Minutes, err = e.minutes(); err != nil {
		return none, err
	}
	return community.Business{Costs: []community.Cost{c}}, nil
}

// days are the days that a cost spreads over, as midnights in UTC, the last excluded.
func (e entry) days() (from, to time.Time, err error) {
	if s := e.text(fMonth); s != "" && e.text(fFrom) == "" {
		first, ok := parseMonth(s, e.form)
		if !ok {
			return from, to, refused(reasonDate, fMonth)
		}
		return first, first.AddDate(0, 1, 0), nil
	}
	day := func(field string) (time.Time, error) {
		at, err := e.time(field)
		if err != nil || at.IsZero() {
			return time.Time{}, err
		}
		local := at.In(e.form.zone)
		return time.Date(local.Year(), local.Month(), local.Day(), 0, 0, 0, 0, time.UTC), nil
	}
	if from, err = day(fFrom); err != nil {
		return from, to, err
	}
	if from.IsZero() {
		return from, to, refused(reasonNeeded, fFrom)
	}
	if to, err = day(fTo); err != nil {
		return from, to, err
	}
	if to.IsZero() {
		to = from
	}
	if to.Before(from) {
		return from, to, refused(reasonOrder, fTo)
	}
	return from, to.AddDate(0, 0, 1), nil
}

// parseMonth reads 2024-03, 03/2024, mars 2024, or any day of the month.
func parseMonth(s string, f *form) (time.Time, bool) {
	y, m := 0, 0
	if a, b, ok := strings.Cut(strings.NewReplacer("/", "-", " ", "-", ".", "-").Replace(s), "-"); ok {
		switch {
		case len(a) == 4 && digits(a) && digits(b):
			y, m = atoi(a), atoi(b)
		case len(b) == 4 && digits(b) && digits(a):
			y, m = atoi(b), atoi(a)
		case len(b) == 4 && digits(b):
			y, m = atoi(b), monthNamed(a)
		}
	}
	if y == 0 {
		at, err := parseDate(s, f.Dates, f.zone)
		if err != nil {
			return time.Time{}, false
		}
		local := at.at.In(f.zone)
		y, m = local.Year(), int(local.Month())
	}
	if y < firstYear || y > lastYear || m < 1 || m > 12 {
		return time.Time{}, false
	}
	return time.Date(y, time.Month(m), 1, 0, 0, 0, 0, time.UTC), true
}

// minutes is the time of people that a cost tells.
func (e entry) minutes() (int64, error) {
	for _, u := range []struct {
		field string
		each  int64
	}{{fMinutes, 1}, {fHours, 60}} {
		r, err := e.number(u.field)
		if err != nil {
			return 0, err
		}
		if r != nil {
			n, err := scaled(r, u.each)
			if err != nil || n < 0 {
				return 0, refused(reasonNumber, u.field)
			}
			return n, nil
		}
	}
	return 0, nil
}
