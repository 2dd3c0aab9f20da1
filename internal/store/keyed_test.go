package store_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/foyer-app/foyer/internal/community"
	"github.com/foyer-app/foyer/internal/dbtest"
	"github.com/foyer-app/foyer/internal/store"
)

// event is one thing that a platform tells: of a person or of an act.
type event struct {
	who *community.Identity
	act *community.Activity
}

// keyedLife is what a platform tells whose later events name an act and not its
// moment, in the order in which it happened.
func keyedLife(r *rand.Rand, n int) []event {
	l := &keyedWorld{r: r, base: time.Date(2024, 3, 20, 22, 0, 0, 0, time.UTC)}
	for i := range n {
		l.step(i)
	}
	return l.events
}

type keyedWorld struct {
	r        *rand.Rand
	base     time.Time
	revision int64
	events   []event
	messages []community.Activity
	given    []community.Activity
}

func (l *keyedWorld) person() string {
	return fmt.Sprintf("%c%d", "pq"[l.r.IntN(5)/4], l.r.IntN(6))
}

func (l *keyedWorld) moment() time.Time {
	return l.base.Add(time.Duration(l.r.IntN(25*24*3600)) * time.Second)
}

func (l *keyedWorld) tell(a community.Activity) { l.events = append(l.events, event{act: &a}) }

func (l *keyedWorld) step(i int) {
	l.revision++
	r := l.r
	switch k := r.IntN(24); {
	case k < 9 || len(l.messages) == 0:
		l.write(i)
	case k < 14:
		l.react()
	case k < 16: // an edit
		m := l.messages[r.IntN(len(l.messages))]
		l.tell(community.Activity{
			Kind: community.Message, ExternalID: m.ExternalID, Revision: l.revision, Keyed: true, Actor: m.Actor,
			Features: community.Features{Length: r.IntN(90), Question: r.IntN(2) == 0, Link: r.IntN(2) == 0},
		})
	case k < 17: // taken back, for good or not
		m := l.messages[r.IntN(len(l.messages))]
		a := community.Activity{Kind: community.Message, ExternalID: m.ExternalID, Revision: community.Tombstone, Keyed: true, Deleted: true}
		if r.IntN(2) == 0 {
			a.Revision = l.revision
		}
		if r.IntN(8) == 0 {
			a.ExternalID = "k/m/never"
		}
		l.tell(a)
	case k < 19:
		l.tell(community.Activity{Kind: community.Join, ExternalID: fmt.Sprintf("k/j/%d", i), At: l.moment(), Actor: l.person(), Amount: 1})
	case k < 20:
		l.tell(community.Activity{Kind: community.Leave, ExternalID: fmt.Sprintf("k/l/%d", i), At: l.moment(), Actor: l.person(), Amount: 1, Detail: community.DetailLeft})
	case k < 22:
		l.introduce()
	default: // of the day: it has a moment and changes nothing
		m := l.messages[r.IntN(len(l.messages))]
		l.tell(m)
	}
}

func (l *keyedWorld) write(i int) {
	r := l.r
	a := community.Activity{
		Kind: community.Message, ExternalID: fmt.Sprintf("k/m/%d", i), At: l.moment(), Actor: l.person(), Channel: fmt.Sprintf("c%d", r.IntN(2)), Amount: 1,
		Features: community.Features{Length: r.IntN(90), Question: r.IntN(3) == 0}, Keyed: true,
	}
	if len(l.messages) > 0 && r.IntN(2) == 0 {
		a.Parent = l.messages[r.IntN(len(l.messages))].ExternalID
	}
	if r.IntN(12) == 0 {
		a.Parent = "k/m/never"
	}
	if r.IntN(4) == 0 {
		a.To = []string{l.person()}
	}
	if r.IntN(15) == 0 {
		a.Actor = ""
	}
	l.messages = append(l.messages, a)
	l.tell(a)
}

// react gives a reaction, or takes one back, or gives it again at another time.
func (l *keyedWorld) react() {
	r := l.r
	if len(l.given) > 0 && r.IntN(3) > 0 {
		a := l.given[r.IntN(len(l.given))]
		a.At, a.Revision = l.moment(), l.revision
		if r.IntN(2) == 0 {
			a.At, a.Deleted = time.Time{}, true
		}
		l.tell(a)
		return
	}
	m, who := l.messages[r.IntN(len(l.messages))], l.person()
	a := community.Activity{
		Kind: community.Reaction, ExternalID: "k/r/" + m.ExternalID + "/" + who, At: l.moment(), Actor: who, Channel: m.Channel,
		Parent: m.ExternalID, Amount: 1, Revision: l.revision, Keyed: true,
	}
	l.given = append(l.given, a)
	l.tell(a)
}

