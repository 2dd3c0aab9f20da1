package web

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/foyer-app/foyer/internal/community"
)

// Bounds of what can be asked of the API at once.
const (
	pageDefault = 100
	pageMost    = 500
	windowMost  = 1100 // days
	cursorMost  = 2048 // bytes
	searchMost  = 200  // bytes
)

// params reads the parameters of an address. The first one that cannot be taken
// is kept; one that nobody read is a fault too: a misspelt name must not pass for
// the whole.
type params struct {
	values url.Values
	read   map[string]bool
	fault  *problem
}

func paramsOf(r *http.Request) *params {
	p := &params{read: map[string]bool{}}
	var err error
	if p.values, err = url.ParseQuery(r.URL.RawQuery); err != nil {
		p.refuse("error.parameter", "?")
	}
	return p
}

func (p *params) refuse(key, name string) {
	if p.fault == nil {
		p.fault = &problem{status: http.StatusBadRequest, key: key, parameter: name}
	}
}

// text is a parameter of at most so many bytes; empty where there is none.
func (p *params) text(name string, most int) string {
	p.read[name] = true
	list := p.values[name]
	if len(list) == 0 {
		return ""
	}
	if len(list) > 1 || len(list[0]) > most || !utf8.ValidString(list[0]) || strings.ContainsRune(list[0], 0) {
		p.refuse("error.parameter", name)
		return ""
	}
	return list[0]
}

// one is a parameter of these choices; the first one where there is none.
func (p *params) one(name string, choices ...string) string {
	switch text := p.text(name, 40); {
	case text == "":
		return choices[0]
	case slices.Contains(choices, text):
		return text
	}
	p.refuse("error.parameter", name)
	return choices[0]
}

// limit is how many rows a page has.
func (p *params) limit() int {
	text := p.text("limit", 10)
	if text == "" {
		return pageDefault
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > pageMost {
		p.refuse("error.parameter", "limit")
		return pageDefault
	}
	return n
}

// window is from and to, the latter not included; false where neither is given.
func (p *params) window() (community.Window, bool) {
	from, to := p.day("from"), p.day("to")
	if p.values.Get("from") == "" && p.values.Get("to") == "" || p.fault != nil {
		return community.Window{}, false
	}
	w := community.Window{From: from, To: to}
	switch {
	case p.values.Get("from") == "":
		p.refuse("error.parameter", "from")
	case p.values.Get("to") == "":
		p.refuse("error.parameter", "to")
	case w.Days() == 0 || w.Days() > windowMost:
		p.refuse("error.window", "to")
	}
	return w, true
}

// day is a day like 2026-03-02, not before 1990 and not after 9000.
func (p *params) day(name string) community.Date {
	text := p.text(name, 10)
	if text == "" {
		return 0
	}
	d, err := community.ParseDate(text)
	if err != nil || d < community.NewDate(1990, time.January, 1) || d > community.NewDate(9000, time.January, 1) {
		p.refuse("error.parameter", name)
	}
	return d
}

// moment is a time after RFC 3339; zero where there is none.
func (p *params) moment(name string) time.Time {
	text := p.text(name, 40)
	if text == "" {
		return time.Time{}
	}
	t, err := time.Parse(time.RFC3339, text)
	if err != nil || t.Year() < 1 || t.Year() > 9998 {
		p.refuse("error.parameter", name)
	}
	return t.UTC()
}

// cursor is where the page before ended; the zero place where there is none.
func (p *params) cursor() place {
	text := p.text("cursor", cursorMost)
	if text == "" {
		return place{}
	}
	c, ok := parsePlace(text)
	if !ok {
		p.refuse("error.cursor", "cursor")
	}
	return c
}

// err is what is wrong with the parameters, or nil.
func (p *params) err() error {
	for name := range p.values {
		if !p.read[name] {
			if !utf8.ValidString(name) || len(name) > 40 {
				name = "?"
			}
			p.refuse("error.parameter", name)
		}
	}
	if p.fault == nil {
		return nil // a nil pointer would be an error
	}
	return p.fault
}

// place is where a page ends: the number, or the time in microseconds, of its
// last row, and the key among those of one time.
type place struct {
	n   int64
	key string
}

// String is the place as callers see it. They need not understand it.
func (c place) String() string {
	return base64.RawURLEncoding.EncodeToString([]byte("1|" + strconv.FormatInt(c.n, 10) + "|" + c.key))
}

// The times that can be asked for: years 1 to 9999, in microseconds.
const (
	firstMoment = -62135596800000000
	lastMoment  = 253402300799999999
)

// parsePlace reads a cursor; false for what no page of ours gave.
func parsePlace(text string) (place, bool) {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil || len(text) > cursorMost {
		return place{}, false
	}
	version, rest, _ := strings.Cut(string(raw), "|")
	number, key, found := strings.Cut(rest, "|")
	n, err := strconv.ParseInt(number, 10, 64)
	if err != nil || version != "1" || !found || n < firstMoment || n > lastMoment || !utf8.ValidString(key) || strings.ContainsRune(key, 0) {
		return place{}, false
	}
	return place{n: n, key: key}, true
}

// next is the cursor of the page after; nil after the last one.
func next(more bool, c place) *string {
	if !more {
		return nil
	}
	text := c.String()
	return &text
}
