package store

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/foyer-app/foyer/internal/community"
)

// mentioned is the revision of a customer that was only named so far.
const mentioned = -1

// storeCustomers writes the customers, and those that other records name.
func (t *trading) storeCustomers(ctx context.Context, b community.Business) error {
	list := slices.DeleteFunc(slices.Clone(b.Customers), func(c community.Customer) bool { return t.in.erased(c.ExternalID) })
	list = gathered(list)
	list = append(list, t.named(b, list)...)
	if len(list) == 0 {
		return nil
	}
	slices.SortFunc(list, func(a, b community.Customer) int { return compareTexts(a.ExternalID, b.ExternalID) })
	met, err := t.writeCustomers(ctx, list)
	if err != nil {
		return err
	}
	if err := t.writeKeys(ctx, list, met); err != nil {
		return err
	}
	if err := t.mergeCustomers(ctx, list); err != nil {
		return err
	}
	return t.eraseCustomers(ctx, list)
}

// gathered keeps the newest version of each customer. Who was merged into them and
// whether they are to be forgotten holds whichever version says so.
func gathered(list []community.Customer) []community.Customer {
	aliases, erase := map[string][]string{}, map[string]bool{}
	for _, c := range list {
		id := clean(c.ExternalID)
		aliases[id], erase[id] = append(aliases[id], c.Aliases...), erase[id] || c.Erase
	}
	list = latest(list, func(c *community.Customer) string { return clean(c.ExternalID) }, func(c *community.Customer) int64 { return c.Revision })
	for i := range list {
		id := clean(list[i].ExternalID)
		list[i].Aliases, list[i].Erase = aliases[id], erase[id]
	}
	return list
}

func compareTexts(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// named are the customers that are not in the list but that records name, or
// that guests are.
func (t *trading) named(b community.Business, list []community.Customer) []community.Customer {
	there := map[string]bool{}
	for _, c := range list {
		there[clean(c.ExternalID)] = true
	}
	found := map[string]community.Customer{}
	add := func(named string, guest community.Contact, at time.Time) {
		id := t.buyer(named, guest)
		if id == "" || there[id] || t.in.erased(id) {
			return
		}
		c, ok := found[id]
		if !ok {
			c = community.Customer{ExternalID: id, Revision: mentioned}
		}
		if named == "" && !at.IsZero() && at.UnixMilli() >= c.Revision {
			c.Contact, c.Revision = guest, at.UnixMilli()
		}
		found[id] = c
	}
	for _, o := range b.Orders {
		add(o.Customer, o.Guest, o.At)
	}
	for _, s := range b.Subscriptions {
		add(s.Customer, s.Guest, s.Started)
	}
	for _, a := range b.Answers {
		add(a.Customer, a.Guest, a.At)
	}
	for _, c := range list {
		for _, old := range c.Aliases {
			add(old, community.Contact{}, time.Time{})
		}
	}
	return slices.Collect(maps.Values(found))
}

// writeCustomers upserts the rows and returns those whose contact is new.
func (t *trading) writeCustomers(ctx context.Context, list []community.Customer) (map[string]bool, error) {
	n := len(list)
	ids, countries, channels := make([]string, n), make([]string, n), make([]string, n)
	guests, created, revisions := make([]bool, n), make([]*time.Time, n), make([]int64, n)
	contacts, prints := make([][]byte, n), make([][]byte, n)
	for i, c := range list {
		ids[i], countries[i], channels[i] = clean(c.ExternalID), clean(c.Contact.Country), clean(c.Channel)
		guests[i], created[i], revisions[i] = isGuest(c.ExternalID), orNull(c.Created), c.Revision
		contacts[i], prints[i] = t.in.store.sealContact(t.in.community.Scope, c.Contact, c.Accounts)
	}
	rows, err := t.tx.Query(ctx, query("trade_customer"), t.args(pgx.NamedArgs{
		"ids": ids, "guests": guests, "created": created, "countries": countries, "channels": channels,
		"contacts": contacts, "prints": prints, "revisions": revisions,
	}))
	if err != nil {
		return nil, err
	}
	var (
		external         string
		id               int64
		changed, contact bool
	)
	met, news := map[string]bool{}, 0
	if _, err := pgx.ForEachRow(rows, []any{&external, &id, &changed, &contact}, func() error {
		t.customers[external], met[external] = id, contact
		if changed {
			news++
		}
		return nil
	}); err != nil {
		return nil, err
	}
	t.count(news, len(list)-news)
	return met, t.grew(ctx, news, "customer") // before anything refers to them
}

func isGuest(external string) bool { return len(external) > 6 && external[:6] == "guest/" }

// writeKeys writes by what the customers are recognised, where the contact is new.
func (t *trading) writeKeys(ctx context.Context, list []community.Customer, met map[string]bool) error {
	var all []int64
	var keys keyRows
	for _, c := range list {
		external := clean(c.ExternalID)
		if !met[external] {
			continue
		}
		id := t.customers[external]
		all = append(all, id)
		accounts := append(slices.Clone(c.Accounts), string(t.in.platform)+"/"+external)
		keys.add(id, t.in.store.contactKeys(t.in.community.Scope, c.Contact, accounts), c.Revision)
	}
	if len(all) == 0 {
		return nil
	}
	if err := keys.write(ctx, t.tx, t.in.community.Scope, all); err != nil {
		return err
	}
	return t.grew(ctx, len(keys.of), "contact_key")
}

// mergeCustomers notes which customers the source has merged into others.
func (t *trading) mergeCustomers(ctx context.Context, list []community.Customer) error {
	var from, into []int64
	for _, c := range list {
		for _, old := range c.Aliases {
			if id, ok := t.customers[clean(old)]; ok && clean(old) != clean(c.ExternalID) {
				from, into = append(from, id), append(into, t.customers[clean(c.ExternalID)])
			}
		}
	}
	if len(from) == 0 {
		return nil
	}
	tag, err := t.tx.Exec(ctx, `update customer c set merged_into = m.into_id from unnest(@from::bigint[], @into::bigint[]) m (from_id, into_id)
		where c.organisation_id = @org and c.community_id = @com and c.id = m.from_id and c.merged_into is distinct from m.into_id`,
		t.args(pgx.NamedArgs{"from": from, "into": into}))
	t.changed = t.changed || tag.RowsAffected() > 0
	return err
}

// eraseCustomers forgets those that the source demands to forget.
func (t *trading) eraseCustomers(ctx context.Context, list []community.Customer) error {
	for _, c := range list {
		if !c.Erase {
			continue
		}
		if err := t.in.store.eraseCustomer(ctx, t.tx, t.in.community.Scope, t.customers[clean(c.ExternalID)]); err != nil {
			return err
		}
		if err := t.eraseGuest(ctx, c.Contact); err != nil {
			return err
		}
		t.in.screen.erasures = -1 // read them anew the next time
		t.changed = true
	}
	return nil
}

// eraseGuest forgets the one who bought under the same addresses without an account.
func (t *trading) eraseGuest(ctx context.Context, contact community.Contact) error {
	external := t.in.guest(contact)
	if external == "" {
		return nil
	}
	var id int64
	err := t.tx.QueryRow(ctx, `select id from customer where organisation_id = @org and community_id = @com and connection_id = @connection
		and external_id = @external`, t.args(pgx.NamedArgs{"external": external})).Scan(&id)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	return t.in.store.eraseCustomer(ctx, t.tx, t.in.community.Scope, id)
}
