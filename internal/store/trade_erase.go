package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/foyer-app/foyer/internal/community"
)

// EraseCustomer forgets who a customer is, for good: contact, keys and id go, what
// was bought stays counted as somebody's, under the numbers that the books know. A
// fingerprint of the id stays, so that the source cannot bring them back. Doing it again changes nothing.
// community.ErrNotFound when there is no such customer.
func (s *Store) EraseCustomer(ctx context.Context, sc community.Scope, customer int64) error {
	ctx = of(ctx, sc)
	if s.keys == nil {
		return fmt.Errorf("store: erase customer: %w", ErrNoKeys)
	}
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, intakeLock, scoped(sc, nil)); err != nil {
			return err
		}
		if err := s.eraseCustomer(ctx, tx, sc, customer); err != nil {
			return err
		}
		return touchTrade(ctx, tx, sc)
	})
	if err != nil {
		return fmt.Errorf("store: erase customer: %w", err)
	}
	return nil
}

// eraseCustomer forgets a customer and all whom the source merged into them: they
// are the same person.
func (s *Store) eraseCustomer(ctx context.Context, tx pgx.Tx, sc community.Scope, customer int64) error {
	ids, err := sameCustomer(ctx, tx, sc, customer)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if err := s.eraseAccount(ctx, tx, sc, id); err != nil {
			return err
		}
	}
	return nil
}

// sameCustomer are a customer, first, and all whom the source merged into them.
func sameCustomer(ctx context.Context, tx pgx.Tx, sc community.Scope, customer int64) ([]int64, error) {
	rows, err := tx.Query(ctx, `with recursive same (id) as (
			select @customer::bigint
			union select c.id from customer c join same on c.merged_into = same.id where c.organisation_id = @org and c.community_id = @com
		) select id from same order by id = @customer desc, id`, scoped(sc, pgx.NamedArgs{"customer": customer}))
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[int64])
}

// eraseAccount forgets one account of a customer.
func (s *Store) eraseAccount(ctx context.Context, tx pgx.Tx, sc community.Scope, customer int64) error {
	args := scoped(sc, pgx.NamedArgs{"customer": customer})
	var (
		external string
		platform community.Platform
	)
	err := tx.QueryRow(ctx, `select c.external_id, n.platform from customer c join connection n on n.organisation_id = @org and n.community_id = @com
		and n.id = c.connection_id where c.organisation_id = @org and c.community_id = @com and c.id = @customer and c.erased_at is null`, args).Scan(&external, &platform)
	if errors.Is(err, pgx.ErrNoRows) {
		return s.mustBeCustomer(ctx, tx, args)
	}
	if err != nil {
		return err
	}
	args["print"] = s.fingerprint(sc, platform, external)
	for _, sql := range []string{
		`insert into suppression (organisation_id, community_id, fingerprint) values (@org, @com, @print) on conflict do nothing`,
		`update community set erasures = erasures + 1 where organisation_id = @org and id = @com`,
		`delete from contact_key where organisation_id = @org and community_id = @com and customer_id = @customer`,
		`delete from link where organisation_id = @org and community_id = @com and @customer in (customer_a, customer_b)`,
		`delete from never_link where organisation_id = @org and community_id = @com and @customer in (customer_a, customer_b)`,
		`delete from link_suggestion where organisation_id = @org and community_id = @com and @customer in (customer_a, customer_b)`,
		`update customer set external_id = 'erased/' || id, contact = '', contact_print = '', channel = '', erased_at = now()
			where organisation_id = @org and community_id = @com and id = @customer`,
		// Images of imports may not bring the person back either.
		`delete from import_before where organisation_id = @org and community_id = @com and noun = 'customer' and row_id = @customer`,
		// Nobody can tell which of the sealed refused lines are the person's.
		`update refusal set lines = '' where organisation_id = @org and community_id = @com and lines <> ''`,
		`update survey_answer set order_external = '' where organisation_id = @org and community_id = @com and customer_id = @customer`,
	} {
		if _, err := tx.Exec(ctx, sql, args); err != nil {
			return err
		}
	}
	return nil
}

// mustBeCustomer says whether the row is there: erased already is fine.
func (s *Store) mustBeCustomer(ctx context.Context, tx pgx.Tx, args pgx.NamedArgs) error {
	var there bool
	err := tx.QueryRow(ctx, `select exists (select from customer where organisation_id = @org and community_id = @com and id = @customer)`, args).Scan(&there)
	if err == nil && !there {
		err = community.ErrNotFound
	}
	return err
}
