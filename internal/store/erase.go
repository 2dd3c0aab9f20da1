package store

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/foyer-app/foyer/internal/community"
)

// Erasing a member keeps what was counted and forgets whom it was about:
//
//   - the member's row stays without a name, in the population it was counted in,
//     so that no figure of any day changes;
//   - its identities lose external id, name, handle, e-mail and roles;
//   - its reactions, arrivals, departures and calls get keys that do not tell whose
//     they are. A message keeps its key, which names a place and a moment: answers
//     of others find it by that;
//   - payloads, refused lines and file names that speak of the person go;
//   - a fingerprint of each external id stays, which only the keys of this instance
//     can make. What comes again under that id is left out, neither stored nor
//     counted: what was counted before is still there and would count twice.

// Fingerprints makes fingerprints that only the holder of the keys can make.
type Fingerprints interface {
	MAC(purpose string, parts ...[]byte) []byte
}

// ErrNoKeys says that people were erased from a community and that without the
// keys nobody can tell whether somebody is one of them.
var ErrNoKeys = errors.New("the keys of this instance are needed: people were erased")

// Keys are the keys of this instance: they make fingerprints, and seal.
type Keys interface {
	Fingerprints
	Open(purpose string, sealed []byte) ([]byte, error)
	Seal(purpose string, plain []byte) []byte
}

// WithKeys returns the store with the keys that make fingerprints.
func (s *Store) WithKeys(f Keys) *Store {
	other := *s
	other.keys, other.makers = f, &makers{}
	return &other
}

// fingerprint stands for an external id among the erased of a community.
func (s *Store) fingerprint(sc community.Scope, p community.Platform, external string) []byte {
	return s.keys.MAC("suppression", number(sc.Organisation), number(sc.Community), []byte(p), []byte(external))
}

func number(n int64) []byte { return strconv.AppendInt(nil, n, 10) }

// Erasure counts what an erasure removed.
type Erasure struct {
	Already    bool // it was done before; nothing was left to do
	Identities int
	Activities int // under another key now
	Payloads   int
	Lines      int // refused ones
}

// erasedMark stands where an identity had its external id.
const erasedMark = "erased/"

// intakeLock makes one writer of a community go after the other.
const intakeLock = `select pg_advisory_xact_lock(hashtextextended(format('intake/%s/%s', @org::bigint, @com::bigint), 0))`

// EraseMember forgets who a member is, for good, in one transaction. Doing it
// again changes nothing. community.ErrNotFound when there is no such member.
func (s *Store) EraseMember(ctx context.Context, sc community.Scope, member int64) (Erasure, error) {
	return s.eraseMember(ctx, sc, member, true)
}

// eraseMember is EraseMember; forever says that the person asked for it, and is
// left out when they come again.
func (s *Store) eraseMember(ctx context.Context, sc community.Scope, member int64, forever bool) (Erasure, error) {
	ctx = of(ctx, sc)
	var done Erasure
	if s.keys == nil {
		return done, fmt.Errorf("store: erase member: %w", ErrNoKeys)
	}
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, intakeLock, scoped(sc, nil)); err != nil {
			return err
		}
		var name string
		args := scoped(sc, pgx.NamedArgs{"member": member})
		err := tx.QueryRow(ctx, `select name, erased_at is not null from member
			where organisation_id = @org and community_id = @com and id = @member for update`, args).Scan(&name, &done.Already)
		if err != nil || done.Already {
			return notFound(err)
		}
		who, err := identitiesOf(ctx, tx, sc, member)
		if err != nil {
			return err
		}
		done.Identities = len(who)
		if forever {
			if err := s.suppress(ctx, tx, sc, who); err != nil {
				return err
			}
			if done.Activities, err = s.rekey(ctx, tx, sc, who); err != nil {
				return err
			}
		}
		words := wordsOf(name, who)
		err = tx.QueryRow(ctx, query("member_scrub"), scoped(sc, pgx.NamedArgs{"words": words})).Scan(&done.Payloads, &done.Lines, new(int))
		if err != nil {
			return err
		}
		return forget(ctx, tx, args)
	})
	if err != nil {
		return Erasure{}, fmt.Errorf("store: erase member: %w", err)
	}
	return done, nil
}

// person is an identity as erasing needs it.
type person struct {
	ID       int64
	Platform community.Platform
	External string
	Name     string
	Handle   string
	Email    string
}

func identitiesOf(ctx context.Context, tx pgx.Tx, sc community.Scope, member int64) ([]person, error) {
	rows, err := tx.Query(ctx, `select id, platform, external_id, name, handle, email from identity
		where organisation_id = @org and community_id = @com and member_id = @member`, scoped(sc, pgx.NamedArgs{"member": member}))
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[person])
}

func (s *Store) suppress(ctx context.Context, tx pgx.Tx, sc community.Scope, who []person) error {
	var prints [][]byte
	for _, p := range who {
		prints = append(prints, s.fingerprint(sc, p.Platform, p.External))
	}
	_, err := tx.Exec(ctx, `insert into suppression (organisation_id, community_id, fingerprint)
		select @org, @com, unnest(@prints::bytea[]) on conflict do nothing`, scoped(sc, pgx.NamedArgs{"prints": prints}))
	return err
}

