package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/foyer-app/foyer/internal/community"
	"github.com/foyer-app/foyer/internal/linking"
)

// writeIdentityKeys keeps by what the identities that were written can be
// recognised among customers. Platforms make sure of addresses and numbers before
// they let somebody in.
func (in *Intake) writeIdentityKeys(ctx context.Context, tx pgx.Tx, pending map[string]community.Identity, ids map[string]int64) error {
	if in.store.keys == nil {
		return nil
	}
	rows := identityKeys{sc: in.community.Scope, seen: time.Now()}
	for external, p := range pending {
		if (p.Email == "" && p.Phone == "") || p.Bot {
			continue
		}
		c := community.Contact{Verified: true}
		if p.Email != "" {
			c.Emails = []string{p.Email}
		}
		if p.Phone != "" {
			c.Phones = []string{p.Phone}
		}
		rows.add(ids[clean(external)], in.store.contactKeys(in.community.Scope, c, nil))
	}
	return rows.write(ctx, tx)
}

// identityKeys are keys of identities as columns.
type identityKeys struct {
	sc       community.Scope
	seen     time.Time
	all, of  []int64
	kinds    []linking.Kind
	keys     [][]byte
	verified []bool
}

func (k *identityKeys) add(identity int64, list []contactKey) {
	k.all = append(k.all, identity)
	for _, key := range list {
		k.of, k.kinds, k.keys, k.verified = append(k.of, identity), append(k.kinds, key.kind), append(k.keys, key.key), append(k.verified, key.verified)
	}
}

// write adds the keys that are new and takes away e-mail keys that are outdated;
// who is who is then found anew.
func (k *identityKeys) write(ctx context.Context, tx pgx.Tx) error {
	if len(k.all) == 0 {
		return nil
	}
	var changed int
	err := tx.QueryRow(ctx, query("identity_keys"), scoped(k.sc, pgx.NamedArgs{
		"all": k.all, "of": k.of, "kinds": k.kinds, "keys": k.keys, "verified": k.verified, "seen": k.seen,
	})).Scan(&changed)
	if err != nil || changed == 0 {
		return err
	}
	return touchTrade(ctx, tx, k.sc)
}

// KeyIdentities makes the keys of identities that were stored before there were
// keys, some thousands at a time; it returns how many it made keys for.
func (s *Store) KeyIdentities(ctx context.Context, sc community.Scope) (int, error) {
	ctx = of(ctx, sc)
	if s.keys == nil {
		return 0, ErrNoKeys
	}
	made := 0
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, intakeLock, scoped(sc, nil)); err != nil {
			return err
		}
		rows, err := tx.Query(ctx, `select i.id, i.email from identity i where i.organisation_id = @org and i.community_id = @com and i.email <> '' and not i.bot
			and not exists (select from contact_key k where k.organisation_id = @org and k.community_id = @com and k.identity_id = i.id)
			and i.id > (select keyed_to from community where organisation_id = @org and id = @com) order by i.id limit 5000`, scoped(sc, nil))
		if err != nil {
			return err
		}
		keys := identityKeys{sc: sc, seen: time.Now()}
		var (
			id    int64
			email string
		)
		if _, err := pgx.ForEachRow(rows, []any{&id, &email}, func() error {
			keys.add(id, s.contactKeys(sc, community.Contact{Emails: []string{email}, Verified: true}, nil))
			return nil
		}); err != nil {
			return err
		}
		made = len(keys.all)
		if made == 0 {
			return nil
		}
		if _, err := tx.Exec(ctx, `update community set keyed_to = @id where organisation_id = @org and id = @com`, scoped(sc, pgx.NamedArgs{"id": id})); err != nil {
			return err
		}
		return keys.write(ctx, tx)
	})
	return made, err
}
