package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/foyer-app/foyer/internal/community"
	"github.com/foyer-app/foyer/internal/linking"
)

// sealedContact is the form in which a contact is sealed.
type sealedContact struct {
	Name     string   `json:"n,omitempty"`
	Emails   []string `json:"e,omitempty"`
	Phones   []string `json:"p,omitempty"`
	Company  string   `json:"c,omitempty"`
	City     string   `json:"t,omitempty"`
	Verified bool     `json:"v,omitempty"`
	Accounts []string `json:"a,omitempty"`
}

// sealContact is what is kept of a contact, and its fingerprint; both empty for none.
func (s *Store) sealContact(sc community.Scope, c community.Contact, accounts []string) (sealed, print []byte) {
	if c.Name == "" && len(c.Emails) == 0 && len(c.Phones) == 0 && c.Company == "" && c.City == "" && len(accounts) == 0 {
		return []byte{}, []byte{}
	}
	// Strings always marshal.
	plain, _ := json.Marshal(sealedContact{clean(c.Name), cleanAll(c.Emails), cleanAll(c.Phones), clean(c.Company), clean(c.City), c.Verified, cleanAll(accounts)})
	print = s.keys.MAC("contact", number(sc.Organisation), plain)
	return s.keys.Seal(PurposeContact, plain), print[:16]
}

// openContact opens what sealContact sealed; nothing gives an empty contact.
func (s *Store) openContact(sealed []byte, country string) (community.Contact, []string, error) {
	if len(sealed) == 0 {
		return community.Contact{Country: country}, nil, nil
	}
	plain, err := s.keys.Open(PurposeContact, sealed)
	if err != nil {
		return community.Contact{}, nil, fmt.Errorf("contact: %w", err)
	}
	var c sealedContact
	if err := json.Unmarshal(plain, &c); err != nil {
		return community.Contact{}, nil, fmt.Errorf("contact: %w", err)
	}
	return community.Contact{Name: c.Name, Emails: c.Emails, Phones: c.Phones, Verified: c.Verified, Country: country, City: c.City, Company: c.Company}, c.Accounts, nil
}

// rekeyCustomers makes the keys of customers anew from their contacts.
func (s *Store) rekeyCustomers(ctx context.Context, tx pgx.Tx, sc community.Scope, ids []int64) error {
	type row struct {
		ID       int64
		External string
		Platform community.Platform
		Country  string
		Sealed   []byte
		Revision int64
	}
	rows, err := tx.Query(ctx, `select c.id, c.external_id, n.platform, c.country, c.contact, c.revision from customer c
		join connection n on n.organisation_id = @org and n.community_id = @com and n.id = c.connection_id
		where c.organisation_id = @org and c.community_id = @com and c.id = any (@ids)`, scoped(sc, pgx.NamedArgs{"ids": ids}))
	if err != nil {
		return err
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[row])
	if err != nil {
		return err
	}
	var keys keyRows
	for _, r := range list {
		c, accounts, err := s.openContact(r.Sealed, r.Country)
		if err != nil {
			return err
		}
		keys.add(r.ID, s.contactKeys(sc, c, append(accounts, string(r.Platform)+"/"+r.External)), r.Revision)
	}
	return keys.write(ctx, tx, sc, ids)
}

// keyRows are rows of contact_key of customers, as columns.
type keyRows struct {
	of       []int64
	kinds    []linking.Kind
	keys     [][]byte
	verified []bool
	seen     []time.Time
}

func (k *keyRows) add(customer int64, list []contactKey, revision int64) {
	at := time.UnixMilli(max(revision, 0)).UTC()
	for _, key := range list {
		k.of, k.kinds, k.keys = append(k.of, customer), append(k.kinds, key.kind), append(k.keys, key.key)
		k.verified, k.seen = append(k.verified, key.verified), append(k.seen, at)
	}
}

// write replaces the keys of the customers.
func (k *keyRows) write(ctx context.Context, tx pgx.Tx, sc community.Scope, customers []int64) error {
	_, err := tx.Exec(ctx, `delete from contact_key where organisation_id = @org and community_id = @com and customer_id = any (@all)`,
		scoped(sc, pgx.NamedArgs{"all": customers}))
	if err != nil || len(k.of) == 0 {
		return err
	}
	_, err = tx.Exec(ctx, `insert into contact_key (organisation_id, community_id, customer_id, kind, key, verified, seen_at)
		select @org, @com, k.* from unnest(@of::bigint[], @kinds::smallint[], @keys::bytea[], @verified::boolean[], @seen::timestamptz[]) k on conflict do nothing`,
		scoped(sc, pgx.NamedArgs{"of": k.of, "kinds": k.kinds, "keys": k.keys, "verified": k.verified, "seen": k.seen}))
	return err
}
