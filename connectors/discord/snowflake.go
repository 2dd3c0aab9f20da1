package discord

import (
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/foyer-app/foyer/connectors"
)

const (
	epoch  = 1420070400000 // of snowflakes: 2015-01-01 in Unix milliseconds
	oldest = 86_400_000    // milliseconds behind it; a smaller number is no snowflake but some other id
	maxKey = 64            // bytes of an id; a snowflake has at most 20
	maxTag = 256           // bytes of a name; Discord allows 100 characters
)

// snowflake returns the moment in an id, in milliseconds; false when it holds none.
func snowflake(id string) (time.Time, bool) {
	n, err := strconv.ParseUint(id, 10, 64)
	if err != nil || n>>22 < oldest || len(id) > 20 { // longer with leading zeros only
		return time.Time{}, false
	}
	return time.UnixMilli(int64(n>>22) + epoch).UTC(), true
}

// moment returns the time of a thing: that of its id, else the one written.
func moment(id, written string) (time.Time, error) {
	if !valid(id) {
		return time.Time{}, refused(connectors.ReasonNoID)
	}
	if at, ok := snowflake(id); ok {
		return at, nil
	}
	at, ok := instant(written)
	if !ok {
		return time.Time{}, refused(connectors.ReasonNoTime)
	}
	if at.Year() < 2005 {
		return time.Time{}, refused(connectors.ReasonBadTime)
	}
	return at, nil
}

// instant reads a written time, which always has a zone.
func instant(s string) (time.Time, bool) {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return time.Time{}, false
	}
	return t.UTC().Truncate(time.Millisecond), true
}

// valid says whether an id can stand in a key: short, and printable without spaces.
func valid(id string) bool {
	if id == "" || len(id) > maxKey {
		return false
	}
	for _, r := range id {
		if r <= ' ' || r == 0x7f || r == utf8.RuneError {
			return false
		}
	}
	return true
}

// clean bounds a name and drops what a database cannot hold.
func clean(name string) string {
	if strings.IndexByte(name, 0) >= 0 {
		name = strings.ReplaceAll(name, "\x00", "")
	}
	return cut(strings.TrimSpace(name), maxTag)
}

// cut shortens s to at most n bytes, at the end of a character.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

// number reads what older files write as a number and newer ones as text.
// Nothing is empty, and what is neither is no type that anybody knows.
func number(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case float64:
		if v == math.Trunc(v) && math.Abs(v) < 1<<31 {
			return strconv.Itoa(int(v))
		}
	}
	return "?"
}