// introduce tells who somebody is: the same as another, in chains and circles, or
// of the team.
func (l *keyedWorld) introduce() {
	n := l.r.IntN(6)
	i := community.Identity{ExternalID: fmt.Sprintf("q%d", n)}
	switch l.r.IntN(6) {
	case 0:
		i.ExternalID, i.SameAs = "o1", fmt.Sprintf("q%d", l.r.IntN(2)+1)
	case 1:
		i.ExternalID, i.SameAs = "p1", "o1"
	case 2:
		i.ExternalID, i.Roles = "q5", []string{"Business"}
	case 3:
		i.ExternalID, i.Roles = "p4", []string{"business"}
	default:
		i.SameAs = fmt.Sprintf("p%d", n)
	}
	l.events = append(l.events, event{who: &i})
}

func batchOf(list []event) community.Batch {
	var b community.Batch
	for _, e := range list {
		if e.who != nil {
			b.Identities = append(b.Identities, *e.who)
		} else {
			b.Activities = append(b.Activities, *e.act)
		}
	}
	return b
}

// asFirstTold gives each keyed activity the moment under which it was delivered
// first, which is the one that stays.
func asFirstTold(life, delivered []event) []event {
	first := map[string]time.Time{}
	for _, e := range delivered {
		if e.act == nil || !e.act.Keyed || e.act.At.IsZero() {
			continue
		}
		if _, ok := first[e.act.ExternalID]; !ok {
			first[e.act.ExternalID] = e.act.At
		}
	}
	out := slices.Clone(life)
	for i, e := range out {
		if e.act != nil && e.act.Keyed && !e.act.At.IsZero() {
			a := *e.act
			a.At = first[a.ExternalID]
			out[i].act = &a
		}
	}
	return out
}

// TestKeyedLivesInAnyOrder delivers keyed lives shuffled, in portions, partly
// twice, by several intakes, with rollups in between: what stands at the end is
// what the same life gives in its order, and what a recomputation gives.
func TestKeyedLivesInAnyOrder(t *testing.T) {
	t.Parallel()
	seeds, err := strconv.ParseUint(os.Getenv("FOYER_TEST_LIVES"), 10, 32)
	if err != nil {
		seeds = 12
	}
	pool := dbtest.New(t)
	seen := map[string]int{}
	for seed := range seeds {
		r := rand.New(rand.NewPCG(seed, 5))
		life := keyedLife(r, 170)
		delivered := append(slices.Clone(life), life[:50]...)
		r.Shuffle(len(delivered), func(a, b int) { delivered[a], delivered[b] = delivered[b], delivered[a] })
		source := community.Source{Platform: "k", ExternalID: "one", Measures: community.Measures{ReplyLinks: seed%2 == 0}}
		s, c := keyedCommunity(t, pool, fmt.Sprintf("shuffled %d", seed))
		intakes := []*store.Intake{newIntake(t, s, c, source), newIntake(t, s, c, source), newIntake(t, s, c, source)}
		total := deliver(t, s, c, r, intakes, delivered)
		rollUpAll(t, s, c)
		readShares(t, s, c)
		got := portrait(t, pool, c.Scope)

		_, ordered := keyedCommunity(t, pool, fmt.Sprintf("ordered %d", seed))
		in := newIntake(t, s, ordered, source)
		for _, e := range asFirstTold(life, delivered) {
			if _, err := in.Store(t.Context(), batchOf([]event{e}), nil); err != nil {
				t.Fatal(err)
			}
		}
		rollUpAll(t, s, ordered)
		readShares(t, s, ordered)
		want := portrait(t, pool, ordered.Scope)
		recomputeAll(t, pool, s, c)
		readShares(t, s, c)
		anew := portrait(t, pool, c.Scope)
		for _, table := range slices.Sorted(maps.Keys(want)) {
			if diff := difference(got[table], anew[table]); diff != "" {
				t.Fatalf("seed %d: %s differs from a recomputation:\n%s", seed, table, diff)
			}
			if diff := difference(got[table], want[table]); diff != "" {
				t.Fatalf("seed %d: %s differs from what the order gives:\n%s", seed, table, diff)
			}
			seen[table] += len(got[table])
		}
		if total.Activities != len(got["activity"]) {
			t.Errorf("seed %d: %d activities were counted, %d are there", seed, total.Activities, len(got["activity"]))
		}
	}
	for table, n := range seen {
		if n == 0 {
			t.Errorf("no life had a row of %s: it is not tested", table)
		}
	}
}

