//go:build standins

package main

// onThisMachine says whether platforms can be reached on this machine: they stand
// in for the real ones in the browser tests, which build the command so.
const onThisMachine = true
