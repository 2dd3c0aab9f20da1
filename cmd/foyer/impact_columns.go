package main

import (
	"bytes"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// clean trims a value and reads what is no UTF-8 as the old encoding of western
// spreadsheets.
func clean(s string) string {
	if !utf8.ValidString(s) {
		if b, err := charmap.Windows1252.NewDecoder().Bytes([]byte(s)); err == nil {
			s = string(bytes.ToValidUTF8(b, []byte("�")))
		}
	}
	return strings.TrimSpace(s)
}

// missing recognises how programs write that there is no value.
func missing(s string) bool {
	switch strings.ToLower(s) {
	case "", "na", "n/a", "#n/a", "nan", "null", "none", "nil", ".", "-", "nd":
		return true
	}
	return false
}

// find returns the place of a column: by its exact header, by its header whatever the
// case and the marks between words, by its number.
func (tab *table) find(name string) int {
	if i := slices.IndexFunc(tab.header, func(h string) bool { return clean(h) == name }); i >= 0 {
		return i
	}
	if i := slices.IndexFunc(tab.header, func(h string) bool { return plainName(h) == plainName(name) && plainName(name) != "" }); i >= 0 {
		return i
	}
	if n, err := strconv.Atoi(strings.TrimPrefix(name, "#")); err == nil && n >= 1 && n <= len(tab.header) {
		return n - 1
	}
	return -1
}

// plainName is a header without case, spaces and marks.
func plainName(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, clean(s))
}

func (tab *table) known() string {
	names := make([]string, len(tab.header))
	for i, h := range tab.header {
		if names[i] = clean(h); names[i] == "" {
			names[i] = "#" + strconv.Itoa(i+1)
		}
	}
	if len(names) > 40 {
		names = append(names[:40], "…")
	}
	return strings.Join(names, ", ")
}
