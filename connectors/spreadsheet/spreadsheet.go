// Package spreadsheet reads tables that people have: CSV, TSV, text in columns
// and XLSX workbooks with customers, orders, order lines, subscriptions, costs or
// survey answers, from any system and in any shape.
//
// What a file says by itself is detected and shown: how it is written
// (encoding.go, detect.go), its numbers and dates (number.go, date.go, values.go),
// and which column may be which, from the headers (headers.go, suggest.go). What
// it does not say (is tax in the amounts, which currency, which of day and month
// comes first) is asked and never guessed. The answer is a connectors.Mapping.
//
// A line becomes a payload with the mapped cells only, so that a stored payload
// holds nothing else; lines of one order that follow each other become one.
// Identical lines of a table without ids are told apart by counting them
// (repeats.go): two equal purchases count twice, the same file again changes nothing.
package spreadsheet

import (
	"context"
	"io/fs"
	"sync"
	"time"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/internal/community"
)

const platform community.Platform = "spreadsheet"

// Connector reads tables. The zero value is ready; New's remembers the forms of
// the scopes it has read, which saves time and changes nothing.
type Connector struct{ forms *sync.Map }

var (
	_ connectors.Mapped = Connector{}
	_ connectors.Trader = Connector{}
)

// New returns the connector.
func New() connectors.Connector { return Connector{forms: &sync.Map{}} }

// Platform returns "spreadsheet".
func (Connector) Platform() community.Platform { return platform }

// Name is the same in both languages of the pages.
func (Connector) Name() string { return "CSV / Excel" }

// Trades says what tables can tell.
func (Connector) Trades() connectors.Trades {
	return connectors.Trades{Customers: true, Orders: true, Subscriptions: true, Costs: true, Answers: true}
}

// recognisedTables bounds how many tables Recognises opens.
const recognisedTables = 16

// Recognises says whether all files are tables: one that is not makes it another
// platform's export. A text file must hold columns in each of its first lines.
func (Connector) Recognises(fsys fs.FS) bool {
	files, foreign := tableFiles(fsys)
	if len(files) == 0 || foreign {
		return false
	}
	for _, f := range files[:min(len(files), recognisedTables)] {
		if !isWorkbook(f) && !looksLikeTable(fsys, f) {
			return false
		}
	}
	return true
}

func looksLikeTable(fsys fs.FS, file string) bool {
	h, err := lookText(context.Background(), fsys, file, nil, 50)
	return err == nil && (!isText(file) || h.columns > 1 && isColumns(&h))
}

// isColumns says whether a file that may hold anything written holds columns: its
// first line names some that are known, or nearly all cells are data, or its
// lines are cut alike by what nobody writes in sentences.
func isColumns(h *head) bool {
	known := 0
	for _, name := range h.header {
		if h.named && fieldsNamed(name) != nil {
			known++
		}
	}
	if known > 1 {
		return true
	}
	cells, data, alike := 0, 0, 0
	for _, r := range h.rows {
		if len(r.cells) == h.columns {
			alike++
		}
		for _, c := range r.cells {
			cells++
			if isData(clean(c)) {
				data++
			}
		}
	}
	return cells > 0 && data*10 >= cells*9 || h.separator != ',' && h.separator != ' ' && len(h.rows) > 1 && alike*20 >= len(h.rows)*19
}

// defaultZone is of callers that name none.
func defaultZone(zone *time.Location) *time.Location {
	if zone == nil {
		return time.UTC
	}
	return zone
}
