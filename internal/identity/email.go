package identity

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/text/unicode/norm"
)

// ErrEmail means that a text is no e-mail address. The text is not repeated.
var ErrEmail = errors.New("not an e-mail address")

// What mail servers take at most, in bytes.
const (
	maxEmail = 254
	maxLocal = 64
)

// Email is an address in the forms that it is compared in.
type Email struct {
	// Exact is the address in small letters, its domain in ASCII.
	Exact Value
	// Loose leaves out what follows a plus, and at Google's mail the dots: people
	// use such forms of one address, and two people may share it by chance. It is for
	// suggestions.
	Loose Value
	// Role says that the address is of an office, of a machine or invented
	// ("contact@", "noreply@", "@example.com"): whoever has it in common is not one
	// person. It never links.
	Role bool
}

// ParseEmail normalises an address: compatibility forms of letters are made plain,
// blanks and invisible characters around it are taken off, capitals are made small, the
// domain gets its ASCII form. Everything else that is not "name@domain" is
// ErrEmail: several addresses, "Name <address>", quoted names, domains without a dot.
func ParseEmail(raw string) (Email, error) {
	if len(raw) > 4*maxEmail {
		return Email{}, fmt.Errorf("%w: too long", ErrEmail)
	}
	if !utf8.ValidString(raw) {
		return Email{}, fmt.Errorf("%w: not UTF-8", ErrEmail)
	}
	text := strings.TrimFunc(fold(raw), blank)
	local, domain, ok := strings.Cut(text, "@")
	if !ok || local == "" || strings.Contains(domain, "@") {
		return Email{}, fmt.Errorf("%w: not of the form name@domain", ErrEmail)
	}
	if len(local) > maxLocal || strings.ContainsFunc(local, unfit) {
		return Email{}, fmt.Errorf("%w: the part before the @", ErrEmail)
	}
	domain, err := asciiDomain(domain)
	if err != nil || len(local)+1+len(domain) > maxEmail {
		return Email{}, fmt.Errorf("%w: the part after the @", ErrEmail)
	}
	plain, looseDomain := loosen(local, domain)
	return Email{
		Exact: Value{KindEmail, local + "@" + domain},
		Loose: Value{KindEmailLoose, plain + "@" + looseDomain},
		Role:  isRole(plain) || isInvented(domain),
	}, nil
}

// fold makes letters small and plain. Small letters of some capitals compose anew,
// and some of those have a plainer form: the second turn settles them.
func fold(s string) string {
	for range 2 {
		s = norm.NFKC.String(strings.ToLower(norm.NFKC.String(s)))
	}
	return s
}

// blank says what is taken off the ends: blanks, and characters that nobody sees
// and that copying brings along.
func blank(r rune) bool { return unicode.IsSpace(r) || unicode.In(r, unicode.Cf, unicode.Cc) }

// unfit says what stands in no address without quotes.
func unfit(r rune) bool {
	return blank(r) || r == utf8.RuneError || strings.ContainsRune(`"(),:;<>[]\`, r)
}

// asciiDomain maps a domain as browsers do and checks it.
func asciiDomain(domain string) (string, error) {
	ascii, err := idna.Lookup.ToASCII(strings.TrimSuffix(domain, "."))
	if err != nil {
		return "", err
	}
	_, top, ok := cutLast(ascii, ".")
	if !ok || strings.HasPrefix(ascii, ".") || strings.Contains(ascii, "..") || len(top) < 2 || strings.Trim(top, "0123456789") == "" {
		return "", ErrEmail
	}
	return ascii, nil
}

func cutLast(s, sep string) (before, after string, ok bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return s, "", false
}

// loosen takes off what people add to an address that is theirs anyway.
func loosen(local, domain string) (string, string) {
	if before, _, ok := strings.Cut(local, "+"); ok && before != "" {
		local = before
	}
	if domain == "googlemail.com" {
		domain = "gmail.com"
	}
	if domain == "gmail.com" {
		if undotted := strings.ReplaceAll(local, ".", ""); undotted != "" {
			local = undotted
		}
	}
	return local, domain
}
