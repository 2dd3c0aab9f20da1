package store_test

import (
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/foyer-app/foyer/internal/community"
	"github.com/foyer-app/foyer/internal/dbtest"
	"github.com/foyer-app/foyer/internal/store"
)

// TestEveryQueryPrepares parses all embedded SQL against the migrated schema.
func TestEveryQueryPrepares(t *testing.T) {
	t.Parallel()
	conn, err := dbtest.New(t).Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Release()
	if _, err := conn.Exec(t.Context(), store.Query("rollup_scratch")); err != nil {
		t.Fatal(err)
	}
	names, err := store.Queries()
	if err != nil || len(names) < 30 {
		t.Fatalf("%d queries, %v", len(names), err)
	}
	for _, name := range names {
		if name == "rollup_scratch" {
			continue // several statements, run above
		}
		sql, _, err := pgx.NamedArgs{}.RewriteQuery(t.Context(), conn.Conn(), store.Query(name), nil)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if _, err := conn.Conn().Prepare(t.Context(), name, sql); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestEveryQueryIsThere looks up every name given to query().
func TestEveryQueryIsThere(t *testing.T) {
	t.Parallel()
	sources, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	asked := map[string]bool{}
	for _, source := range sources {
		file, err := parser.ParseFile(token.NewFileSet(), source, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CallExpr:
				if f, ok := n.Fun.(*ast.Ident); ok && f.Name == "query" && len(n.Args) == 1 {
					if lit, ok := n.Args[0].(*ast.BasicLit); ok {
						name, _ := strconv.Unquote(lit.Value)
						asked[name] = true
					}
				}
			case *ast.BasicLit:
				if name, err := strconv.Unquote(n.Value); err == nil && len(name) > 7 && (strings.HasPrefix(name, "rollup_") || strings.HasPrefix(name, "trade_") || strings.HasPrefix(name, "link_")) {
					asked[name] = true
				}
			}
			return true
		})
	}
	names, err := store.Queries()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if !asked[name] {
			t.Errorf("sql/%s.sql is not used", name)
		}
		delete(asked, name)
	}
	for name := range asked {
		t.Errorf("sql/%s.sql does not exist", name)
	}
}

