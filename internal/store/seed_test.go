package store_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/foyer-app/foyer/internal/store"
)

// seeder writes a row into every table that has rows of organisations, whatever
// tables there are: it goes by the catalogue.
type seeder struct {
	testing.TB
	owner *pgxpool.Pool // nothing binds it but the constraints
}

// column is what the catalogue says of one.
type column struct {
	Name, Type string
	Needed     bool // not null and without a default
	Identity   bool
}

func (s seeder) columns(table string) []column {
	s.Helper()
	rows, err := s.owner.Query(s.Context(), `select a.attname, format_type(a.atttypid, null), a.attnotnull and not a.atthasdef and a.attidentity = '', a.attidentity <> ''
		from pg_attribute a where a.attrelid = $1::regclass and a.attnum > 0 and not a.attisdropped order by a.attnum`, table)
	if err != nil {
		s.Fatal(err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[column])
	if err != nil {
		s.Fatal(err)
	}
	return list
}

var firstChoice = regexp.MustCompile(`\((\w+) = ANY \(\(?ARRAY\['([^']+)'`)

// choices are the first values that check constraints allow.
func (s seeder) choices(table string) map[string]string {
	s.Helper()
	rows, err := s.owner.Query(s.Context(), `select pg_get_constraintdef(oid) from pg_constraint where conrelid = $1::regclass and contype = 'c'`, table)
	if err != nil {
		s.Fatal(err)
	}
	defs, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		s.Fatal(err)
	}
	out := map[string]string{}
	for _, d := range defs {
		if m := firstChoice.FindStringSubmatch(d); m != nil {
			out[m[1]] = m[2]
		}
	}
	return out
}

// references are the columns that point to another table: to which column of it.
func (s seeder) references(table string) map[string][2]string {
	s.Helper()
	rows, err := s.owner.Query(s.Context(), `select a.attname, k.confrelid::regclass::text, b.attname
		from pg_constraint k cross join lateral unnest(k.conkey, k.confkey) as u (own, other)
		join pg_attribute a on a.attrelid = k.conrelid and a.attnum = u.own join pg_attribute b on b.attrelid = k.confrelid and b.attnum = u.other
		where k.conrelid = $1::regclass and k.contype = 'f'`, table)
	if err != nil {
		s.Fatal(err)
	}
	out := map[string][2]string{}
	var own, other, key string
	if _, err := pgx.ForEachRow(rows, []any{&own, &other, &key}, func() error { out[own] = [2]string{other, key}; return nil }); err != nil {
		s.Fatal(err)
	}
	return out
}

// row inserts one row of an organisation; an error is a reference that is not there yet.
func (s seeder) row(table string, organisation, com int64) error {
	s.Helper()
	var names, values []string
	choices, refs := s.choices(table), s.references(table)
	for _, c := range s.columns(table) {
		value := ""
		switch ref, points := refs[c.Name]; {
		case c.Name == "organisation_id":
			value = fmt.Sprint(organisation)
		case c.Name == "community_id":
			value = fmt.Sprint(com)
		case points && ref[0] != "app_user" && ref[0] != "organisation":
			value = fmt.Sprintf("(select %s from %s where organisation_id = %d order by 1 limit 1)", ref[1], ref[0], organisation)
		case points:
			value = fmt.Sprintf("(select max(id) from %s)", ref[0])
		case c.Identity || !c.Needed:
			continue
		case choices[c.Name] != "":
			value = "'" + choices[c.Name] + "'"
		default:
			value = sample(c.Type)
		}
		names, values = append(names, `"`+c.Name+`"`), append(values, value)
	}
	_, err := s.owner.Exec(store.Across(s.Context()), `insert into `+table+` (`+strings.Join(names, ", ")+`) values (`+strings.Join(values, ", ")+`)`)
	return err
}

// sample is a value of a type.
func sample(kind string) string {
	switch {
	case strings.HasSuffix(kind, "[]"):
		return "'{}'"
	case kind == "bytea":
		return `decode(md5(random()::text), 'hex')`
	case kind == "text" || strings.HasPrefix(kind, "character"):
		return "left(md5(random()::text), 12)"
	case kind == "jsonb" || kind == "json":
		return "'{}'"
	case kind == "boolean":
		return "false"
	case kind == "date":
		return "'2024-05-01'"
	case strings.HasPrefix(kind, "timestamp"):
		return "'2024-05-01T12:00:00Z'"
	case kind == "uuid":
		return "gen_random_uuid()"
	case kind == "inet":
		return "'192.0.2.1'"
	}
	return "(random() * 1000)::int + 1"
}

// fill writes a row into every table, in whatever order the references ask for.
func (s seeder) fill(tables []string, organisation, com int64) {
	s.Helper()
	left := slices.Clone(tables)
	for len(left) > 0 {
		var again []string
		var last error
		for _, table := range left {
			if err := s.row(table, organisation, com); err != nil {
				again, last = append(again, table), fmt.Errorf("%s: %w", table, err)
			}
		}
		if len(again) == len(left) {
			s.Fatalf("no row can be written into %v: the seeder must learn how: %v", again, last)
		}
		left = again
	}
}

// rows dumps all tables' rows of an organisation.
func (s seeder) rows(tables []string, organisation int64, where string) map[string][]string {
	s.Helper()
	out := map[string][]string{}
	for _, table := range tables {
		if where != "" && !slices.ContainsFunc(s.columns(table), func(c column) bool { return c.Name == "community_id" }) {
			continue
		}
		rows, err := s.owner.Query(store.Across(s.Context()), `select x::text from `+table+` x where organisation_id = $1 `+where+` order by 1`, organisation)
		if err != nil {
			s.Fatal(err)
		}
		list, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			s.Fatal(err)
		}
		out[table] = list
	}
	return out
}
