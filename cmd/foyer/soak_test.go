package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/connectors/all"
	"github.com/foyer-app/foyer/connectors/whatsapp/whatsapptest"
	"github.com/foyer-app/foyer/internal/community"
	"github.com/foyer-app/foyer/internal/dbtest"
	"github.com/foyer-app/foyer/internal/ingest"
	"github.com/foyer-app/foyer/internal/store"
)

// unused is for what asks for a context and does nothing that could take long.
var unused = context.Background()

// soak is a whole installation: a process for each role, the database, the
// platforms, and somebody who kills them.
type soak struct {
	t        testing.TB
	worlds   *worlds
	database *dbtest.Crashing
	at       string // of the web process
	env      []string
	roles    map[string]*process
	store    *store.Store
	coms     [3]community.Community
	client   *http.Client
	queue    chan sent
	accepted atomic.Int64 // requests that were answered by 200
	retried  atomic.Int64
	told     int // events of the gateway
	ended    time.Time
	kills    map[string]int
	random   *rand.Rand // of the kills
	killing  sync.WaitGroup
}

const databaseRole = "database"

// few deliveries are what the suite takes; above it the installation is a larger one.
const few = 10_000

// TestSoak kills the web process, the worker, the listener and the database at
// random moments while three platforms deliver, one in twenty twice and in
// disorder: every total equals what happened. FOYER_SOAK is the number of
// deliveries, FOYER_SOAK_SEED makes another run.
func TestSoak(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("takes half a minute")
	}
	deliveries, rate, seed := setting("FOYER_SOAK", 1500), 300, uint64(setting("FOYER_SOAK_SEED", 1))
	if deliveries > few {
		rate = 2000
	}
	s := newSoak(t, deliveries, seed)
	began := time.Now()
	s.live(deliveries, rate)
	t.Logf("seed %d: %d requests accepted, %d of them only when sent again, %d events of the gateway; killed %v; %.1f s",
		seed, s.accepted.Load(), s.retried.Load(), s.told, s.kills, time.Since(began).Seconds())
	s.settle()
	begun, resumed, _ := s.worlds.guilds.Gateway()
	t.Logf("gateway: %d sessions begun, %d resumed", begun, resumed)
	all := 0
	for _, n := range s.kills {
		all += n
	}
	if begun != 1 || resumed > 3*all {
		t.Errorf("%d sessions of the gateway were begun, want 1; %d resumed after %d kills", begun, resumed, all)
	}
	t.Logf("settled after %.1f s", time.Since(began).Seconds())
	for role, p := range s.roles {
		if list := p.faults(); len(list) > 0 {
			t.Errorf("%s: %s", role, list)
		}
		if s.kills[role] == 0 || p.starts <= s.kills[role] {
			t.Errorf("%s was killed %d times and started %d times", role, s.kills[role], p.starts)
		}
	}
	if s.kills[databaseRole] == 0 {
		t.Error("the database was not killed")
	}
}

func setting(name string, usual int) int {
	if n, err := strconv.Atoi(os.Getenv(name)); err == nil && n > 0 {
		return n
	}
	return usual
}

func newSoak(t *testing.T, deliveries int, seed uint64) *soak {
	t.Helper()
	s := install(t, soakDays+1, deliveries, seed)
	s.start(roleWeb, roleWeb)
	s.start(roleWorker, roleWorker)
	s.start(roleListen, roleListen)
	if deliveries > few { // two that divide the work, and take over from each other
		s.start(roleWorker+" 2", roleWorker)
		s.start(roleListen+" 2", roleListen)
	}
	s.await("the gateway's session", func() bool {
		var n int
		err := s.store.Pool().QueryRow(store.Across(t.Context()), `select count(*) from listener where name like 'discord/shard/%'`).Scan(&n)
		return err == nil && n > 0 && s.ready()
	})
	return s
}

