// Package impact computes what a community changes, and says when it cannot tell.
// Its functions are pure: plain values in, plain values out, no clock, no
// randomness but a seeded one. Money may be float64 here, because estimates are
// not accounts; what must sum exactly (see Movements) is in integer minor units.
//
// Files: one method each. Descriptive figures (Ratio, HistoricLTV, …) carry no
// causal claim; Match, DiffInDiff and HoldOut do, and print what they rest on.
// docs/method.md explains all of it and gives the references.
package impact