// rekeyAtOnce bounds the activities of one statement.
const rekeyAtOnce = 5000

// rekey gives activities of the person other than messages keys that do not tell
// whose they are.
func (s *Store) rekey(ctx context.Context, tx pgx.Tx, sc community.Scope, who []person) (int, error) {
	external := map[int64]string{}
	var ids []int64
	for _, p := range who {
		external[p.ID], ids = p.External, append(ids, p.ID)
	}
	rows, err := tx.Query(ctx, `select occurred_at, key, kind, identity_id from activity
		where organisation_id = @org and community_id = @com and identity_id = any (@ids) and kind <> 1`,
		scoped(sc, pgx.NamedArgs{"ids": ids}))
	if err != nil {
		return 0, err
	}
	var (
		at          []time.Time
		keys, fresh []string
		when        time.Time
		key         string
		kind        int16
		id          int64
	)
	_, err = pgx.ForEachRow(rows, []any{&when, &key, &kind, &id}, func() error {
		at, keys, fresh = append(at, when), append(keys, key), append(fresh, s.anonymousKey(sc, key, community.Kind(kind), external[id]))
		return nil
	})
	if err != nil {
		return 0, err
	}
	for from := 0; from < len(at); from += rekeyAtOnce {
		to := min(from+rekeyAtOnce, len(at))
		_, err := tx.Exec(ctx, query("member_rekey"), scoped(sc, pgx.NamedArgs{"at": at[from:to], "keys": keys[from:to], "fresh": fresh[from:to]}))
		if err != nil {
			return 0, err
		}
	}
	return len(at), nil
}

// anonymousKey is the key of an activity without its person. A reaction keeps its
// beginning, up to the giver: the count of nameless reactions goes by that.
func (s *Store) anonymousKey(sc community.Scope, key string, kind community.Kind, external string) string {
	if strings.Contains(key, "/"+erasedMark) {
		return key
	}
	mac := hex.EncodeToString(s.keys.MAC("activity key", number(sc.Organisation), number(sc.Community), []byte(key))[:12])
	if kind == community.Reaction {
		if start, ok := strings.CutSuffix(key, "/"+external); ok {
			return start + "/" + erasedMark + mac
		}
	}
	platform, _, _ := strings.Cut(key, "/")
	return platform + "/" + erasedMark + mac
}

// shortestWord bounds what is searched for in foreign texts: shorter words are
// found everywhere.
const shortestWord = 3

// wordsOf are what the person is called.
func wordsOf(name string, who []person) []string {
	words := []string{}
	for _, w := range append([]string{name}, everyName(who)...) {
		if len(w) >= shortestWord {
			words = append(words, w)
		}
	}
	return words
}

func everyName(who []person) (all []string) {
	for _, p := range who {
		local := p.External[strings.LastIndexAny(p.External, ":/")+1:]
		all = append(all, p.External, local, p.Name, p.Handle, p.Email)
	}
	return all
}

// forget takes away the names.
func forget(ctx context.Context, tx pgx.Tx, args pgx.NamedArgs) error {
	const theirs = `(select id from identity where organisation_id = @org and community_id = @com and member_id = @member)`
	for _, sql := range []string{
		`delete from contact_key where organisation_id = @org and community_id = @com and identity_id in ` + theirs,
		`delete from link where organisation_id = @org and community_id = @com and (identity_a in ` + theirs + ` or identity_b in ` + theirs + `)`,
		`delete from never_link where organisation_id = @org and community_id = @com and (identity_a in ` + theirs + ` or identity_b in ` + theirs + `)`,
		`delete from link_suggestion where organisation_id = @org and community_id = @com and (identity_a in ` + theirs + ` or identity_b in ` + theirs + `)`,
		`delete from person_part where organisation_id = @org and community_id = @com and member_id = @member`,
		`delete from promo_code where organisation_id = @org and community_id = @com and member_id = @member`,
		`update community set traded = traded + 1 where organisation_id = @org and id = @com`,
		`update identity set external_id = '` + erasedMark + `' || id, name = '', handle = '', email = '', roles = '{}', guest = false, outside = false
			where organisation_id = @org and community_id = @com and member_id = @member`,
		`update member set name = '', population_by = 'erased', erased_at = now()
			where organisation_id = @org and community_id = @com and id = @member`,
		`update community set erasures = erasures + 1 where organisation_id = @org and id = @com`,
	} {
		if _, err := tx.Exec(ctx, sql, args); err != nil {
			return err
		}
	}
	return nil
}

// Suppressed counts the fingerprints of an organisation's erased people.
func (s *Store) Suppressed(ctx context.Context, organisation int64) (int, error) {
	ctx = within(ctx, organisation)
	var n int
	err := s.pool.QueryRow(ctx, `select count(*) from suppression where organisation_id = $1`, organisation).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("store: suppressed: %w", err)
	}
	return n, nil
}
