package store

import (
	"strings"
	"sync"

	"github.com/foyer-app/foyer/internal/community"
	"github.com/foyer-app/foyer/internal/identity"
	"github.com/foyer-app/foyer/internal/linking"
)

// contactKey is one thing that somebody is recognised by.
type contactKey struct {
	kind     linking.Kind
	key      []byte
	verified bool
}

// makers keeps the makers of keys, one an organisation: making one takes longer
// than a key.
type makers struct{ list sync.Map }

func (m *makers) of(keys Keys, organisation int64) *identity.Keys {
	if k, ok := m.list.Load(organisation); ok {
		return k.(*identity.Keys)
	}
	k := identity.NewKeys(keys, organisation)
	m.list.Store(organisation, k)
	return k
}

// contactKeys are the fingerprints of a contact and of accounts elsewhere, each
// "platform/id". What cannot be read is no key; addresses of offices and numbers
// of households are none either, for many people have them.
func (s *Store) contactKeys(sc community.Scope, c community.Contact, accounts []string) []contactKey {
	maker := s.makers.of(s.keys, sc.Organisation)
	var out []contactKey
	add := func(kind linking.Kind, v identity.Value, verified bool) {
		if k, err := maker.Of(v); err == nil {
			out = append(out, contactKey{kind, k.Bytes(), verified})
		}
	}
	for i, text := range c.Emails {
		e, err := identity.ParseEmail(text)
		if err != nil || e.Role {
			continue
		}
		add(linking.Email, e.Exact, c.Verified && i == 0)
		add(linking.Loose, e.Loose, c.Verified && i == 0)
	}
	for _, text := range c.Phones {
		if p, err := identity.ParsePhone(text, c.Country); err == nil && p.Mobile {
			add(linking.Phone, p.Number, c.Verified)
		}
	}
	for _, text := range accounts {
		platform, id, _ := strings.Cut(text, "/")
		if v, err := identity.Account(community.Platform(platform), id); err == nil {
			add(linking.Account, v, true)
		}
	}
	return out
}

// guestKey is what a guest of a shop is told apart by: the address, be it an
// office's, or else the number. Nil when there is neither.
func (s *Store) guestKey(sc community.Scope, c community.Contact) []byte {
	maker := s.makers.of(s.keys, sc.Organisation)
	for _, text := range c.Emails {
		if e, err := identity.ParseEmail(text); err == nil {
			if k, err := maker.Of(e.Exact); err == nil {
				return k.Bytes()
			}
		}
	}
	for _, text := range c.Phones {
		if p, err := identity.ParsePhone(text, c.Country); err == nil {
			if k, err := maker.Of(p.Number); err == nil {
				return k.Bytes()
			}
		}
	}
	return nil
}