// install makes three worlds, a database and the communities; no process runs yet.
func install(t testing.TB, days, deliveries int, seed uint64) *soak {
	t.Helper()
	at := freePort(t)
	s := &soak{
		t: t, at: "http://" + at, worlds: newWorlds(t, seed, days, deliveries, "http://"+at), database: dbtest.NewCrashing(t),
		roles: map[string]*process{}, kills: map[string]int{}, random: rand.New(rand.NewPCG(seed, 0x4111)),
		client: &http.Client{Timeout: 3 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 16}}, queue: make(chan sent, 64),
	}
	s.env = s.environment(t.TempDir())
	s.connect(s.env)
	return s
}

func (s *soak) start(name, role string) {
	s.roles[name] = supervise(s.t, s.env, "serve", "--role", role, "--addr", strings.TrimPrefix(s.at, "http://"))
}

func (s *soak) environment(data string) []string {
	w := s.worlds
	return []string{
		"DATABASE_URL=" + s.database.URL(), "FOYER_DATA_DIR=" + data, "FOYER_LOG_LEVEL=warn", "LANG=C", "FOYER_URL=" + s.at,
		"FOYER_SLACK_CLIENT_ID=1.1", "FOYER_SLACK_CLIENT_SECRET=client-secret", "FOYER_SLACK_SIGNING_SECRET=signing-secret",
		"FOYER_SLACK_TIER=internal", "FOYER_SLACK_BASE=" + w.bases[atSlack],
		"FOYER_WHATSAPP_APP_ID=210000000000001", "FOYER_WHATSAPP_APP_SECRET=app-secret", "FOYER_WHATSAPP_VERIFY_TOKEN=verify-token",
		"FOYER_WHATSAPP_CONFIG_ID=310000000000001", "FOYER_WHATSAPP_BASE=" + w.bases[atWhatsApp],
		"FOYER_DISCORD_CLIENT_ID=1000000000000000001", "FOYER_DISCORD_CLIENT_SECRET=client-secret", "FOYER_DISCORD_BOT_TOKEN=bot-token",
		"FOYER_DISCORD_BASE=" + w.guilds.URL,
	}
}

// connect makes the communities and installs an account of a platform in each.
func (s *soak) connect(env []string) {
	s.t.Helper()
	conf, err := readConfig(env)
	if err != nil {
		s.t.Fatal(err)
	}
	conf.standIns = true
	ring, err := conf.ring()
	if err != nil {
		s.t.Fatal(err)
	}
	s.store = testStore(s.t, s.database.URL()).WithKeys(ring)
	in := ingest.New(ingest.Config{
		Store: s.store, Connectors: all.List(), Log: slogTo(io.Discard), Uploads: conf.uploads(), Ring: ring,
		Apps: conf.apps(conf.door.url, slogTo(io.Discard)),
	})
	org, err := s.store.LocalOrganisation(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	for i, name := range []community.Platform{"slack", "whatsapp", "discord"} {
		if s.coms[i], err = s.store.CreateCommunity(s.t.Context(), org, string(name), time.UTC); err != nil {
			s.t.Fatal(err)
		}
		s.installAt(in, s.coms[i], name)
	}
}

func (s *soak) installAt(in *ingest.Ingest, c community.Community, name community.Platform) {
	s.t.Helper()
	var err error
	w := s.worlds
	installer, _ := connectors.Find(in.Connectors, name).(connectors.Installer)
	switch name {
	case "whatsapp":
		_, err = in.InstallManual(s.t.Context(), c, name, map[string]string{
			"waba_id": w.phone.Owner(), "phone_number_id": w.number.ID, "token": w.phone.Token(whatsapptest.Permissions(), time.Time{}),
		})
	case "slack":
		code := w.slack.Code("channels:read", "channels:history", "channels:join", "reactions:read", "users:read", "team:read")
		_, err = in.Install(s.t.Context(), c, name, url.Values{"code": {code}}, "verifier")
	case "discord":
		var target string
		target, err = w.guilds.Approve(installer.InstallURL(in.Apps[name], "state", "verifier"), w.guild)
		back, _ := url.Parse(target)
		if err == nil {
			_, err = in.Install(s.t.Context(), c, name, back.Query(), "verifier")
		}
	}
	if err != nil {
		s.t.Fatalf("%s: %v", name, err)
	}
}

func (s *soak) ready() bool {
	res, err := s.client.Get(s.at + "/readyz")
	if err != nil {
		return false
	}
	res.Body.Close()
	return res.StatusCode == http.StatusOK
}

// awaitTime bounds the waits of a machine that does much else.
const awaitTime = 4 * time.Minute

func (s *soak) await(what string, done func() bool) {
	s.t.Helper()
	for deadline := time.Now().Add(awaitTime); !done(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			for role, p := range s.roles {
				s.t.Logf("%s: %s", role, p.out.text())
			}
			s.t.Fatalf("waited in vain for %s", what)
		}
	}
}

