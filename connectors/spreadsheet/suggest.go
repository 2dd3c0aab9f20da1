package spreadsheet

import (
	"slices"
	"strings"
	"time"

	"github.com/foyer-app/foyer/connectors"
)

// kindSkip is the kind of a table that somebody leaves out.
const kindSkip = "skip"

// fileWords are what names of files say of their kind.
var fileWords = map[string][]string{
	kindLines:         {"lines", "lignes", "order details", "line items", "order items", "detail"},
	kindOrders:        {"orders", "commandes", "invoices", "factures", "sales", "ventes", "payments", "paiements"},
	kindCustomers:     {"customers", "clients", "contacts"},
	kindSubscriptions: {"subscriptions", "abonnements", "subscribers", "abonnes"},
	kindMarketing:     {"marketing", "ads", "spend", "pub", "publicite", "acquisition"},
	kindProgramme:     {"programme", "program", "couts", "costs", "depenses"},
	kindAnswers:       {"answers", "reponses", "survey", "sondage", "enquete", "questionnaire"},
}

// telling are the fields that make a kind likely, beside those it needs.
var telling = map[string][]string{
	kindOrders:        {fOrder, fTotal, fShipping, fState, fCustomer, fEmail, fCode, fRefunded, fDiscount},
	kindLines:         {fSKU, fProduct, fQuantity, fUnitPrice},
	kindCustomers:     {fCustomer, fEmail, fFirst, fLast, fPhone, fCompany, fCity, fCountry},
	kindSubscriptions: {fSubscription, fTenure, fChurned, fInterval, fTrialEnd, fEnded, fStarted, fMonthly},
	kindMarketing:     {fChannel, fTo},
	kindProgramme:     {fCategory, fHours, fMinutes, fTo},
	kindAnswers:       {fAnswer, fChoice, fChoice, fChoice, fChoice, fChoice, fChoice}, // nothing else has that question
}

// extra are headers that mean a field in tables of one kind only.
var extra = map[string]map[string]string{
	kindCustomers: {fCustomer: "id", fName: "name|nom complet|nom"},
	kindMarketing: {fChannel: "channel|canal|source|platform|plateforme|regie|campaign name|nom de la campagne|campaign|campagne|medium"},
}

// suggestKind is the kind that the columns and the file's name speak for.
func suggestKind(h *head) string {
	name := fold(h.table)
	best, bestScore := kindOrders, -1.0
	for _, kind := range (Connector{}).Kinds() {
		columns := suggestColumns(h, kind)
		score := 0.0
		groups, met := needed(kind), 0
		for _, fields := range groups {
			if slices.ContainsFunc(fields, func(f string) bool { return columns[f] != "" }) {
				met++
			}
		}
		if met == len(groups) {
			score += 3
		}
		for _, f := range telling[kind.Key] {
			if columns[f] != "" {
				score++
			}
		}
		for _, word := range fileWords[kind.Key] {
			if strings.Contains(name, word) {
				score += 3
				break
			}
		}
		// What a person of the customers' table has, orders have as well.
		if kind.Key == kindCustomers && met == len(groups) && !hasMoney(h) {
			score += 4
		}
		if score > bestScore {
			best, bestScore = kind.Key, score
		}
	}
	return best
}

func hasMoney(h *head) bool {
	return slices.ContainsFunc(h.header, func(name string) bool {
		named := fieldsNamed(name)
		return slices.Contains(named, fAmount) || slices.Contains(named, fTotal) || slices.Contains(named, fMonthly)
	})
}

// needed are the groups of fields of which a kind needs one each.
func needed(kind connectors.TableKind) map[string][]string {
	groups := map[string][]string{}
	for _, f := range kind.Fields {
		if f.OneOf != "" {
			groups[f.OneOf] = append(groups[f.OneOf], f.Key)
		}
	}
	return groups
}

