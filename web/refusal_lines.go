package web

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/internal/community"
	"github.com/foyer-app/foyer/internal/store"
	"github.com/foyer-app/foyer/web/i18n"
	"github.com/foyer-app/foyer/web/ui"
)

// refusedTable is what was refused of tables with the same columns.
type refusedTable struct {
	file   string // the first one
	header []string
	list   []community.Refusal
}

// refusedTables reads the refused lines of an import that are kept.
func (s *Server) refusedTables(r *http.Request, i store.Import) ([]refusedTable, error) {
	var tables []refusedTable
	err := s.Store.RefusedLines(r.Context(), i, func(f community.Refusal) error {
		n := slices.IndexFunc(tables, func(t refusedTable) bool { return slices.Equal(t.header, f.Lines.Header) })
		if n < 0 {
			n = len(tables)
			tables = append(tables, refusedTable{file: f.File, header: f.Lines.Header})
		}
		tables[n].list = append(tables[n].list, f)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("web: %w", err)
	}
	return tables, nil
}

// refusedLines sends refused lines as they stood in their file, with the reason
// beside, to be corrected and sent again alone.
func (s *Server) refusedLines(w http.ResponseWriter, r *http.Request) error {
	_, i, err := s.theImport(r)
	if err != nil {
		return err
	}
	tables, err := s.refusedTables(r, i)
	if err != nil {
		return err
	}
	n, err := strconv.Atoi(r.URL.Query().Get("table"))
	if err != nil {
		n = 1
	}
	if n < 1 || n > len(tables) {
		http.Redirect(w, r, importPath(i, "/refusals"), http.StatusSeeOther)
		return nil
	}
	name := "refused-lines-" + strconv.FormatInt(i.ID, 10)
	if len(tables) > 1 {
		name += "-" + strconv.Itoa(n)
	}
	return sendCSV(w, name, refusedRows(s.locale(r), tables[n-1]))
}

func refusedRows(l i18n.Locale, t refusedTable) [][]string {
	width := len(t.header)
	line := func(cells []string, reason string) []string {
		out := make([]string, width+1)
		for n := range min(width, len(cells)) {
			out[n] = plainCell(cells[n])
		}
		out[width] = plainCell(reason)
		return out
	}
	rows := [][]string{line(t.header, connectors.ReasonColumn)}
	for _, f := range t.list {
		reason := reasonWords(l, f.Reason)
		if f.Detail != "" {
			reason += " (" + detailWords(l, f.Detail) + ")"
		}
		for _, cells := range f.Lines.Rows {
			rows = append(rows, line(cells, reason))
		}
	}
	return rows
}

// detailWords is a detail for people: the name of a field, else as it is.
func detailWords(l i18n.Locale, detail string) string {
	if key := "sheet.field." + detail; l.Has(key) {
		return l.T(key)
	}
	return detail
}

// linesLinks lead to the refused lines of each table.
func linesLinks(l i18n.Locale, i store.Import, tables []refusedTable) []ui.Link {
	var links []ui.Link
	for n, t := range tables {
		link := ui.Link{Label: l.T("refusals.lines"), URL: importPath(i, "/refused-lines.csv"), Icon: ui.IconDownload}
		if len(tables) > 1 {
			link.Label = l.T("refusals.lines.of", "file", t.file)
			link.URL += "?table=" + strconv.Itoa(n+1)
		}
		links = append(links, link)
	}
	return links
}
