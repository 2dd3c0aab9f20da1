package connectors

import (
	"context"
	"encoding/json"
	"io/fs"
	"strings"
	"time"
)

// QuestionMapping begins the question of a table whose reading nobody has said
// yet: "mapping:" and the table's shape. The answer is a Mapping as JSON; under
// "mapping" alone it counts for every table that has no answer of its own. What
// an answer leaves out is as Look suggests. Options name what is missing.
const QuestionMapping = "mapping"

// MappingQuestion is the question of the tables of one shape.
func MappingQuestion(shape string) string { return QuestionMapping + ":" + shape }

// MappedShape is the shape that a question is about; false for other questions.
func MappedShape(question string) (string, bool) {
	return strings.CutPrefix(question, QuestionMapping+":")
}

// Mapped is implemented by importers of tables in any shape: somebody says which
// column is which. Import ends with an *AskError of QuestionMapping for a table
// that has no answer.
type Mapped interface {
	Importer
	// Kinds lists what a table can hold, and the fields of each.
	Kinds() []TableKind
	// Look reads the beginning of one table. said may be nil; what it says counts,
	// what it leaves out is suggested. *FileError when the table cannot be read.
	Look(ctx context.Context, files fs.FS, table string, said *Mapping, zone *time.Location) (Look, error)
}

// TableKind is what the lines of a table are.
type TableKind struct {
	Key    string // "orders"; the catalogue has its name under "sheet.kind.<key>"
	Fields []TableField
	// Money says that it holds amounts: tax in or out and the currency must be said.
	Money bool
}

// TableField is what a column can be; its name is in the catalogue under
// "sheet.field.<key>".
type TableField struct {
	Key string
	// OneOf names a group of fields of which at least one is needed; empty: none is.
	OneOf string
}

// Mapping says how a table is read. Columns are named as the header has them, or
// "#3" for the third one.
type Mapping struct {
	Kind      string            `json:"kind,omitempty"`
	System    string            `json:"system,omitempty"` // where the ids come from, in the visitor's words
	Columns   map[string]string `json:"columns,omitempty"`
	Tax       string            `json:"tax,omitempty"`        // TaxIncluded, TaxExcluded
	Rate      string            `json:"rate,omitempty"`       // of all lines, in percent: "20" or "5.5"
	Currency  string            `json:"currency,omitempty"`   // of all lines: ISO 4217
	Country   string            `json:"country,omitempty"`    // of all lines: ISO 3166-1 alpha-2
	Decimal   string            `json:"decimal,omitempty"`    // "," or "."
	DateOrder string            `json:"date_order,omitempty"` // dmy, mdy, ymd, compact, serial, serial1904, unix
	Zone      string            `json:"zone,omitempty"`       // of times without one: a name of the IANA
	AsOf      string            `json:"as_of,omitempty"`      // the day a table of durations was made on: 2024-12-31

	// How the file is written. These belong to a file, not to a shape: Remembered
	// leaves them out.
	Separator string `json:"separator,omitempty"` // "," ";" "|" a tab, or a space for any white space
	Encoding  string `json:"encoding,omitempty"`  // utf-8, utf-16le, utf-16be, windows-1252
	Header    string `json:"header,omitempty"`    // "yes" or "no": does the first line name the columns
}

// What Mapping.Tax says.
const (
	TaxIncluded = "included"
	TaxExcluded = "excluded"
)

// Remembered is the part of a mapping that holds for other files of its shape.
func (m Mapping) Remembered() Mapping {
	m.Separator, m.Encoding, m.Header = "", "", ""
	return m
}

// JSON is the mapping as an answer.
func (m Mapping) JSON() string {
	raw, err := json.Marshal(m)
	if err != nil { // a struct of texts
		return "{}"
	}
	return string(raw)
}

// Look is the beginning of a table, and how it would be read.
type Look struct {
	Table   string
	Shape   string
	Header  []string   // "#1" … where the table has none
	Rows    [][]string // the first ones
	Mapping Mapping    // what was said, and what is suggested beside
	// Why says by what a property of the mapping was decided, by the property's name
	// in its JSON: "told", "values", "header", "mark", "ambiguous", "nothing".
	Why     map[string]string
	Missing []string // what still must be said: a property, or "column.<field>"
	// Sheet says that it is a sheet of a workbook: no separator, no encoding.
	Sheet bool
	// Readable and Refused count the lines of the beginning; Refusals are some of these.
	Readable, Refused int
	Refusals          []Refusal
}

// ReasonColumn is the header of the column that Foyer adds to refused lines; a
// file that has it is of the shape without it.
const ReasonColumn = "foyer_reason"
