package web

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/connectors/all"
	"github.com/foyer-app/foyer/internal/community"
	"github.com/foyer-app/foyer/internal/store"
	"github.com/foyer-app/foyer/web/i18n"
)

// tabular is a site that also reads tables.
func tabular(t *testing.T) (*site, community.Community) {
	t.Helper()
	s := newSite(t)
	tables := connectors.Find(all.List(), "spreadsheet")
	s.Connectors = append(s.Connectors, tables)
	s.ingest.Connectors = s.Connectors
	return s, s.community("Lisière")
}

// sent uploads one file under its name and reads it until it asks or ends.
func (s *site) sent(c community.Community, name, content string) store.Import {
	s.Helper()
	form := fmt.Sprintf("--X\r\nContent-Disposition: form-data; name=\"files\"; filename=%q\r\n\r\n%s\r\n--X--\r\n", name, content)
	r := s.request("POST", communityPath(c.Scope, "/import"), strings.NewReader(form))
	r.Header.Set("Content-Type", "multipart/form-data; boundary=X")
	a := s.do(r)
	if a.status != http.StatusSeeOther {
		s.Fatalf("upload answers %d", a.status)
	}
	id, err := strconv.ParseInt(a.to[strings.LastIndex(a.to, "/")+1:], 10, 64)
	if err != nil {
		s.Fatal(err)
	}
	return s.run(c, id, false)
}

// fields are the values of a page's form, as a browser would send them.
func fields(page string) url.Values {
	v := url.Values{}
	for _, m := range regexp.MustCompile(`(?s)<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>`).FindAllStringSubmatch(page, -1) {
		options := regexp.MustCompile(`<option value="([^"]*)"( selected)?`).FindAllStringSubmatch(m[2], -1)
		for n, o := range options {
			if n == 0 || o[2] != "" {
				v.Set(m[1], o[1])
			}
		}
	}
	for _, m := range regexp.MustCompile(`<input[^>]*>`).FindAllString(page, -1) {
		name, value := regexp.MustCompile(` name="([^"]+)"`).FindStringSubmatch(m), regexp.MustCompile(` value="([^"]*)"`).FindStringSubmatch(m)
		if name == nil || strings.Contains(m, `type="radio"`) && !strings.Contains(m, " checked") {
			continue
		}
		if value == nil {
			value = []string{"", ""}
		}
		v.Set(name[1], value[1])
	}
	return v
}

// mapped answers an import's question: what the page suggests, and more.
func (s *site) mapped(c community.Community, i store.Import, more url.Values) store.Import {
	s.Helper()
	if !asksMapping(i) {
		s.Fatalf("does not ask for a mapping: %s %+v", i.State, i.Question)
	}
	v := fields(s.page(s.get(importPath(i, "/mapping")), http.StatusOK))
	for name, values := range more {
		v[name] = values
	}
	v.Set("do", "start")
	a := s.post(importPath(i, "/mapping"), v)
	if a.status != http.StatusSeeOther {
		s.Fatalf("start answers %d: %s", a.status, regexp.MustCompile(`(?s)<p class="msg".*?</p>|(?s)<div class="banner.*?</div>`).FindAllString(a.body, -1))
	}
	return s.run(c, i.ID, false)
}

const ordersFR = "Commande;Date;Total TTC;E-mail\n1001;31/01/2024;120,00;zoe@exemple.fr\n1002;01/02/2024;60,00;jean@exemple.fr\n" +
	"1003;32/01/2024;12,00;marc@exemple.fr\n1004;03/02/2024;douze;lea@exemple.fr\n"

// asked is one number of the database, of a community.
func (s *site) asked(c community.Community, sql string) (n int) {
	s.Helper()
	if err := s.Store.Pool().QueryRow(store.Across(s.Context()), sql+" community_id = $1", c.Scope.Community).Scan(&n); err != nil {
		s.Fatal(err)
	}
	return n
}

func (s *site) countOf(table string, c community.Community) int {
	s.Helper()
	return s.asked(c, "select count(*) from "+table+" where")
}

