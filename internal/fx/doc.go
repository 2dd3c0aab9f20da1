// Package fx has the exchange rates that amounts are converted by: the euro foreign
// exchange reference rates of the European Central Bank, which may be reused when
// the source is named, as every page that shows a converted amount does. They are
// meant for information, not for transactions.
//
// A history up to the day of the build is part of the program (rates.bin, written
// by the program in bundle from the bank's file). What came since is fetched once a
// day and kept in the table exchange_rate. Where nothing can be fetched, what is
// known stays, and later days have no rate, with the reason.
package fx

// Source names who publishes the rates.
const Source = "European Central Bank"
