package community

// Money is an amount in the smallest units of its currency, with the exponent of
// the source that told it. The zero value is no amount, of no currency.
type Money struct {
	Minor    int64
	Currency string // ISO 4217, upper case
	Exponent uint8  // decimals: 2 for 12.34
}
