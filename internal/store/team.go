package store

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/foyer-app/foyer/internal/community"
)

// TeamRules say who counts as team without being marked one by one.
type TeamRules struct {
	Domains []string // of e-mail addresses, lower case, without @
	Roles   []string // of a platform, lower case
}

// TeamRules returns a community's rules.
func (s *Store) TeamRules(ctx context.Context, sc community.Scope) (TeamRules, error) {
	ctx = of(ctx, sc)
	var r TeamRules
	err := s.pool.QueryRow(ctx, `select team_domains, team_roles from community where organisation_id = @org and id = @com`,
		scoped(sc, nil)).Scan(&r.Domains, &r.Roles)
	if err != nil {
		return r, fmt.Errorf("store: team rules: %w", notFound(err))
	}
	return r, nil
}

// SetTeamRules replaces the rules and applies them to everybody who was not
// marked by hand; figures follow with the next rollup.
func (s *Store) SetTeamRules(ctx context.Context, sc community.Scope, r TeamRules) error {
	ctx = of(ctx, sc)
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `update community set team_domains = @domains, team_roles = @roles
			where organisation_id = @org and id = @com`, scoped(sc, pgx.NamedArgs{"domains": some(r.Domains), "roles": some(r.Roles)}))
		if err != nil {
			return err
		}
		if tag.RowsAffected() == 0 {
			return community.ErrNotFound
		}
		return applyPopulation(ctx, tx, sc, nil)
	})
	if err != nil {
		return fmt.Errorf("store: set team rules: %w", err)
	}
	return nil
}

func some(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

// MarkTeam says by hand who is team and who is not; it stays whatever the rules
// say. Members of other communities and bots are left alone.
func (s *Store) MarkTeam(ctx context.Context, sc community.Scope, members []int64, team bool) error {
	ctx = of(ctx, sc)
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		population := 0
		if team {
			population = 1
		}
		tag, err := tx.Exec(ctx, `update member set population = @population, population_by = 'hand'
			where organisation_id = @org and community_id = @com and id = any (@members) and population <> 2 and erased_at is null
				and (population <> @population or population_by <> 'hand')`,
			scoped(sc, pgx.NamedArgs{"members": members, "population": population}))
		if err != nil || tag.RowsAffected() == 0 {
			return err
		}
		return markAllDays(ctx, tx, sc)
	})
	if err != nil {
		return fmt.Errorf("store: mark team: %w", err)
	}
	return nil
}

// Person is a member as the team page lists them.
type Person struct {
	ID         int64
	Name       string
	Handles    []string
	Platforms  []string
	Roles      []string
	Population int    // 0 member, 1 team, 2 bot
	By         string // hand, role, domain, platform or empty
	Messages   int64
	LastActive time.Time // day of the last activity; zero when there is none
}

// People searches members by name, handle or e-mail, those with most messages
// first. It returns one more than asked when there are more.
func (s *Store) People(ctx context.Context, sc community.Scope, search string, population *int, offset, limit int) ([]Person, error) {
	ctx = of(ctx, sc)
	rows, err := s.pool.Query(ctx, query("people_search"), scoped(sc, pgx.NamedArgs{
		"search": clean(search), "population": population, "offset": offset, "limit": limit,
	}))
	if err != nil {
		return nil, fmt.Errorf("store: people: %w", err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (Person, error) {
		var p Person
		err := row.Scan(&p.ID, &p.Name, &p.Handles, &p.Platforms, &p.Roles, &p.Population, &p.By, &p.Messages, &p.LastActive)
		if p.LastActive.Unix() == 0 {
			p.LastActive = time.Time{}
		}
		return p, err
	})
	if err != nil {
		return nil, fmt.Errorf("store: people: %w", err)
	}
	return list, nil
}
