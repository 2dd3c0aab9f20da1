package spreadsheet

import "github.com/foyer-app/foyer/connectors"

// The reasons why a line is refused, beside those that all importers share.
const (
	reasonQuote    = "open_quote"       // a quote is opened and never closed
	reasonCells    = "too_many_cells"   // has more cells than there are columns: a separator inside a value
	reasonWorkbook = "damaged_workbook" // not a workbook, or one that unpacks to too much
	reasonNeeded   = "value_needed"     // a value that must be there is not; Detail names the field
	reasonAmount   = "bad_amount"       // is no amount as the mapping writes them
	reasonDate     = "bad_date"         // is no date as the mapping writes them
	reasonCurrency = "bad_currency"     // is no currency, or differs within one order
	reasonNumber   = "bad_number"       // a quantity, a duration or a rate that is none
	reasonRate     = "no_tax_rate"      // tax is included, and nothing says how much
	reasonState    = "bad_state"        // a state that no word is known for
	reasonApart    = "lines_apart"      // other lines of the same id stand elsewhere in the file
	reasonOrder    = "ends_before"      // ends before it begins
	reasonRepeats  = "too_many_repeats" // of identical lines without an id
	reasonSkipped  = "all_left_out"     // somebody left all tables out
	reasonMapping  = "bad_mapping"      // a mapping with a value that cannot be
	reasonLines    = "too_many_lines"   // of one order
)

// refused is a refusal of a value of a field.
func refused(reason, field string) *connectors.RefusedError {
	return &connectors.RefusedError{Reason: reason, Detail: field}
}
