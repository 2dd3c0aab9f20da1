package store

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/foyer-app/foyer/internal/community"
)

// MemberFacts is what one needs to recognise a member before exporting or erasing
// what is kept about them.
type MemberFacts struct {
	ID         int64
	Name       string
	Handles    []string
	Emails     []string
	Platforms  []string
	Population int // 0 member, 1 team, 2 bot
	Identities int
	Messages   int64
	Reactions  int64
	Days       int64 // with a trace of them
	Erased     bool
}

// MemberFacts returns what is known of a member, or community.ErrNotFound.
func (s *Store) MemberFacts(ctx context.Context, sc community.Scope, member int64) (MemberFacts, error) {
	ctx = of(ctx, sc)
	f := MemberFacts{ID: member}
	err := s.pool.QueryRow(ctx, query("member_facts"), scoped(sc, pgx.NamedArgs{"member": member})).
		Scan(&f.Name, &f.Population, &f.Erased, &f.Handles, &f.Emails, &f.Platforms, &f.Identities, &f.Messages, &f.Reactions, &f.Days)
	if err != nil {
		return f, fmt.Errorf("store: member facts: %w", notFound(err))
	}
	return f, nil
}

// memberSection is a part of an export of everything about a member.
type memberSection struct{ name, sql string }

// memberSections are the parts in their order.
func memberSections() []memberSection {
	return []memberSection{
		{"member", query("member_export_member")},
		{"identities", query("member_export_identities")},
		{"activities", query("member_export_activities")},
		{"addressed", query("member_export_addressed")},
		{"memberships", query("member_export_memberships")},
		{"arrivals", query("member_export_arrivals")},
		{"days", query("member_export_days")},
		{"weeks", query("member_export_weeks")},
		{"exchanges", query("member_export_exchanges")},
	}
}

// MemberSections names the parts of an export of everything about a member.
func MemberSections() (names []string) {
	for _, n := range memberSections() {
		names = append(names, n.name)
	}
	return names
}

// ExportMember hands over everything that is kept about a member, section by
// section, each row as a JSON object; all of it is of one moment, and memory does
// not grow with it. begin is called before the rows of a section. Other members
// appear by their number only. community.ErrNotFound when there is no such member.
func (s *Store) ExportMember(ctx context.Context, sc community.Scope, member int64, begin func(section string) error, row func(json.RawMessage) error) error {
	ctx = of(ctx, sc)
	err := pgx.BeginTxFunc(ctx, s.pool, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		for i, section := range memberSections() {
			if i > 0 {
				if err := begin(section.name); err != nil {
					return err
				}
			}
			n, err := exportSection(ctx, tx, section.sql, scoped(sc, pgx.NamedArgs{"member": member}), func(r json.RawMessage) error {
				if i == 0 { // nothing begins before the member is found
					if err := begin(section.name); err != nil {
						return err
					}
				}
				return row(r)
			})
			if err == nil && i == 0 && n == 0 {
				err = community.ErrNotFound
			}
			if err != nil {
				return fmt.Errorf("%s: %w", section.name, err)
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("store: export member: %w", err)
	}
	return nil
}

func exportSection(ctx context.Context, tx pgx.Tx, sql string, args pgx.NamedArgs, write func(json.RawMessage) error) (n int, err error) {
	rows, err := tx.Query(ctx, sql, args)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	for ; rows.Next(); n++ {
		var r json.RawMessage
		if err := rows.Scan(&r); err != nil {
			return n, err
		}
		if err := write(r); err != nil {
			return n, err
		}
	}
	return n, rows.Err()
}
