// Package archtest keeps the architecture: who may import whom, where SQL and
// the names of platforms may stand, how packages are called and how long a file
// may be. It holds tests only; a failure names the file, what stands there and
// the rule.
//
// A new package gets its place in the table layers, an exception its reason in
// the table exceptions.
package archtest
