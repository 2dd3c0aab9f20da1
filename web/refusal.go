package web

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/foyer-app/foyer/internal/community"
	"github.com/foyer-app/foyer/internal/store"
	"github.com/foyer-app/foyer/web/i18n"
	"github.com/foyer-app/foyer/web/ui"
)

// refusalsPerPage is how many refusals a page lists.
const refusalsPerPage = 100

// refusalView is the page of what could not be read.
type refusalView struct {
	Page  ui.Page
	Head  ui.Head
	Table ui.Table
	Empty *ui.Empty
	Pager pagerView
	CSV   ui.Link
	Lines []ui.Link // the lines themselves, to be corrected
	Back  ui.Link
}

// pagerView leads through pages.
type pagerView struct {
	Label    string
	Shown    string
	Previous *ui.Link
	Next     *ui.Link
}

// pageNumber is the page that the address asks for, from 1 on; nonsense is the first.
func pageNumber(values url.Values) int {
	n, err := strconv.Atoi(values.Get("page"))
	if err != nil || n < 1 || n > 1_000_000 {
		return 1
	}
	return n
}

// newPager leads to the pages before and after; path is the page's address, with
// its other values.
func newPager(l i18n.Locale, path string, values url.Values, page int, more bool) pagerView {
	at := func(n int, key string) *ui.Link {
		v := url.Values{}
		for name, all := range values {
			v[name] = all
		}
		v.Set("page", strconv.Itoa(n))
		return &ui.Link{Label: l.T(key), URL: path + "?" + v.Encode()}
	}
	p := pagerView{Label: l.T("pager")}
	if page > 1 {
		p.Previous = at(page-1, "pager.previous")
	}
	if more {
		p.Next = at(page+1, "pager.next")
	}
	return p
}

// refusals lists what an import could not read, and why.
func (s *Server) refusals(w http.ResponseWriter, r *http.Request) error {
	c, i, err := s.theImport(r)
	if err != nil {
		return err
	}
	page := pageNumber(r.URL.Query())
	first := (page - 1) * refusalsPerPage
	list, err := s.Store.RefusalsOf(r.Context(), i, first, refusalsPerPage+1)
	if err != nil {
		return fmt.Errorf("web: refusals: %w", err)
	}
	l := s.locale(r)
	more := len(list) > refusalsPerPage
	list = list[:min(len(list), refusalsPerPage)]
	v := refusalView{
		Page:  s.frame(r, c, pageImport, l.T("refusals")),
		Head:  ui.Head{Eyebrow: fileNames(l, i.Names), Title: l.N("refusals.title", int(i.Refusals)), Lede: words(l.T("refusals.lede"))},
		Table: viewRefusals(l, list), Pager: newPager(l, importPath(i, "/refusals"), nil, page, more),
		CSV:  ui.Link{Label: l.T("refusals.csv"), URL: importPath(i, "/refusals.csv"), Icon: ui.IconDownload},
		Back: ui.Link{Label: l.T("refusals.back"), URL: importPath(i, "")},
	}
	there, err := s.Store.HasRefusedLines(r.Context(), i)
	if err != nil {
		return fmt.Errorf("web: refusals: %w", err)
	}
	if there {
		tables, err := s.refusedTables(r, i)
		if err != nil {
			return err
		}
		v.Lines = linesLinks(l, i, tables)
		v.Head.Lede = words(l.T("refusals.lines.lede", "days", int(store.RefusedLinesKept.Hours()/24)))
	}
	if len(list) == 0 {
		v.Empty = &ui.Empty{Lead: l.T("refusals.none"), Text: l.T("refusals.none.text")}
	} else {
		v.Pager.Shown = l.T("pager.of", "from", first+1, "to", first+len(list), "all", i.Refusals)
	}
	if i.Refusals > store.RefusalsKept {
		v.Head.Fresh = l.T("refusals.kept", "n", store.RefusalsKept)
	}
	return s.render(w, r, http.StatusOK, refusalPage(v))
}

func viewRefusals(l i18n.Locale, list []community.Refusal) ui.Table {
	t := ui.Table{
		Caption: l.T("refusals"), Cards: true,
		Columns: []ui.Column{{Label: l.T("refusals.file")}, {Label: l.T("refusals.line"), Number: true}, {Label: l.T("refusals.reason")}, {Label: l.T("refusals.detail")}},
	}
	for _, f := range list {
		t.Rows = append(t.Rows, []ui.Cell{{Text: f.File}, {Text: lineNumber(l, f.Line)}, {Text: reasonWords(l, f.Reason)}, {Text: orDash(detailWords(l, f.Detail))}})
	}
	return t
}

func lineNumber(l i18n.Locale, line int) string {
	if line < 1 {
		return "–"
	}
	return l.Int(int64(line))
}

func orDash(s string) string {
	if s == "" {
		return "–"
	}
	return s
}

// reasonWords says why something was refused; a reason without words says itself.
func reasonWords(l i18n.Locale, reason string) string {
	if key := "refusal." + reason; l.Has(key) {
		return l.T(key)
	}
	return reason
}

// refusalsCSV is the same list for a spreadsheet.
func (s *Server) refusalsCSV(w http.ResponseWriter, r *http.Request) error {
	_, i, err := s.theImport(r)
	if err != nil {
		return err
	}
	l := s.locale(r)
	rows := [][]string{{l.T("refusals.file"), l.T("refusals.line"), l.T("refusals.key"), l.T("refusals.reason"), l.T("refusals.detail")}}
	list, err := s.Store.RefusalsOf(r.Context(), i, 0, store.RefusalsKept)
	if err != nil {
		return fmt.Errorf("web: refusals: %w", err)
	}
	for _, f := range list {
		line := ""
		if f.Line > 0 {
			line = strconv.Itoa(f.Line)
		}
		rows = append(rows, []string{plainCell(f.File), line, plainCell(f.Reason), plainCell(reasonWords(l, f.Reason)), plainCell(f.Detail)})
	}
	return sendCSV(w, "refusals-"+strconv.FormatInt(i.ID, 10), rows)
}

// plainCell keeps a spreadsheet from taking a text for a formula.
func plainCell(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}