// live lets the worlds live until that much was delivered, at about that many a
// second, while the processes are killed.
func (s *soak) live(deliveries, rate int) {
	var senders sync.WaitGroup
	for range 16 {
		senders.Go(s.deliver)
	}
	const round = 50
	began, made, killed := time.Now(), 0, 0
	order := s.order()
	// One kill every thousand deliveries, at moments left to chance, and each at least once.
	every := deliveries / max(deliveries/1000, len(order)+1)
	next := every/4 + s.random.IntN(every/2)
	var held []sent
	for made < deliveries {
		for range round {
			if s.worlds.act() {
				s.told++
				made++
			}
		}
		list := append(s.worlds.take(), held...)
		// Some come much later than what happened after them.
		late := min(len(list)/6, deliveries/10)
		held, list = list[:late], list[late:]
		for _, one := range list {
			s.queue <- one
			if made++; made >= next && killed < 10_000 {
				s.kill(order[killed%len(order)])
				killed++
				next += every/2 + s.random.IntN(every)
			}
			if ahead := time.Duration(made)*time.Second/time.Duration(rate) - time.Since(began); ahead > 0 {
				time.Sleep(ahead)
			}
		}
	}
	for _, one := range held {
		s.queue <- one
	}
	close(s.queue)
	s.killing.Wait()
	senders.Wait()
}

// order is whom to kill, in turn: the database more rarely, it takes all with it.
func (s *soak) order() []string {
	list := append(slices.Sorted(maps.Keys(s.roles)), databaseRole)
	s.random.Shuffle(len(list), func(i, k int) { list[i], list[k] = list[k], list[i] })
	return list
}

func (s *soak) kill(role string) {
	s.kills[role]++
	if role != databaseRole {
		s.roles[role].kill()
		return
	}
	s.killing.Wait() // it may still be coming back
	pause := time.Duration(s.random.IntN(500)) * time.Millisecond
	s.killing.Go(func() {
		if err := s.database.Kill(); err != nil {
			s.t.Errorf("kill the database: %v", err)
		}
		time.Sleep(pause)
		if err := s.database.Start(); err != nil {
			s.t.Errorf("the database does not come back: %v", err)
		}
	})
}

// deliver sends requests until they are accepted: what a platform gives up at
// last it does not count as delivered either.
func (s *soak) deliver() {
	for one := range s.queue {
		for try := 0; ; try++ {
			status, err := s.post(one)
			if err == nil && status == http.StatusOK {
				s.accepted.Add(1)
				if try > 0 {
					s.retried.Add(1)
				}
				break
			}
			if err == nil && status < 500 || try > 2000 {
				s.t.Errorf("%s answers %d (%v)", one.path, status, err)
				break
			}
			time.Sleep(100 * time.Millisecond)
		}
	}
}

