package store

import (
	"strings"

	"github.com/foyer-app/foyer/internal/community"
)

// The kinds of contact_key. The numbers are stored.
const (
	keyEmail   int16 = 1
	keyLoose   int16 = 2
	keyPhone   int16 = 3
	keyAccount int16 = 4
)

// contactKey is one thing that somebody is recognised by.
type contactKey struct {
	kind     int16
	key      []byte
	verified bool
}

// contactKeys are the fingerprints of a contact and of accounts elsewhere.
func (s *Store) contactKeys(sc community.Scope, c community.Contact, accounts []string) []contactKey {
	var out []contactKey
	add := func(kind int16, value string, verified bool) {
		key := s.keys.MAC("contact-key", number(sc.Organisation), []byte{byte(kind), 0}, []byte(value))
		out = append(out, contactKey{kind, key, verified})
	}
	for i, e := range c.Emails {
		if e = strings.ToLower(strings.TrimSpace(e)); e != "" {
			add(keyEmail, e, c.Verified && i == 0)
		}
	}
	for _, a := range accounts {
		add(keyAccount, clean(a), true)
	}
	return out
}