// suggestColumns gives each field the column whose header means it best; no
// column is given twice.
func suggestColumns(h *head, kind connectors.TableKind) map[string]string {
	type match struct{ field, column, rank int }
	var matches []match
	for f, field := range kind.Fields {
		list := dictionary[field.Key]
		if own := extra[kind.Key][field.Key]; own != "" {
			list += "|" + own
		}
		for c, name := range h.header {
			if r := rank(list, withoutUnit(fold(name))); r >= 0 && c != h.reasonAt {
				matches = append(matches, match{f, c, r})
			}
		}
	}
	slices.SortStableFunc(matches, func(a, b match) int {
		if a.rank != b.rank {
			return a.rank - b.rank
		}
		return a.field - b.field
	})
	columns, taken := map[string]string{}, map[int]bool{}
	for _, m := range matches {
		key := kind.Fields[m.field].Key
		if columns[key] == "" && !taken[m.column] {
			columns[key], taken[m.column] = h.header[m.column], true
		}
	}
	return amend(h, kind, columns)
}

// amend knows exports that call things by the names of others: where the
// articles of an order are lines of their own, its number repeats and its id does not.
func amend(h *head, kind connectors.TableKind, columns map[string]string) map[string]string {
	folded := make([]string, len(h.header))
	for i, name := range h.header {
		folded[i] = fold(name)
	}
	if i := slices.Index(folded, "name"); i >= 0 && slices.Contains(folded, "lineitem name") && (kind.Key == kindOrders || kind.Key == kindLines) {
		columns[fOrder] = h.header[i]
		delete(columns, fNumber)
	}
	return columns
}

// complete fills what a mapping does not say, and lists what nothing says.
func complete(h *head, said *connectors.Mapping, zone *time.Location) (connectors.Mapping, []string) {
	var m connectors.Mapping
	if said != nil {
		m = *said
	}
	m.Separator, m.Encoding, m.Header = "", h.encoding, yesNo(h.named)
	if !h.sheet {
		m.Separator = string(rune(h.separator))
	}
	tell(h.why, "kind", m.Kind, func() (string, string) { return suggestKind(h), whyHeader }, &m.Kind)
	kind, ok := kindOf(m.Kind)
	if !ok {
		if m.Kind == kindSkip {
			return m, nil
		}
		return m, []string{"kind"}
	}
	if len(m.Columns) == 0 {
		m.Columns = suggestColumns(h, kind)
	}
	columns, unknown := resolve(h.header, m.Columns, kind)
	tell(h.why, "decimal", m.Decimal, func() (string, string) {
		if decimal, why := decideDecimal(valuesOf(h, columns, amounts)); !h.sheet || decimal != "" {
			return decimal, why
		}
		return ".", whyMark
	}, &m.Decimal)
	if !slices.Contains(dateOrders, m.DateOrder) {
		m.DateOrder = ""
	}
	tell(h.why, "date_order", m.DateOrder, func() (string, string) {
		order, why, sample := decideDates(valuesOf(h, columns, dates), h.from1904)
		if sample != "" {
			h.why["date_sample"] = sample
		}
		return order, why
	}, &m.DateOrder)
	tell(h.why, "zone", m.Zone, func() (string, string) { return defaultZone(zone).String(), whyNothing }, &m.Zone)
	if kind.Money {
		tell(h.why, "tax", m.Tax, func() (string, string) { return suggestTax(h, columns), whyHeader }, &m.Tax)
		m.Currency = strings.ToUpper(strings.TrimSpace(m.Currency))
		if columns[fCurrency] == 0 {
			tell(h.why, "currency", m.Currency, func() (string, string) { return suggestCurrency(h, columns), whyValues }, &m.Currency)
		}
	}
	return m, append(unknown, missing(m, kind, columns)...)
}

func yesNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

// tell keeps what was said, or takes the suggestion.
func tell(why map[string]string, property, said string, suggest func() (string, string), to *string) {
	if said != "" {
		why[property] = whyTold
		return
	}
	*to, why[property] = suggest()
}

// resolve finds the columns of a mapping: fields with the place of their column,
// from 1 on. It names those that the table does not have.
func resolve(header []string, columns map[string]string, kind connectors.TableKind) (places map[string]int, unknown []string) {
	places = map[string]int{}
	for _, f := range kind.Fields {
		name := columns[f.Key]
		if name == "" {
			continue
		}
		if n := columnNamed(header, name); n > 0 {
			places[f.Key] = n
		} else {
			unknown = append(unknown, "column."+f.Key)
		}
	}
	return places, unknown
}