func keyedCommunity(t *testing.T, pool *pgxpool.Pool, name string) (*store.Store, community.Community) {
	t.Helper()
	s, c := newCommunity(t, pool, name)
	if err := s.SetTeamRules(t.Context(), c.Scope, store.TeamRules{Roles: []string{"business"}}); err != nil {
		t.Fatal(err)
	}
	return s, c
}

// deliver stores events in portions and sums up what it did.
func deliver(t *testing.T, s *store.Store, c community.Community, r *rand.Rand, intakes []*store.Intake, list []event) store.Stored {
	t.Helper()
	var total store.Stored
	for len(list) > 0 {
		n := min(1+r.IntN(30), len(list))
		b := batchOf(list[:n])
		list = list[n:]
		done, err := intakes[r.IntN(len(intakes))].Store(t.Context(), b, nil)
		if err != nil {
			t.Fatal(err)
		}
		if sum := done.Activities + done.Updated + done.Waiting + done.Duplicates; sum != len(b.Activities) || done.TooEarly+done.TooLate > 0 {
			t.Fatalf("%+v of %d", done, len(b.Activities))
		}
		total.Activities += done.Activities
		if r.IntN(4) == 0 {
			rollUpAll(t, s, c)
			readShares(t, s, c)
		}
	}
	return total
}

// portrait is what stands of a community, without the numbers of rows.
func portrait(t *testing.T, pool *pgxpool.Pool, sc community.Scope) map[string][]string {
	t.Helper()
	names := func(sql string) map[float64]string {
		rows, err := pool.Query(store.Across(t.Context()), sql, sc.Community)
		if err != nil {
			t.Fatal(err)
		}
		out := map[float64]string{}
		var (
			id   int64
			name string
		)
		if _, err := pgx.ForEachRow(rows, []any{&id, &name}, func() error { out[float64(id)] = name; return nil }); err != nil {
			t.Fatal(err)
		}
		return out
	}
	n := portraitNames{
		identity: names(`select id, external_id from identity where community_id = $1`),
		member:   names(`select m.id, coalesce(min(i.external_id), 'nobody') from member m left join identity i on i.community_id = $1 and i.member_id = m.id where m.community_id = $1 group by m.id`),
		channel:  names(`select id, external_id from channel where community_id = $1`),
	}
	out := map[string][]string{}
	for _, table := range append(rollupTables(), "activity", "reply", "member", "identity", "keyed", "keyed_version", "keyed_child") {
		rows, err := pool.Query(store.Across(t.Context()), `select row_to_json(x)::text from `+table+` x where community_id = $1`, sc.Community)
		if err != nil {
			t.Fatal(err)
		}
		list, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			t.Fatal(err)
		}
		out[table] = []string{}
		for _, row := range list {
			out[table] = append(out[table], n.of(t, row))
		}
		slices.Sort(out[table])
	}
	return out
}

type portraitNames struct{ identity, member, channel map[float64]string }

func (n portraitNames) of(t *testing.T, row string) string {
	t.Helper()
	var m map[string]any
	if err := json.Unmarshal([]byte(row), &m); err != nil {
		t.Fatal(err)
	}
	if id, ok := m["id"].(float64); ok && m["external_id"] == nil { // a member
		m["id"] = n.member[id]
	} else {
		delete(m, "id")
	}
	for _, column := range []string{"organisation_id", "community_id", "connection_id", "created_at", "received_at", "name"} {
		delete(m, column)
	}
	for column, list := range map[string]map[float64]string{
		"member_id": n.member, "low_id": n.member, "high_id": n.member, "identity_id": n.identity, "parent_identity_id": n.identity, "channel_id": n.channel,
	} {
		if id, ok := m[column].(float64); ok {
			m[column] = fmt.Sprintf("%q", list[id]) // empty: of somebody who is no more
		}
	}
	if ids, ok := m["mentions"].([]any); ok {
		for i, id := range ids {
			ids[i] = n.identity[id.(float64)]
		}
	}
	if low, ok := m["low_id"].(string); ok && low > m["high_id"].(string) {
		m["low_id"], m["high_id"] = m["high_id"], m["low_id"]
		m["forward"], m["backward"] = m["backward"], m["forward"]
		m["last_forward"], m["last_backward"] = m["last_backward"], m["last_forward"]
	}
	text, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
