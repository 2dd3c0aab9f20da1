//go:build !standins

package main

// onThisMachine says whether platforms can be reached on this machine: not in a
// Foyer that anybody runs.
const onThisMachine = false
