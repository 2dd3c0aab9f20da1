package mail

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"
	"unicode"

	"github.com/foyer-app/foyer/web/i18n"
)

// Data is what the messages say. Each kind needs some fields (Render names the one that is missing) and leaves out what
// is empty. Texts may come from strangers: they are shown as text, on one line, and cut when they are long.
type Data struct {
	Brand        Brand
	To, ToName   string
	Link         string // where the button leads, http or https
	Person       string // who did it: invites, changed the role, created the key
	Organisation string
	Community    string
	Role         string        // its name in the language of the message
	Address      string        // the new e-mail address
	Key          string        // the name of a passkey or an API key
	Contents     string        // what an export holds, in the language of the message
	Bytes        int64         // the size of an export; 0 when unknown
	Browser      string        // such as "Firefox, Linux"
	Place        string        // such as "Lyon, France" or a network address
	At           time.Time     // when it happened, in the reader's time zone
	Until        time.Time     // until when an invitation or an export is open, or when a deletion takes place
	Valid        time.Duration // how long a link works
	On           bool          // two-factor sign-in was switched on
}

// Brand dresses messages for an agency. The zero value is Foyer's own dress.
type Brand struct {
	Name    string // of the product; empty: Foyer
	Sender  string // the name in From; empty: the transport's
	Colour  string // of the mark and the button, "#rrggbb"
	Ink     string // of the text on Colour; empty: white or near black. Both need a contrast of 4.5 to be used
	LogoURL string // https, shown in place of mark and name
	Footer  string // a last line, such as a postal address
}

const (
	maxName   = 80  // characters of a name
	maxFooter = 300 // characters of a brand's last line
)

// clean makes a text from outside harmless for a message: one line, no controls and no marks that reverse the reading
// direction, nothing a mail program would turn into a link by itself, and not longer than limit characters.
func clean(s string, limit int) string {
	s = strings.ReplaceAll(strings.ToValidUTF8(s, ""), "://", " ")
	var b strings.Builder
	count, space := 0, false
	for _, r := range s {
		switch {
		case unicode.IsSpace(r), unicode.IsControl(r):
			space = b.Len() > 0
			continue
		case unicode.Is(unicode.Cf, r) && r != '\u200c' && r != '\u200d': // joiners belong to scripts and emoji
			continue
		case count >= limit:
			return b.String() + "…"
		}
		if space {
			b.WriteByte(' ')
			space = false
			count++
		}
		b.WriteRune(r)
		count++
	}
	return b.String()
}

func (d Data) clean() Data {
	for _, s := range []*string{
		&d.ToName, &d.Person, &d.Organisation, &d.Community, &d.Role, &d.Key, &d.Contents, &d.Browser, &d.Place, &d.Brand.Name,
		&d.Brand.Sender,
	} {
		*s = clean(*s, maxName)
	}
	d.Address = clean(d.Address, 254)
	d.Brand.Footer = clean(d.Brand.Footer, maxFooter)
	if d.Brand.Name == "" {
		d.Brand.Name = "Foyer"
	}
	return d
}

// check says what a kind misses.
func (d Data) check(needs string) error {
	empty := map[string]bool{
		"To": d.To == "", "Link": d.Link == "", "Person": d.Person == "", "Organisation": d.Organisation == "",
		"Community": d.Community == "", "Role": d.Role == "", "Address": d.Address == "", "Key": d.Key == "",
		"Contents": d.Contents == "", "At": d.At.IsZero(), "Until": d.Until.IsZero(), "Valid": d.Valid < time.Minute,
	}
	for _, name := range append(strings.Fields(needs), "To") {
		if missing, known := empty[name]; missing || !known {
			return fmt.Errorf("%s is missing", name)
		}
	}
	if d.Link != "" && !isWeb(d.Link, "http", "https") {
		return errors.New("the link is not a web address") // it may open an account: it is not repeated
	}
	return nil
}

func isWeb(link string, schemes ...string) bool {
	u, err := url.Parse(link)
	if err != nil || u.Host == "" || u.User != nil || strings.ContainsFunc(link, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }) {
		return false
	}
	for _, s := range schemes {
		if u.Scheme == s {
			return true
		}
	}
	return false
}

// args are the values of the sentences.
func (d Data) args(l i18n.Locale) []any {
	return []any{
		"brand", d.Brand.Name, "person", d.Person, "organisation", d.Organisation, "community", d.Community, "role", d.Role,
		"address", d.Address, "key", d.Key, "until", when(l, d.Until), "day", l.LongDate(d.Until), "duration", length(l, d.Valid),
		"to", clean(d.To, 254),
	}
}

func (d Data) fact(l i18n.Locale, f fact) string {
	switch f {
	case factAt:
		if d.At.IsZero() {
			return ""
		}
		return when(l, d.At)
	case factBy:
		return d.Person
	case factBrowser:
		return d.Browser
	case factPlace:
		return d.Place
	case factContents:
		return d.Contents
	case factSize:
		if d.Bytes <= 0 {
			return ""
		}
		return l.Bytes(d.Bytes)
	}
	return ""
}

// when is a moment with its day and its time zone.
func when(l i18n.Locale, t time.Time) string {
	return l.T("mail.when", "day", l.LongDate(t), "time", l.Clock(t), "zone", t.Format("MST"))
}

// length is how long a link works, in words and whole units: "15 minutes", "24 hours", "7 days".
func length(l i18n.Locale, d time.Duration) string {
	const day = 24 * time.Hour
	switch {
	case d >= 2*day:
		return l.N("mail.days", int(d/day))
	case d >= 2*time.Hour || d == time.Hour:
		return l.N("mail.hours", int(d/time.Hour))
	}
	return l.N("mail.minutes", int(d/time.Minute))
}