func columnNamed(header []string, name string) int {
	if i := slices.Index(header, clean(name)); i >= 0 {
		return i + 1
	}
	if number, ok := strings.CutPrefix(name, "#"); ok && digits(number) {
		if n := atoi(number); n >= 1 && n <= len(header) {
			return n
		}
	}
	return slices.IndexFunc(header, func(h string) bool { return fold(h) == fold(name) }) + 1
}

// missing lists what must be said and is not.
func missing(m connectors.Mapping, kind connectors.TableKind, columns map[string]int) []string {
	var list []string
	for _, f := range kind.Fields {
		group := needed(kind)[f.OneOf]
		if f.OneOf != "" && group[0] == f.Key && !slices.ContainsFunc(group, func(f string) bool { return columns[f] > 0 }) {
			list = append(list, "column."+f.Key)
		}
	}
	need := func(property string, said bool) {
		if !said {
			list = append(list, property)
		}
	}
	if kind.Money {
		need("tax", m.Tax == connectors.TaxIncluded || m.Tax == connectors.TaxExcluded)
		if m.Tax == connectors.TaxIncluded {
			need("rate", columns[fRate] > 0 || columns[fTax] > 0 || validRate(m.Rate))
		}
		need("currency", columns[fCurrency] > 0 || isCurrency(m.Currency))
	}
	need("decimal", m.Decimal == "." || m.Decimal == ",")
	need("date_order", m.DateOrder != "")
	_, err := time.LoadLocation(m.Zone)
	need("zone", err == nil && m.Zone != "" && m.Zone != "Local")
	if columns[fTenure] > 0 && columns[fStarted] == 0 || columns[fChurned] > 0 && columns[fEnded] == 0 {
		_, err := time.Parse(time.DateOnly, m.AsOf)
		need("as_of", err == nil)
	}
	need("country", m.Country == "" || len(m.Country) == 2)
	return list
}

func validRate(rate string) bool {
	r, err := parseRate(rate)
	return err == nil && r != nil
}

// valuesOf are the texts in the columns of some fields.
func valuesOf(h *head, columns map[string]int, fields []string) []string {
	var values []string
	for _, f := range fields {
		n := columns[f]
		if n == 0 {
			continue
		}
		for _, r := range h.rows {
			if n <= len(r.cells) && r.reason == "" {
				if v := clean(r.cells[n-1]); v != "" {
					values = append(values, v)
				}
			}
		}
	}
	return values
}

// suggestTax reads HT and TTC, and their English words, in the headers of amounts.
func suggestTax(h *head, columns map[string]int) string {
	said := ""
	for _, f := range []string{fTotal, fAmount, fLineAmount, fUnitPrice, fMonthly} {
		if columns[f] == 0 {
			continue
		}
		words := strings.Fields(fold(h.header[columns[f]-1]))
		for _, w := range words {
			tax := ""
			switch w {
			case "ht", "excl", "excluding", "net", "hors":
				tax = connectors.TaxExcluded
			case "ttc", "incl", "including", "gross", "brut":
				tax = connectors.TaxIncluded
			}
			if tax != "" && said != "" && tax != said {
				return "" // one of each: somebody must say
			}
			if tax != "" {
				said = tax
			}
		}
	}
	return said
}

// suggestCurrency reads it in the headers of amounts or beside their values.
func suggestCurrency(h *head, columns map[string]int) string {
	for _, f := range amounts {
		if n := columns[f]; n > 0 {
			words := strings.Fields(fold(h.header[n-1]))
			if last := words[max(0, len(words)-1):]; len(words) > 1 && isCurrency(last[0]) && !isWord(last[0]) {
				return strings.ToUpper(last[0])
			}
			if code := currencyOf(h.header[n-1]); strings.ContainsAny(h.header[n-1], "€£₹") {
				return code
			}
		}
	}
	found := map[string]int{}
	values := valuesOf(h, columns, amounts)
	for _, v := range values {
		if code := currencyOf(strings.TrimFunc(v, func(r rune) bool { return r >= '0' && r <= '9' || strings.ContainsRune(" .,-\u00a0\u202f", r) })); code != "" {
			found[code]++
		}
	}
	for code, n := range found {
		if n*2 > len(values) || len(found) == 1 {
			return code
		}
	}
	return ""
}
