package store_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/foyer-app/foyer/internal/community"
	"github.com/foyer-app/foyer/internal/dbtest"
	"github.com/foyer-app/foyer/internal/store"
)

// Run with FOYER_TEST_DURABLE=1 (make bench does): else the cluster is in memory.

// portion is a batch of messages by Zipf-distributed people, a third of them
// replies, as an export in the order of time gives them.
func portion(r *rand.Rand, n, from int) community.Batch {
	zipf := rand.NewZipf(r, 1.1, 8, 5000)
	base := time.Date(2023, 1, 1, 0, 0, 0, 0, time.UTC)
	list := make([]community.Activity, n)
	for i := range list {
		id := from + i
		list[i] = community.Activity{
			Kind: community.Message, ExternalID: fmt.Sprintf("x/m/%012d", id), At: base.Add(time.Duration(id) * 20 * time.Second),
			Actor: fmt.Sprintf("u%d", zipf.Uint64()), Channel: fmt.Sprintf("c%d", id%12), Amount: 1,
			Features: community.Features{Length: 40, Question: id%9 == 0},
		}
		if id%3 == 0 && i > 10 {
			p := list[i-1-r.IntN(10)]
			list[i].Parent, list[i].ParentAt = p.ExternalID, p.At
		}
	}
	return community.Batch{Activities: list}
}

// BenchmarkIntake stores portions of 5,000 messages; "copy" is the yardstick: the
// same rows by COPY into the same table and nothing else.
func BenchmarkIntake(b *testing.B) {
	const size = 5000
	pool := dbtest.New(b)
	s, c := newCommunity(b, pool, "bench")
	in := newIntake(b, s, c, community.Source{Platform: "x", ExternalID: "1", Measures: community.Measures{ReplyLinks: true}})
	b.Run("store", func(b *testing.B) {
		r := rand.New(rand.NewPCG(1, 2))
		n := 0
		for b.Loop() {
			b.StopTimer()
			batch := portion(r, size, n)
			n += size
			b.StartTimer()
			if _, err := in.Store(b.Context(), batch, nil); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "rows/s")
	})
	b.Run("copy", func(b *testing.B) { copyRows(b, dbtest.Owner(b, pool)) })
}

// copyRows copies stored rows, all columns, to another community of the same table.
func copyRows(b *testing.B, pool *pgxpool.Pool) {
	b.Helper()
	// COPY takes no table with row-level security: the yardstick goes without.
	if _, err := pool.Exec(b.Context(), `alter table activity disable row level security`); err != nil {
		b.Fatal(err)
	}
	rows, err := pool.Query(store.Across(b.Context()), `select * from activity order by occurred_at, key limit 5000`)
	if err != nil {
		b.Fatal(err)
	}
	var columns []string
	for _, f := range rows.FieldDescriptions() {
		columns = append(columns, f.Name)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) ([]any, error) { return row.Values() })
	if err != nil {
		b.Fatal(err)
	}
	n := 0
	for b.Loop() {
		b.StopTimer()
		for _, row := range list {
			row[0] = int64(1000 + n/len(list))
		}
		b.StartTimer()
		if _, err := pool.CopyFrom(b.Context(), pgx.Identifier{"activity"}, columns, pgx.CopyFromRows(list)); err != nil {
			b.Fatal(err)
		}
		n += len(list)
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "rows/s")
}

// benchActivities is the size of the community of the reading benchmarks.
func benchActivities() int {
	if n, err := strconv.Atoi(os.Getenv("FOYER_BENCH_ACTIVITIES")); err == nil {
		return n
	}
	return 300_000
}

// big returns a community with two years of activities, rolled up.
func big(b *testing.B) (*pgxpool.Pool, *store.Store, community.Community) {
	b.Helper()
	pool := dbtest.New(b)
	s, c := newCommunity(b, pool, "big")
	in := newIntake(b, s, c, community.Source{Platform: "x", ExternalID: "1", Measures: community.Measures{ReplyLinks: true, Joins: true, Leaves: true}})
	r := rand.New(rand.NewPCG(3, 4))
	total := benchActivities()
	step := 730 * 24 * time.Hour / time.Duration(total)
	base := time.Date(2023, 1, 1, 0, 0, 0, 0, time.UTC)
	start := time.Now()
	for n := 0; n < total; n += 5000 {
		batch := portion(r, 5000, n)
		at := map[string]time.Time{}
		for i := range batch.Activities {
			a := &batch.Activities[i]
			a.At = base.Add(time.Duration(n+i) * step)
			at[a.ExternalID] = a.At
			if a.Parent != "" {
				a.ParentAt = at[a.Parent]
			}
		}
		if _, err := in.Store(b.Context(), batch, nil); err != nil {
			b.Fatal(err)
		}
	}
	stored := time.Since(start)
	rollUpAll(b, s, c)
	b.Logf("%d activities: stored in %s, rolled up in %s", total, stored, time.Since(start)-stored)
	if _, err := dbtest.Owner(b, pool).Exec(context.Background(), "analyze"); err != nil {
		b.Fatal(err)
	}
	return pool, s, c
}

// BenchmarkSeries loads a year with the year before, as the overview does.
func BenchmarkSeries(b *testing.B) {
	_, s, c := big(b)
	for _, days := range []int{30, 365} {
		b.Run(fmt.Sprintf("%d_days", days), func(b *testing.B) {
			w := community.Window{From: community.NewDate(2024, 12, 30) - community.Date(days), To: community.NewDate(2024, 12, 30)}
			for b.Loop() {
				if _, err := s.Series(b.Context(), c, community.Window{From: w.Previous().From, To: w.To}, w, w.Previous()); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkDirtyDay recomputes one day after one late message.
func BenchmarkDirtyDay(b *testing.B) {
	_, s, c := big(b)
	in := newIntake(b, s, c, community.Source{Platform: "x", ExternalID: "1", Measures: community.Measures{ReplyLinks: true}})
	day := time.Date(2024, 6, 5, 12, 0, 0, 0, time.UTC)
	n := 0
	for b.Loop() {
		n++
		b.StopTimer()
		if _, err := in.Store(b.Context(), community.Batch{Activities: []community.Activity{{
			Kind: community.Message, ExternalID: fmt.Sprintf("x/late/%d", n), At: day.Add(time.Duration(n) * time.Millisecond), Actor: fmt.Sprintf("u%d", n%50), Channel: "c1", Amount: 1,
		}}}, nil); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
		if days, err := s.RollUp(b.Context(), c, true); err != nil || days == 0 {
			b.Fatal(days, err)
		}
	}
}