func TestTableIsMappedReadCorrectedAndUndone(t *testing.T) {
	s, c := tabular(t)
	i := s.sent(c, "commandes.csv", ordersFR)
	s.has(s.page(s.get(importPath(i, "")), http.StatusOK), "Lire commandes.csv", importPath(i, "/mapping"))
	s.has(s.page(s.get(communityPath(c.Scope, "/import")), http.StatusOK), "Foyer doit savoir ce que contient chaque colonne.")
	page := s.page(s.get(importPath(i, "/mapping")), http.StatusOK)
	s.has(page, `value="semicolon" selected`, `value="dmy" selected`, `value="," selected`, `value="included" checked`, "31/01/2024 · 01/02/2024", "marc@exemple.fr")
	v := fields(page)
	if v.Get("col.1") != "order" || v.Get("col.3") != "total" || v.Get("col.4") != "email" || v.Get("kind") != "orders" {
		t.Fatalf("suggests %v", v)
	}

	v.Set("do", "start")
	s.has(s.page(s.post(importPath(i, "/mapping"), v), http.StatusUnprocessableEntity), "Donnez un taux, ou une colonne", "Choisissez une devise")
	v.Set("rate", "20")
	v.Set("currency", "EUR")
	v.Set("do", "check")
	s.has(s.page(s.post(importPath(i, "/mapping"), v), http.StatusOK), "2 lignes du début se lisent bien.", "2 ne se lisent pas.", "N'est pas un montant", "Total, livraison comprise")
	twice := url.Values{}
	for k := range v {
		twice[k] = v[k]
	}
	twice["col.4"], twice["do"] = []string{"total"}, []string{"start"}
	s.has(s.page(s.post(importPath(i, "/mapping"), twice), http.StatusUnprocessableEntity), "Deux colonnes sont dites")

	i = s.mapped(c, i, url.Values{"rate": {"20"}, "currency": {"EUR"}})
	if i.State != store.ImportDone || i.Records != 4 || i.Refusals != 2 || s.countOf("customer_order", c) != 2 {
		t.Fatalf("%s, %d records, %d refused, %d orders", i.State, i.Records, i.Refusals, s.countOf("customer_order", c))
	}
	s.has(s.page(s.get(importPath(i, "")), http.StatusOK), "4 données sont entrées.", "Annuler cet import", "Décimales après une virgule.", "Montants TTC, ramenés hors taxes.")

	// The refused lines, corrected, alone.
	s.has(s.page(s.get(importPath(i, "/refusals")), http.StatusOK), "Télécharger les lignes à corriger", "Elles restent 30 jours", "N'est pas une date")
	lines := s.get(importPath(i, "/refused-lines.csv"))
	want := "\ufeffCommande,Date,Total TTC,E-mail,foyer_reason\n1003,32/01/2024,\"12,00\",marc@exemple.fr,\"N’est pas une date, ou pas dans l’ordre choisi (Date)\"\n"
	if lines.status != http.StatusOK || !strings.HasPrefix(lines.body, want) {
		t.Fatalf("%d %q", lines.status, lines.body)
	}
	corrected := strings.NewReplacer("32/01/2024", "31/01/2024", "douze", `"12,00"`).Replace(lines.body)
	again := s.sent(c, "refused.csv", corrected)
	if v := fields(s.page(s.get(importPath(again, "/mapping")), http.StatusOK)); v.Get("rate") != "20" || v.Get("currency") != "EUR" || v.Get("tax") != "included" || v.Get("separator") != "comma" {
		t.Errorf("the shape is not remembered: %v", v)
	}
	again = s.mapped(c, again, nil)
	if again.State != store.ImportDone || again.Records != 4 || again.Refusals != 0 || s.countOf("customer_order", c) != 4 {
		t.Fatalf("%s, %d records, %d refused", again.State, again.Records, again.Refusals)
	}

	// The same file again changes nothing.
	same := s.mapped(c, s.sent(c, "commandes.csv", ordersFR), nil)
	if same.State != store.ImportDone || same.Records != 0 || same.Duplicates == 0 {
		t.Errorf("%s, %d records, %d known", same.State, same.Records, same.Duplicates)
	}

	// Undone: exactly what it brought.
	s.has(s.page(s.get(importPath(i, "/undo")), http.StatusOK), "Annuler cet import ?", "Les 4 données")
	if a := s.post(importPath(i, "/undo"), nil); a.status != http.StatusSeeOther {
		t.Fatalf("undo answers %d", a.status)
	}
	if n := s.countOf("customer_order", c); n != 2 {
		t.Errorf("%d orders stay, want those of the other import", n)
	}
	s.has(s.page(s.get(importPath(i, "")), http.StatusOK), "Cet import a été annulé.", "Annulé le")
	if a := s.get(importPath(i, "/undo")); a.status != http.StatusSeeOther {
		t.Errorf("it can be undone twice: %d", a.status)
	}
	if log := s.audited(s.Organisation); !strings.Contains(log, "import.undo") {
		t.Errorf("the audit log does not say it: %s", log)
	}
}

