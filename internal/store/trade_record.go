package store

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/foyer-app/foyer/internal/community"
)

// CustomerRecord is everything that is kept of a customer of one source: what a
// person who asks is told.
type CustomerRecord struct {
	Accounts      []CustomerAccount `json:"accounts"` // the customer, and who was merged into them
	Orders        []CustomerOrder   `json:"orders"`
	Subscriptions []CustomerPlan    `json:"subscriptions"`
	Answers       []CustomerAnswer  `json:"answers"`
	Members       []string          `json:"members"` // names in the community that are linked, as shown there
}

// CustomerAccount is one account of a customer.
type CustomerAccount struct {
	ID      string     `json:"id"`
	Name    string     `json:"name"`
	Emails  []string   `json:"emails"`
	Phones  []string   `json:"phones"`
	Company string     `json:"company"`
	City    string     `json:"city"`
	Country string     `json:"country"`
	Channel string     `json:"channel"`
	Created *time.Time `json:"created"`
}

// CustomerOrder is an order of theirs.
type CustomerOrder struct {
	ID       string    `json:"id"`
	Number   string    `json:"number"`
	At       time.Time `json:"at"`
	Net      string    `json:"net"`      // a decimal number
	Refunded string    `json:"refunded"` // the same
	Currency string    `json:"currency"`
	Codes    []string  `json:"codes"`
}

// CustomerPlan is a subscription of theirs.
type CustomerPlan struct {
	ID      string     `json:"id"`
	Started *time.Time `json:"started"`
	Ended   *time.Time `json:"ended"`
}

// CustomerAnswer is what they said to how they heard of the brand.
type CustomerAnswer struct {
	At     time.Time `json:"at"`
	Choice string    `json:"choice"` // empty: skipped
}

// CustomerRecord reads everything that is kept of a customer, by the source's id.
// community.ErrNotFound when nobody is kept under it.
func (s *Store) CustomerRecord(ctx context.Context, c Connection, external string) (CustomerRecord, error) {
	ctx = of(ctx, c.Scope)
	var out CustomerRecord
	if s.keys == nil {
		return out, fmt.Errorf("store: customer record: %w", ErrNoKeys)
	}
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		var id int64
		err := tx.QueryRow(ctx, `select id from customer where organisation_id = @org and community_id = @com and connection_id = @connection and external_id = @external`,
			scoped(c.Scope, pgx.NamedArgs{"connection": c.ID, "external": clean(external)})).Scan(&id)
		if err != nil {
			return notFound(err)
		}
		ids, err := sameCustomer(ctx, tx, c.Scope, id)
		if err != nil {
			return err
		}
		return s.readRecord(ctx, tx, c.Scope, ids, &out)
	})
	if err != nil {
		return CustomerRecord{}, fmt.Errorf("store: customer record: %w", err)
	}
	return out, nil
}

func (s *Store) readRecord(ctx context.Context, tx pgx.Tx, sc community.Scope, ids []int64, out *CustomerRecord) error {
	args := scoped(sc, pgx.NamedArgs{"ids": ids})
	rows, err := tx.Query(ctx, `select external_id, created_at, country, channel, contact from customer
		where organisation_id = @org and community_id = @com and id = any (@ids) order by id`, args)
	if err != nil {
		return err
	}
	var (
		a      CustomerAccount
		sealed []byte
	)
	if _, err := pgx.ForEachRow(rows, []any{&a.ID, &a.Created, &a.Country, &a.Channel, &sealed}, func() error {
		contact, _, err := s.openContact(sealed, a.Country)
		a.Name, a.Emails, a.Phones, a.Company, a.City = contact.Name, contact.Emails, contact.Phones, contact.Company, contact.City
		out.Accounts = append(out.Accounts, a)
		return err
	}); err != nil {
		return err
	}
	if out.Orders, err = collect[CustomerOrder](ctx, tx, `select external_id, number, at, (net_minor * power(10::numeric, -exponent))::numeric(30, 6)::text,
		(refunded_minor * power(10::numeric, -exponent))::numeric(30, 6)::text, currency, codes from customer_order
		where organisation_id = @org and community_id = @com and customer_id = any (@ids) and not removed order by at, id`, args); err != nil {
		return err
	}
	if out.Subscriptions, err = collect[CustomerPlan](ctx, tx, `select external_id, started_at, ended_at from subscription
		where organisation_id = @org and community_id = @com and customer_id = any (@ids) and not removed order by id`, args); err != nil {
		return err
	}
	if out.Answers, err = collect[CustomerAnswer](ctx, tx, `select at, choice from survey_answer
		where organisation_id = @org and community_id = @com and customer_id = any (@ids) and not removed order by at, id`, args); err != nil {
		return err
	}
	rows, err = tx.Query(ctx, `select distinct m.name from person_part p
		join person_part q on q.organisation_id = @org and q.community_id = @com and q.person_id = p.person_id and q.member_id is not null
		join member m on m.organisation_id = @org and m.community_id = @com and m.id = q.member_id
		where p.organisation_id = @org and p.community_id = @com and p.customer_id = any (@ids) order by 1`, args)
	if err != nil {
		return err
	}
	out.Members, err = pgx.CollectRows(rows, pgx.RowTo[string])
	return err
}

// collect reads rows by the order of their columns.
func collect[T any](ctx context.Context, tx pgx.Tx, sql string, args pgx.NamedArgs) ([]T, error) {
	rows, err := tx.Query(ctx, sql, args)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[T])
}
