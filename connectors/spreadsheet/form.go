package spreadsheet

import (
	"encoding/json"
	"fmt"
	"math/big"
	"strings"
	"time"

	"github.com/foyer-app/foyer/connectors"
)

// form is how the cells of a payload are to be understood: its scope.
type form struct {
	Fields   []string `json:"f"` // of each cell of a line
	Decimal  string   `json:"d"`
	Dates    string   `json:"o"`
	Zone     string   `json:"z"`
	Tax      string   `json:"t,omitempty"`
	Rate     string   `json:"r,omitempty"`
	Currency string   `json:"c,omitempty"`
	Country  string   `json:"y,omitempty"`
	AsOf     string   `json:"a,omitempty"`

	index map[string]int
	zone  *time.Location
	rate  *big.Rat // nil: none is told
	asOf  time.Time
}

// newForm makes the form of a complete mapping, and the places of its cells.
func newForm(m connectors.Mapping, kind connectors.TableKind, columns map[string]int) (f form, places []int) {
	f = form{Decimal: m.Decimal, Dates: m.DateOrder, Zone: m.Zone, Tax: m.Tax, Rate: m.Rate, Country: strings.ToUpper(m.Country), AsOf: m.AsOf}
	if kind.Money {
		f.Currency = m.Currency
	}
	for _, field := range kind.Fields {
		if n := columns[field.Key]; n > 0 {
			f.Fields = append(f.Fields, field.Key)
			places = append(places, n-1)
		}
	}
	return f, places
}

func (f *form) scope() (string, error) {
	raw, err := json.Marshal(f)
	if err != nil {
		return "", fmt.Errorf("spreadsheet: scope: %w", err)
	}
	return string(raw), nil
}

// formOf reads a scope. It is asked once for each payload, and there are few scopes.
func (c Connector) formOf(scope string) (*form, error) {
	if c.forms != nil {
		if f, ok := c.forms.Load(scope); ok {
			return f.(*form), nil
		}
	}
	f, err := readForm(scope)
	if err != nil {
		return nil, err
	}
	if c.forms != nil {
		c.forms.Clear() // those of earlier files
		c.forms.Store(scope, f)
	}
	return f, nil
}

func readForm(scope string) (*form, error) {
	f := &form{index: map[string]int{}}
	if err := json.Unmarshal([]byte(scope), f); err != nil {
		return nil, &connectors.RefusedError{Reason: connectors.ReasonNotJSON}
	}
	for i, field := range f.Fields {
		f.index[field] = i
	}
	zone, err := time.LoadLocation(f.Zone)
	if err != nil || f.Zone == "Local" || len(f.Decimal) != 1 {
		return nil, &connectors.RefusedError{Reason: connectors.ReasonNotJSON}
	}
	f.zone = zone
	if f.Rate != "" {
		if f.rate, err = parseRate(f.Rate); err != nil {
			return nil, refused(reasonNumber, fRate)
		}
	}
	if f.AsOf != "" {
		if f.asOf, err = time.ParseInLocation(time.DateOnly, f.AsOf, zone); err != nil {
			return nil, refused(reasonDate, "as_of")
		}
		f.asOf = f.asOf.UTC()
	}
	return f, nil
}

// parseRate reads a rate in percent; either mark of decimals will do.
func parseRate(text string) (*big.Rat, error) {
	s := strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(text), "%"))
	r, err := parseNumber(strings.Replace(s, ",", ".", 1), '.')
	if err != nil || r.Sign() < 0 || r.Cmp(big.NewRat(100, 1)) > 0 {
		return nil, errNumber
	}
	return r, nil
}

// entry is one line of a payload: its cells by field.
type entry struct {
	form  *form
	cells []string
}

// text is the cell of a field, empty where there is none.
func (e entry) text(field string) string {
	i, ok := e.form.index[field]
	if !ok || i >= len(e.cells) {
		return ""
	}
	return e.cells[i]
}

// number is the amount of a field; nil where there is none.
func (e entry) number(field string) (*big.Rat, error) {
	s := e.text(field)
	if s == "" {
		return nil, nil
	}
	r, err := parseNumber(s, e.form.Decimal[0])
	if err != nil {
		return nil, refused(reasonAmount, field)
	}
	return r, nil
}

// time is the moment of a field; zero where there is none.
func (e entry) time(field string) (time.Time, error) {
	s := e.text(field)
	if s == "" {
		return time.Time{}, nil
	}
	m, err := parseDate(s, e.form.Dates, e.form.zone)
	if err != nil {
		return time.Time{}, refused(reasonDate, field)
	}
	return m.at, nil
}

// needTime is time for a field that must be there.
func (e entry) needTime(field string) (time.Time, error) {
	at, err := e.time(field)
	if err == nil && at.IsZero() {
		err = refused(reasonNeeded, field)
	}
	return at, err
}

// currency is the line's own, else the table's.
func (e entry) currency() (string, error) {
	s := e.text(fCurrency)
	if s == "" {
		s = e.form.Currency
	}
	code := currencyOf(s)
	if code == "" {
		return "", refused(reasonCurrency, fCurrency)
	}
	return code, nil
}

// taxRate is the line's own in percent, else the table's; nil when none is told.
func (e entry) taxRate() (*big.Rat, error) {
	if s := e.text(fRate); s != "" {
		r, err := parseRate(s)
		if err != nil {
			return nil, refused(reasonNumber, fRate)
		}
		return r, nil
	}
	return e.form.rate, nil
}

// flag reads yes and no; false for nothing.
func (e entry) flag(field string) (bool, error) {
	switch fold(e.text(field)) {
	case "yes", "oui", "true", "vrai", "1", "y", "o", "x":
		return true, nil
	case "", "no", "non", "false", "faux", "0", "n":
		return false, nil
	}
	return false, refused(reasonState, field)
}

// revision is the moment of the line's last change, where it tells one.
func (e entry) revision() (int64, error) {
	at, err := e.time(fUpdated)
	if err != nil || at.IsZero() {
		return 0, err
	}
	return max(at.UnixMilli(), 0), nil
}
