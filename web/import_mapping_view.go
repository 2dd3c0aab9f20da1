package web

import (
	"strconv"
	"strings"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/internal/store"
	"github.com/foyer-app/foyer/web/i18n"
	"github.com/foyer-app/foyer/web/ui"
)

// mappingView is the page on which somebody says how a table is read.
type mappingView struct {
	Page   ui.Page
	Head   ui.Head
	Action string
	Key    string // of the question that the form answers
	Was    string // what the columns below depend on

	Problem  *ui.Banner
	Counts   *ui.Banner
	Refusals *ui.Table
	Kind     ui.Field
	Written  []ui.Field
	WrittenT string
	Columns  []ui.Field
	ColumnsT string
	ColumnsS string
	Money    []ui.Field
	MoneyT   string
	Tax      *ui.Choices
	More     []ui.Field
	MoreT    string
	Preview  ui.Table
	PreviewT string
	Check    string
	Start    string
	Cancel   ui.Link

	l     i18n.Locale
	look  connectors.Look
	form  mappingForm
	said  bool // the visitor sent the form: what is missing is said beside it
	kinds []connectors.TableKind
}

func (v *mappingView) fill(i store.Import) {
	l, m := v.l, v.look.Mapping
	v.Was = writtenAs(m)
	v.Head = ui.Head{Eyebrow: v.look.Table, Title: l.T("sheet.title"), Lede: words(l.T("sheet.lede"))}
	v.WrittenT, v.ColumnsT, v.ColumnsS, v.MoneyT = l.T("sheet.written"), l.T("sheet.columns"), l.T("sheet.columns.text"), l.T("sheet.money")
	v.MoreT, v.PreviewT, v.Check, v.Start = l.T("sheet.more"), l.T("sheet.preview"), l.T("sheet.check"), l.T("sheet.start")
	v.Cancel = cancelLink(l, i)
	v.problems()
	v.counts()
	v.written()
	if kind, ok := v.kind(); ok {
		v.columns(kind)
		v.money(kind)
		v.more()
	}
	v.preview()
}

func (v *mappingView) kind() (connectors.TableKind, bool) {
	for _, k := range v.kinds {
		if k.Key == v.look.Mapping.Kind {
			return k, true
		}
	}
	return connectors.TableKind{}, false
}

// missing is what to say beside a property that must be said, after the form was sent.
func (v *mappingView) missing(property string) string {
	for _, m := range v.look.Missing {
		if m == property && v.said {
			return v.l.T("sheet.missing." + property)
		}
	}
	return ""
}

// problems names the columns that are needed, and a field that is there twice.
func (v *mappingView) problems() {
	l := v.l
	var needed []string
	for _, m := range v.look.Missing {
		if field, ok := strings.CutPrefix(m, "column."); ok {
			needed = append(needed, v.group(field))
		}
	}
	switch {
	case v.form.doubled != "":
		v.Problem = &ui.Banner{Tone: ui.Bad, Text: l.T("sheet.doubled", "field", fieldLabel(l, v.form.doubled))}
	case len(needed) > 0:
		v.Problem = &ui.Banner{Tone: ui.Watch, Text: l.T("sheet.needed", "fields", strings.Join(needed, " ; "))}
	case len(v.look.Missing) > 0 && v.said:
		v.Problem = &ui.Banner{Tone: ui.Watch, Text: l.T("sheet.incomplete")}
	}
}

// group names all the fields of which one is needed.
func (v *mappingView) group(field string) string {
	kind, _ := v.kind()
	group, names := "", []string{}
	for _, f := range kind.Fields {
		if f.Key == field {
			group = f.OneOf
		}
	}
	for _, f := range kind.Fields {
		if group != "" && f.OneOf == group || f.Key == field {
			names = append(names, fieldLabel(v.l, f.Key))
		}
	}
	return strings.Join(names, v.l.T("sheet.or"))
}

// counts says how the beginning of the table would be read.
func (v *mappingView) counts() {
	l, look := v.l, v.look
	if look.Readable+look.Refused == 0 {
		return
	}
	b := ui.Banner{Tone: ui.Good, Text: l.N("sheet.readable", look.Readable)}
	if look.Refused > 0 {
		b.Tone, b.Text = ui.Watch, b.Text+" "+l.N("sheet.refused", look.Refused)
		t := viewRefusals(l, look.Refusals)
		t.Caption = l.T("sheet.refused.list")
		v.Refusals = &t
	}
	v.Counts = &b
}

// why says by what a property was decided.
func (v *mappingView) why(property string) string {
	if key := "sheet.why." + v.look.Why[property]; v.l.Has(key) {
		return v.l.T(key)
	}
	return ""
}

// choice is a list of words of the catalogue below prefix.
func (v *mappingView) choice(name, current string, values ...string) ui.Field {
	l := v.l
	f := ui.Field{Name: name, Label: l.T("sheet." + name), Hint: v.why(name), Error: v.missing(name)}
	if current == "" {
		f.Options = append(f.Options, ui.Option{Label: l.T("sheet.choose"), Current: true})
	}
	for _, value := range values {
		f.Options = append(f.Options, ui.Option{Value: value, Label: l.T("sheet." + name + "." + strings.ReplaceAll(value, "-", "_")), Current: value == current})
	}
	return f
}