// TestAnotherTenantSeesNothing asks every reading method for another
// organisation's community.
func TestAnotherTenantSeesNothing(t *testing.T) {
	t.Parallel()
	pool := dbtest.New(t)
	s, c := newCommunity(t, pool, "Ours")
	fill(t, s, c)
	i := store.Import{Scope: c.Scope, TimeZone: "UTC", Paths: []string{"/x"}, Names: []string{"x"}}
	if err := s.Begin(t.Context(), c.Organisation, func(tx pgx.Tx) (err error) {
		i.ID, err = s.CreateImport(t.Context(), tx, i)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	foreign := community.Scope{Organisation: otherOrganisation(t, pool), Community: c.Scope.Community}
	for name, err := range map[string]error{
		"community":  second(s.Community(t.Context(), foreign)),
		"named":      second(s.CommunityNamed(t.Context(), foreign.Organisation, "Ours")),
		"import":     second(s.Import(t.Context(), foreign, i.ID)),
		"team rules": second(s.TeamRules(t.Context(), foreign)),
		"connection": second(s.ConnectionByID(t.Context(), foreign, 1)),
		"set rules":  s.SetTeamRules(t.Context(), foreign, store.TeamRules{Domains: []string{"x.example"}}),
	} {
		if !errors.Is(err, community.ErrNotFound) {
			t.Errorf("%s: %v, want not found", name, err)
		}
	}
	theirs := c
	theirs.Scope = foreign
	series, err := s.Series(t.Context(), theirs, year(), year())
	if err != nil {
		t.Fatal(err)
	}
	if !series.Empty || len(series.Days) > 0 || len(series.Shares[year()]) > 0 {
		t.Errorf("the series of another tenant holds something: %+v", series)
	}
	people, err := s.People(t.Context(), foreign, "", nil, 0, 10)
	if err != nil || len(people) != 0 {
		t.Errorf("people: %v, %v", people, err)
	}
	rows := 0
	err = s.ExportActivities(t.Context(), theirs, year(), func(store.ExportedActivity) error { rows++; return nil })
	if err != nil || rows != 0 {
		t.Errorf("export: %d rows, %v", rows, err)
	}
	if err := s.MarkTeam(t.Context(), foreign, []int64{1, 2, 3, 4}, true); err != nil {
		t.Fatal(err)
	}
	var marked int
	if err := pool.QueryRow(store.Across(t.Context()), `select count(*) from member where population_by = 'hand'`).Scan(&marked); err != nil || marked != 0 {
		t.Errorf("another tenant marked %d members, %v", marked, err)
	}
}

func second[T any](_ T, err error) error { return err }

func otherOrganisation(t testing.TB, pool *pgxpool.Pool) int64 {
	t.Helper()
	var id int64
	if err := pool.QueryRow(store.Across(t.Context()), `insert into organisation (name) values ('Next door') returning id`).Scan(&id); err != nil {
		t.Fatal(err)
	}
	return id
}

func year() community.Window {
	return community.Window{From: community.NewDate(2024, 1, 1), To: community.NewDate(2025, 1, 1)}
}

// fill stores and rolls up a small known life: see TestSeries.
func fill(t testing.TB, s *store.Store, c community.Community) {
	t.Helper()
	in := newIntake(t, s, c, community.Source{
		Platform: "x", ExternalID: "1", Measures: community.Measures{Joins: true, Leaves: true, Reactions: true, ReplyLinks: true},
	})
	at := func(day, hour int) time.Time { return time.Date(2024, 5, day, hour, 0, 0, 0, time.UTC) }
	message := func(id, who string, when time.Time) community.Activity {
		return community.Activity{Kind: community.Message, ExternalID: "x/" + id, At: when, Actor: who, Channel: "general", Amount: 1}
	}
	ask := message("q", "ada", at(2, 10))
	ask.Features.Question = true
	answer := message("a", "bob", at(2, 11))
	answer.Parent, answer.ParentAt = ask.ExternalID, ask.At
	thanks := message("t", "ada", at(3, 9))
	thanks.To = []string{"bob"}
	team := message("s", "tim", at(2, 12))
	team.Parent, team.ParentAt = ask.ExternalID, ask.At
	b := community.Batch{
		Identities: []community.Identity{{ExternalID: "ada", Name: "Ada"}, {ExternalID: "tim", Name: "Tim", Email: "tim@brand.example"}, {ExternalID: "robot", Bot: true}},
		Activities: []community.Activity{
			{Kind: community.Join, ExternalID: "x/j1", At: at(1, 8), Actor: "ada", Amount: 1},
			{Kind: community.Join, ExternalID: "x/j2", At: at(1, 9), Actor: "bob", Amount: 1},
			ask, answer, thanks, team, message("r", "robot", at(2, 13)),
			{Kind: community.Leave, ExternalID: "x/l1", At: at(4, 8), Actor: "bob", Amount: 1, Detail: community.DetailKicked},
		},
	}
	if err := s.SetTeamRules(t.Context(), c.Scope, store.TeamRules{Domains: []string{"brand.example"}}); err != nil {
		t.Fatal(err)
	}
	if _, err := in.Store(t.Context(), b, nil); err != nil {
		t.Fatal(err)
	}
	rollUpAll(t, s, c)
}

func TestSeries(t *testing.T) {
	t.Parallel()
	s, c := newCommunity(t, dbtest.New(t), "Small")
	fill(t, s, c)
	w := community.Window{From: community.NewDate(2024, 5, 1), To: community.NewDate(2024, 5, 8)}
	series, err := s.Series(t.Context(), c, w, w)
	if err != nil {
		t.Fatal(err)
	}
	sum := func(p community.Population, f func(*community.Tally) int) int { return series.Sum(w, p, f) }
	for name, got := range map[string][2]int{
		"actives":       {series.Actives(w, community.Members), 2},
		"with the team": {series.Actives(w, community.Everyone), 3},
		"present":       {series.Present(w, community.Members), 2},
		"present after": {series.PresentAt(w.To, community.Members), 1},
		"mutual pairs":  {series.Mutual(w), 1},
		"joins":         {sum(community.Members, func(t *community.Tally) int { return t.Joins }), 2},
		"activated":     {sum(community.Members, func(t *community.Tally) int { return t.Activated }), 2},
		"kicked":        {sum(community.Members, func(t *community.Tally) int { return t.Kicked }), 1},
		"messages":      {sum(community.Members, func(t *community.Tally) int { return t.Messages }), 3},
		"of the team":   {sum(community.Team, func(t *community.Tally) int { return t.Messages }), 1},
		"to members":    {sum(community.Everyone, func(t *community.Tally) int { return t.ToMembers }), 3},
		"shares":        {len(series.Shares[w]), 2},
	} {
		if got[0] != got[1] {
			t.Errorf("%s: %d, want %d", name, got[0], got[1])
		}
	}
	q := series.In(community.Window{From: w.From + 1, To: w.From + 2})[0].Questions
	if len(q.PeerDelays) != 1 || q.PeerDelays[0] != 3600 || q.Asked() != 1 {
		t.Errorf("questions: %+v", q)
	}
	if bots := series.In(w)[1].Bots; bots != 1 {
		t.Errorf("%d messages by bots, want 1", bots)
	}
}

// TestMarkingTeamMovesTheFigures marks by hand, and unmarks.
func TestMarkingTeamMovesTheFigures(t *testing.T) {
	t.Parallel()
	s, c := newCommunity(t, dbtest.New(t), "Team")
	fill(t, s, c)
	people, err := s.People(t.Context(), c.Scope, "ada", nil, 0, 10)
	if err != nil || len(people) != 1 {
		t.Fatalf("people: %+v, %v", people, err)
	}
	actives := func() int {
		rollUpAll(t, s, c)
		series, err := s.Series(t.Context(), c, year())
		if err != nil {
			t.Fatal(err)
		}
		return series.Actives(year(), community.Members)
	}
	for _, step := range []struct {
		team bool
		want int
	}{{true, 1}, {false, 2}} {
		if err := s.MarkTeam(t.Context(), c.Scope, []int64{people[0].ID}, step.team); err != nil {
			t.Fatal(err)
		}
		if got := actives(); got != step.want {
			t.Errorf("team %v: %d active members, want %d", step.team, got, step.want)
		}
	}
	// What was said by hand stays when the rules change.
	if err := s.SetTeamRules(t.Context(), c.Scope, store.TeamRules{}); err != nil {
		t.Fatal(err)
	}
	if got := actives(); got != 3 {
		t.Errorf("without the rule: %d active members, want 3", got)
	}
}

func TestTimeZoneMovesDays(t *testing.T) {
	t.Parallel()
	s, c := newCommunity(t, dbtest.New(t), "Zone")
	in := newIntake(t, s, c, community.Source{Platform: "x", ExternalID: "1"})
	late := time.Date(2024, 5, 1, 23, 30, 0, 0, time.UTC) // already the 2nd in Paris
	if _, err := in.Store(t.Context(), community.Batch{Activities: []community.Activity{
		{Kind: community.Message, ExternalID: "x/1", At: late, Actor: "ada", Amount: 1},
	}}, nil); err != nil {
		t.Fatal(err)
	}
	rollUpAll(t, s, c)
	day := func() string {
		series, err := s.Series(t.Context(), c, year())
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range series.Days {
			if d.Members.Messages > 0 {
				return d.Date.String()
			}
		}
		return "none"
	}
	if got := day(); got != "2024-05-02" {
		t.Errorf("in Paris the message lies on %s", got)
	}
	if err := s.SetTimeZone(t.Context(), c.Scope, time.UTC); err != nil {
		t.Fatal(err)
	}
	rollUpAll(t, s, c)
	if got := day(); got != "2024-05-01" {
		t.Errorf("in UTC the message lies on %s", got)
	}
}

// TestOddNames stores foreign names whatever bytes they hold.
func TestOddNames(t *testing.T) {
	t.Parallel()
	s, c := newCommunity(t, dbtest.New(t), "Odd")
	in := newIntake(t, s, c, community.Source{Platform: "x", ExternalID: "1"})
	odd := "a\x00b\xff" + strings.Repeat("é", 400)
	if _, err := in.Store(t.Context(), community.Batch{
		Identities: []community.Identity{{ExternalID: odd, Name: odd, Roles: []string{`"{`, odd}}},
		Activities: []community.Activity{{Kind: community.Message, ExternalID: "x/" + odd, At: time.Now(), Actor: odd, Channel: odd, To: []string{odd}, Amount: 1}},
	}, nil); err != nil {
		t.Fatal(err)
	}
	people, err := s.People(t.Context(), c.Scope, "", nil, 0, 10)
	if err != nil || len(people) != 1 || len(people[0].Name) > 500 || people[0].Roles[0] == "" {
		t.Errorf("people: %+v, %v", people, err)
	}
}
