//go:build !linux

package dbtest

// memory names no memory file system: the usual temporary directory serves.
func memory() string { return "" }