func (v *mappingView) written() {
	m := v.look.Mapping
	var kinds []string
	for _, k := range v.kinds {
		kinds = append(kinds, k.Key)
	}
	v.Kind = v.choice("kind", m.Kind, append(kinds, "skip")...)
	if !v.look.Sheet {
		separator := v.choice("separator", separatorName(m.Separator), "comma", "semicolon", "tab", "bar", "space")
		v.Written = append(v.Written, separator, v.choice("encoding", m.Encoding, "utf-8", "windows-1252", "utf-16le", "utf-16be"))
	}
	decimal := v.choice("decimal", map[string]string{".": "point", ",": "comma"}[m.Decimal], "point", "comma")
	for n, o := range decimal.Options {
		decimal.Options[n].Value = map[string]string{"point": ".", "comma": ","}[o.Value]
	}
	order := v.choice("date_order", m.DateOrder, "dmy", "mdy", "ymd", "compact", "serial", "serial1904", "unix")
	if sample := v.look.Why["date_sample"]; sample != "" && v.look.Why["date_order"] == "ambiguous" {
		order.Hint = v.l.T("sheet.date_order.sample", "sample", sample)
	}
	v.Written = append(v.Written, v.choice("header", m.Header, "yes", "no"), decimal, order,
		zoneField("zone", v.l.T("sheet.zone"), v.l.T("sheet.zone.hint"), m.Zone, v.missing("zone")))
}

func (v *mappingView) columns(kind connectors.TableKind) {
	l := v.l
	for i, name := range v.look.Header {
		mapped := columnOf(v.look, i)
		f := ui.Field{Name: "col." + strconv.Itoa(i+1), ID: "col-" + strconv.Itoa(i+1), Label: name, Hint: sampleOf(v.look, i)}
		f.Options = append(f.Options, ui.Option{Label: l.T("sheet.ignore"), Current: mapped == ""})
		for _, field := range kind.Fields {
			f.Options = append(f.Options, ui.Option{Value: field.Key, Label: fieldLabel(l, field.Key), Current: mapped == field.Key})
		}
		v.Columns = append(v.Columns, f)
	}
}

// money asks what the amounts are: tax in or out is always said by somebody.
func (v *mappingView) money(kind connectors.TableKind) {
	if !kind.Money {
		return
	}
	l, m := v.l, v.look.Mapping
	v.Tax = &ui.Choices{Name: "tax", Label: l.T("sheet.tax"), Error: v.missing("tax"), Options: []ui.Option{
		{Value: connectors.TaxExcluded, Label: l.T("sheet.tax.excluded"), Current: m.Tax == connectors.TaxExcluded},
		{Value: connectors.TaxIncluded, Label: l.T("sheet.tax.included"), Hint: l.T("sheet.tax.included.hint"), Current: m.Tax == connectors.TaxIncluded},
	}}
	v.Money = append(v.Money, ui.Field{Name: "rate", Label: l.T("sheet.rate"), Value: m.Rate, Hint: l.T("sheet.rate.hint"), Error: v.missing("rate")})
	currency := currencyField("currency", l.T("sheet.currency"), l.T("sheet.currency.hint"), m.Currency, v.missing("currency"))
	none := ui.Option{Label: l.T("sheet.choose"), Current: m.Currency == ""}
	if m.Columns["currency"] != "" {
		none.Label = l.T("sheet.currency.column")
	}
	currency.Options = append([]ui.Option{none}, currency.Options...)
	v.Money = append(v.Money, currency)
}

func (v *mappingView) more() {
	l, m := v.l, v.look.Mapping
	if m.Columns["tenure"] != "" || m.Columns["churned"] != "" || m.AsOf != "" {
		v.More = append(v.More, ui.Field{Name: "as_of", Type: "date", Label: l.T("sheet.as_of"), Value: m.AsOf, Hint: l.T("sheet.as_of.hint"), Error: v.missing("as_of")})
	}
	v.More = append(v.More,
		ui.Field{Name: "system", Label: l.T("sheet.system"), Value: m.System, Hint: l.T("sheet.system.hint")},
		ui.Field{Name: "country", Label: l.T("sheet.country"), Value: m.Country, Hint: l.T("sheet.country.hint"), Error: v.missing("country")})
}

func (v *mappingView) preview() {
	t := ui.Table{Caption: v.PreviewT}
	for _, name := range v.look.Header {
		t.Columns = append(t.Columns, ui.Column{Label: name})
	}
	for _, row := range v.look.Rows {
		cells := make([]ui.Cell, len(row))
		for i, text := range row {
			cells[i].Text = text
		}
		t.Rows = append(t.Rows, cells)
	}
	v.Preview = t
}
