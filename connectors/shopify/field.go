package shopify

import (
	"bytes"
	"encoding/json"
	"strings"
	"time"

	"github.com/foyer-app/foyer/connectors"
)

// number is a number that comes as one or as a text: amounts and large ids.
type number string

// UnmarshalJSON takes both; anything else is no number.
func (n *number) UnmarshalJSON(raw []byte) error {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		*n = number(text)
		return nil
	}
	if len(raw) > 0 && (raw[0] == '-' || raw[0] >= '0' && raw[0] <= '9') && len(raw) < 40 {
		*n = number(bytes.TrimSpace(raw))
	}
	return nil
}

// id is the number at the end of a global id, or the number itself; empty when it
// is neither.
func id(s string) string {
	if rest, ok := strings.CutPrefix(s, "gid://shopify/"); ok {
		_, s, _ = strings.Cut(rest, "/")
		s, _, _ = strings.Cut(s, "?")
	}
	if s == "" || len(s) > 20 || strings.Trim(s, "0123456789") != "" || strings.Trim(s, "0") == "" {
		return ""
	}
	return s
}

// gid is the global id of a thing.
func gid(kind, number string) string { return "gid://shopify/" + kind + "/" + number }

// maxText bounds a name or an address in bytes.
const maxText = 500

// clean makes a text that can be stored.
func clean(s string) string {
	s = strings.TrimSpace(strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", ""))
	if len(s) > maxText {
		s = strings.ToValidUTF8(s[:maxText], "")
	}
	return s
}

// some are the texts that are not empty.
func some(texts ...string) (out []string) {
	for _, s := range texts {
		if s = clean(s); s != "" {
			out = append(out, s)
		}
	}
	return out
}

// country is a code of two letters, or nothing.
func country(s string) string {
	s = strings.ToUpper(strings.TrimSpace(s))
	if len(s) != 2 || s[0] < 'A' || s[0] > 'Z' || s[1] < 'A' || s[1] > 'Z' {
		return ""
	}
	return s
}

// when reads the first time that is told. Zero when none is.
func when(texts ...string) (time.Time, error) {
	for _, s := range texts {
		if s == "" {
			continue
		}
		t, err := time.Parse(time.RFC3339, s)
		if err != nil {
			return time.Time{}, refused(connectors.ReasonNoTime, "")
		}
		if t = t.UTC(); t.Year() < 1990 || t.Year() > 2200 {
			return time.Time{}, refused(connectors.ReasonBadTime, "")
		}
		return t, nil
	}
	return time.Time{}, nil
}

// revision is the moment of a change in milliseconds; 0 when it is not told.
func revision(s string) int64 {
	t, err := when(s)
	if err != nil || t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}