func (s *soak) post(one sent) (int, error) {
	r, err := http.NewRequestWithContext(unused, http.MethodPost, s.at+one.path, bytes.NewReader(one.body))
	if err != nil {
		return 0, err
	}
	one.sign(one.body, r.Header)
	res, err := s.client.Do(r)
	if err != nil {
		return 0, err
	}
	defer res.Body.Close()
	_, err = io.Copy(io.Discard, res.Body)
	return res.StatusCode, err
}

// settleTime is how long what was accepted may take to become figures, a worker
// that was killed last and leases that have to run out included.
const settleTime = 10 * time.Minute

// settle waits until nothing waits any more and compares the figures with the truth.
func (s *soak) settle() {
	s.t.Helper()
	want := s.worlds.truth()
	s.ended = time.Now()
	var got [3]totals
	same := func() bool {
		for i, c := range s.coms {
			figures, err := s.figures(c)
			if err != nil {
				return false // the pool still holds connections of before the last kill
			}
			got[i] = figures
		}
		return reflect.DeepEqual(got, want)
	}
	for deadline := time.Now().Add(settleTime); ; time.Sleep(200 * time.Millisecond) {
		if same() {
			time.Sleep(time.Second) // nothing comes on top
			if same() {
				return
			}
		}
		if time.Now().After(deadline) {
			break
		}
	}
	for i, name := range []string{"slack", "whatsapp", "discord"} {
		if !reflect.DeepEqual(got[i], want[i]) {
			s.t.Errorf("%s:\n got %+v\nwant %+v", name, got[i], want[i])
		}
	}
	s.showLogs()
}

// showLogs shows the end of what the processes said.
func (s *soak) showLogs() {
	for role, p := range s.roles {
		text := p.out.text()
		s.t.Logf("%s: %s", role, text[max(0, len(text)-4000):])
	}
}

// figures reads the messages by day from the rollups that pages read, and what
// no rollup has from the activities.
func (s *soak) figures(c community.Community) (totals, error) {
	out := totals{Days: map[community.Date]int{}}
	ctx, cancel := context.WithTimeout(s.t.Context(), 10*time.Second)
	defer cancel()
	today := community.DateOf(time.Now(), time.UTC)
	series, err := s.store.Series(ctx, c, community.Window{From: today - 400, To: today + 2})
	if err != nil {
		return out, err
	}
	for _, d := range series.Days {
		if n := d.Members.Messages + d.Team.Messages; n > 0 {
			out.Days[d.Date] = n
			out.Messages += n
		}
		out.Reactions += d.Members.Reactions + d.Team.Reactions
	}
	census, err := s.store.Census(ctx, c.Scope, "")
	if err != nil {
		return out, err
	}
	if int(census.Messages) != out.Messages {
		return out, errors.New("the rollups are behind")
	}
	return out, s.read(ctx, s.store.Pool(), c, &out)
}

func (s *soak) read(ctx context.Context, pool *pgxpool.Pool, c community.Community, out *totals) error {
	err := pool.QueryRow(store.WithTenant(ctx, c.Organisation), `select count(*) filter (where a.kind = 1 and a.deleted),
			count(distinct i.member_id) filter (where a.kind = 1 and not a.deleted),
			count(*) filter (where a.kind = 3 and not a.deleted and a.detail <> 'reconciled'), count(*) filter (where a.kind = 4 and not a.deleted)
		from activity a left join identity i on i.id = a.identity_id where a.community_id = $1`, c.Community).
		Scan(&out.Deleted, &out.Writers, &out.Joins, &out.Leaves)
	if err != nil {
		return err
	}
	return pool.QueryRow(store.WithTenant(ctx, c.Organisation), `select
			count(*) filter (where drained_at is null and received_at < $2), count(*) filter (where failure <> ''),
			(select count(*) from dirty_day where community_id = $1)
		from inbox where community_id = $1`, c.Community, s.ended).Scan(&out.Undrained, &out.Refused, &out.Dirty)
}
