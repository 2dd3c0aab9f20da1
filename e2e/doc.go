// Package e2e holds Foyer's browser tests: a built binary, its private database
// and a real Chromium. It is a module of its own, so that the product depends on
// none of this.
package e2e