// TestUndoRestores: what a second file changed is as the first had it.
func TestUndoRestores(t *testing.T) {
	s, c := tabular(t)
	more := url.Values{"currency": {"EUR"}, "tax": {"excluded"}}
	first := "id,date,amount,email\n1,2024-01-31,10.00,a@example.com\n2,2024-02-01,20.00,b@example.com\n"
	s.mapped(c, s.sent(c, "orders.csv", first), more)
	i := s.mapped(c, s.sent(c, "orders.csv", strings.Replace(first, "10.00", "15.00", 1)+"3,2024-02-02,30.00,c@example.com\n"), more)
	net := func() int { return s.asked(c, "select coalesce(sum(net_minor), 0) from customer_order where") }
	if got := net(); got != 6500 {
		t.Fatalf("%d in all after the second file", got)
	}
	s.post(importPath(i, "/undo"), nil)
	if got, n := net(), s.countOf("customer", c); got != 3000 || n != 2 {
		t.Errorf("%d in all and %d customers after undoing it, want 3000 and 2", got, n)
	}
}

// TestMappingFollowsTheWriting: another separator gives other columns.
func TestMappingFollowsTheWriting(t *testing.T) {
	s, c := tabular(t)
	i := s.sent(c, "clients.csv", "Client|E-mail\n7|zoe@exemple.fr\n")
	v := fields(s.page(s.get(importPath(i, "/mapping")), http.StatusOK))
	if v.Get("separator") != "bar" || v.Get("kind") != "customers" {
		t.Fatalf("%v", v)
	}
	v.Set("separator", "comma")
	v.Set("do", "start")
	page := s.page(s.post(importPath(i, "/mapping"), v), http.StatusOK) // the columns are others: nothing starts
	s.has(page, "Client|E-mail", "Il manque une colonne")
	v = fields(page)
	v.Set("separator", "bar")
	page = s.page(s.post(importPath(i, "/mapping"), v), http.StatusOK)
	v = fields(page)
	v.Set("do", "start")
	if a := s.post(importPath(i, "/mapping"), v); a.status != http.StatusSeeOther {
		t.Errorf("start answers %d", a.status)
	}
	if a := s.post(importPath(i, "/mapping"), v); a.status != http.StatusSeeOther {
		t.Errorf("a second answer gets %d", a.status)
	}
	if i = s.run(c, i.ID, false); i.State != store.ImportDone || i.Records != 1 {
		t.Errorf("%s, %d records", i.State, i.Records)
	}
}

func TestMappingOfOneThatDoesNotAsk(t *testing.T) {
	s, c := tabular(t)
	id := s.brought(c, fire(3))
	i := s.run(c, id, false)
	for _, a := range []answer{s.get(importPath(i, "/mapping")), s.post(importPath(i, "/mapping"), nil), s.get(importPath(i, "/undo")), s.get(importPath(i, "/refused-lines.csv"))} {
		if a.status != http.StatusSeeOther {
			t.Errorf("answers %d", a.status)
		}
	}
}

// TestRefusedLinesAreSealedAndGo: nothing of a refused line stands in the clear,
// and after its time it is gone; the refusal stays listed.
func TestRefusedLinesAreSealedAndGo(t *testing.T) {
	s, c := tabular(t)
	i := s.mapped(c, s.sent(c, "commandes.csv", ordersFR), url.Values{"rate": {"20"}, "currency": {"EUR"}})
	if n := s.asked(c, "select count(*) from refusal where (position('marc@exemple.fr'::bytea in lines) > 0 or lines = '') and"); n != 0 {
		t.Errorf("%d lines are kept in the clear, or not at all", n)
	}
	n, err := s.Store.DropRefusedLines(t.Context(), time.Now().Add(-store.RefusedLinesKept))
	if err != nil || n != 0 {
		t.Errorf("%d dropped before their time, %v", n, err)
	}
	if n, err = s.Store.DropRefusedLines(t.Context(), time.Now().Add(time.Minute)); err != nil || n != 2 {
		t.Errorf("%d dropped, %v", n, err)
	}
	page := s.page(s.get(importPath(i, "/refusals")), http.StatusOK)
	if strings.Contains(page, "refused-lines.csv") || !strings.Contains(page, "commandes.csv") {
		t.Error("the page offers lines that are gone, or lists no refusal")
	}
}

// TestSheetWords: every field, kind and reason of tables has words in both languages.
func TestSheetWords(t *testing.T) {
	m := connectors.Find(all.List(), "spreadsheet").(connectors.Mapped)
	for _, l := range i18n.Locales() {
		for _, k := range m.Kinds() {
			if !l.Has("sheet.kind." + k.Key) {
				t.Errorf("%v: no words for the kind %s", l, k.Key)
			}
			for _, f := range k.Fields {
				if !l.Has("sheet.field." + f.Key) {
					t.Errorf("%v: no words for the field %s", l, f.Key)
				}
			}
		}
		for _, reason := range []string{
			"open_quote", "too_many_cells", "damaged_workbook", "value_needed", "bad_amount", "bad_date", "bad_currency", "bad_number", "no_tax_rate", "bad_state",
			"lines_apart", "ends_before", "too_many_lines",
		} {
			if !l.Has("refusal." + reason) {
				t.Errorf("%v: no words for the refusal %s", l, reason)
			}
		}
	}
}
