package web

import (
	"flag"
	"math"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/foyer-app/foyer/internal/community"
	"github.com/foyer-app/foyer/internal/kpi"
	"github.com/foyer-app/foyer/internal/store"
	"github.com/foyer-app/foyer/web/i18n"
	"github.com/foyer-app/foyer/web/ui"
)

var showLife = flag.String("life", "", "address on which TestOverviewServe shows the overview of a made-up year")

// life is a made-up community: growth, a dip in summer, questions, four channels
// and a team of three.
type life struct {
	r        *rand.Rand
	start    time.Time
	weeks    int
	people   int
	list     []community.Activity
	messages []community.Activity
	n        int
}

func (v *life) person(i int) string { return "p" + strconv.Itoa(i) }

func (v *life) add(a community.Activity) community.Activity {
	v.n++
	a.ExternalID, a.Amount = "slack/"+strconv.Itoa(v.n), 1
	v.list = append(v.list, a)
	return a
}

// batch tells the whole life.
func (v *life) batch() community.Batch {
	v.r = rand.New(rand.NewPCG(7, 11))
	var b community.Batch
	for i := range v.people + 3 {
		id := community.Identity{ExternalID: v.person(i), Name: "Membre " + strconv.Itoa(i), Listed: true}
		if i >= v.people {
			id.Roles = []string{"team"}
		}
		b.Identities = append(b.Identities, id)
	}
	for _, name := range []string{"patrons", "machines", "bienvenue", "vitrine"} {
		b.Channels = append(b.Channels, community.Channel{ExternalID: name, Name: name})
	}
	joined := make([]int, v.people) // week
	for i := range joined {
		joined[i] = i * v.weeks / v.people
		v.add(community.Activity{Kind: community.Join, At: v.at(joined[i], i%7, 10), Actor: v.person(i)})
		if i%6 == 5 && joined[i]+8 < v.weeks {
			v.add(community.Activity{Kind: community.Leave, At: v.at(joined[i]+8, i%7, 11), Actor: v.person(i)})
		}
	}
	for week := range v.weeks {
		v.week(week, joined)
	}
	b.Activities = v.list
	return b
}

func (v *life) at(week, day, hour int) time.Time {
	return v.start.AddDate(0, 0, 7*week+day).Add(time.Duration(hour)*time.Hour + time.Duration(v.r.IntN(3600))*time.Second)
}

// week is one week: who is there writes more as the year goes on, less in summer.
func (v *life) week(week int, joined []int) {
	part := 0.22 + 0.18*float64(week)/float64(v.weeks)
	if month := v.start.AddDate(0, 0, 7*week).Month(); month == time.July || month == time.August {
		part *= 0.6
	}
	for i, since := range joined {
		if since > week || i%6 == 5 && week >= since+8 || since != week && v.r.Float64() > part || i%3 == 1 && v.r.IntN(30) > 0 {
			continue
		}
		for range 1 + int(8*math.Pow(v.r.Float64(), 4)*float64(1+30/(i+3))) {
			v.write(week, i, float64(week)/float64(v.weeks))
		}
	}
}

// write is one message, often an answer, sometimes a question that is answered.
func (v *life) write(week, who int, age float64) {
	day, hour := v.r.IntN(7), 8+v.r.IntN(14)
	if v.r.IntN(4) == 0 {
		day, hour = 3, 20
	}
	a := community.Activity{
		Kind: community.Message, At: v.at(week, day, hour), Actor: v.person(who),
		Channel: []string{"patrons", "patrons", "patrons", "machines", "machines", "bienvenue", "vitrine"}[v.r.IntN(7)],
	}
	a.Features.Question = v.r.IntN(6) == 0
	if len(v.messages) > 20 && !a.Features.Question && v.r.IntN(2) == 0 {
		p := v.messages[len(v.messages)-1-v.r.IntN(20)]
		if p.At.Before(a.At) && p.Actor != a.Actor {
			a.Parent, a.ParentAt, a.To = p.ExternalID, p.At, []string{p.Actor}
		}
	}
	a = v.add(a)
	v.messages = append(v.messages, a)
	if !a.Features.Question || v.r.IntN(9) == 0 {
		return
	}
	from := v.person(v.people + v.r.IntN(3))
	if v.r.Float64() < 0.35+0.4*age {
		from = v.person(v.r.IntN(1 + who/2))
	}
	delay := time.Duration(math.Exp(3+9*v.r.Float64()) * float64(time.Second))
	if from != a.Actor {
		v.add(community.Activity{Kind: community.Message, At: a.At.Add(delay), Actor: from, Channel: a.Channel, Parent: a.ExternalID, ParentAt: a.At, To: []string{a.Actor}})
	}
}

// lived is a site whose community has lived so many weeks until a Sunday.
func (s *site) lived(name string, weeks, people int, measures community.Measures) community.Community {
	s.Helper()
	c := s.community(name)
	end := time.Date(2026, 10, 5, 0, 0, 0, 0, c.Location)
	v := life{start: end.AddDate(0, 0, -7*weeks), weeks: weeks, people: people}
	source := community.Source{Platform: "campfire", ExternalID: "T1", Name: "Atelier", Measures: measures, Horizon: end.Add(time.Hour)}
	id, err := s.Store.Connect(s.Context(), c.Scope, source)
	if err != nil {
		s.Fatal(err)
	}
	if _, err := s.Store.NewIntake(c, id, source).Store(s.Context(), v.batch(), nil); err != nil {
		s.Fatal(err)
	}
	s.markTeamRole(c)
	if err := s.ingest.RollUpNow(s.Context(), c.Scope); err != nil {
		s.Fatal(err)
	}
	s.Now = func() time.Time { return end.Add(2 * time.Hour) }
	return c
}

func (s *site) markTeamRole(c community.Community) {
	s.Helper()
	if err := s.Store.SetTeamRules(s.Context(), c.Scope, teamOfLife()); err != nil {
		s.Fatal(err)
	}
}

func everything() community.Measures {
	return community.Measures{Joins: true, Leaves: true, Reactions: true, ReplyLinks: true, MemberList: true, ThreadLinks: true}
}

// TestOverviewServe shows the page: go test ./web -run TestOverviewServe -life 127.0.0.1:8091 -timeout 0
func TestOverviewServe(t *testing.T) {
	if *showLife == "" {
		t.Skip("no address given")
	}
	s := newSite(t)
	s.lived("Atelier Lisière", 60, 400, everything())
	s.lived("Sans départs", 30, 40, community.Measures{})
	s.lived("Trop tôt", 2, 20, everything())
	s.community("Vide")
	server := &http.Server{Addr: *showLife, ReadHeaderTimeout: time.Second, Handler: s.Handler()}
	t.Log(server.ListenAndServe())
}

func TestOverviewOfALife(t *testing.T) {
	s := newSite(t)
	c := s.lived("Atelier Lisière", 40, 60, everything())
	path := communityPath(c.Scope, "")
	for _, lang := range []string{"fr", "en"} {
		s.header = http.Header{"Accept-Language": {lang}}
		for _, query := range []string{"", "?p=4", "?p=26", "?p=all", "?cmp=none", "?cmp=year", "?team=1", "?from=2026-08-01&to=2026-09-15"} {
			page := s.page(s.get(path+query), http.StatusOK)
			if found := overviewKey.FindString(page); found != "" {
				t.Errorf("%s %s: a key is shown: %s", lang, query, found)
			}
			for _, wrong := range []string{"NaN", "∞", "+Inf", "−0 %"} {
				if strings.Contains(page, ">"+wrong) {
					t.Errorf("%s %s: page holds %q", lang, query, wrong)
				}
			}
		}
	}
	s.header = http.Header{"Accept-Language": {"fr"}}
	page := s.page(s.get(path), http.StatusOK)
	s.has(page, "13 juil. – 4 oct.", "membres présents", "Mois 10", "nº 1", "patrons", "Semaine 12")
	s.has(s.page(s.get(path+"?cmp=none"), http.StatusOK), "Taux d'engagement")
	if strings.Contains(s.get(path+"?cmp=none").body, "par rapport à") {
		t.Error("compares although it was told not to")
	}
}

var overviewKey = regexp.MustCompile(`[>"](?:overview|kpi)(?:\.[a-z_0-9]+)+[<"]`)

func teamOfLife() store.TeamRules {
	return store.TeamRules{Roles: []string{"team"}, Domains: []string{}}
}

func TestOverviewStates(t *testing.T) {
	s := newSite(t)
	empty := s.community("Vide")
	s.has(s.page(s.get(communityPath(empty.Scope, "")), http.StatusOK), "Posons la première pierre", "Importer un export")
	s.brought(empty, fire(3))
	s.has(s.page(s.get(communityPath(empty.Scope, "")), http.StatusOK), "Un import est en cours", "Voir l'avancement")

	c := s.lived("Chuchotis", 3, 8, community.Measures{})
	path := communityPath(c.Scope, "")
	s.has(s.page(s.get(path), http.StatusOK), "Encore une semaine de données", "Non mesuré", "adhésions déduites", "estimé d'après qui écrit après qui")
	for query, say := range map[string]string{
		"?from=2026-09-20&to=2026-09-10": "La fin vient avant le début",
		"?from=2026-02-31&to=2026-09-10": "Une des dates n'existe pas",
		"?from=2026-09-20":               "Donnez les deux dates",
		"?from=1999-01-01&to=2026-09-10": "dix ans au plus",
		"?from=2027-01-01&to=2027-02-01": "Les données s'arrêtent avant ces dates",
	} {
		s.has(s.page(s.get(path+query), http.StatusUnprocessableEntity), say)
	}
	s.has(s.page(s.get(path+"?from=2020-01-01&to=2020-02-01"), http.StatusOK), "Rien sur ces dates", "Voir les 12 dernières semaines")
	if _, err := s.Store.Pool().Exec(store.Across(t.Context()), `insert into dirty_day (organisation_id, community_id, day) values ($1, $2, '2026-09-28')`, c.Organisation, c.Community); err != nil {
		t.Fatal(err)
	}
	s.has(s.page(s.get(path), http.StatusOK), "Un jour est en cours de calcul")

	s.as(s.stranger())
	if a := s.get(path); a.status != http.StatusNotFound {
		t.Errorf("another organisation's community answers %d", a.status)
	}
}

// TestOverviewWords: every reason, mark and headline has its words in both languages.
func TestOverviewWords(t *testing.T) {
	for _, l := range i18n.Locales() {
		var keys []string
		for _, reason := range kpi.Reasons() {
			keys = append(keys, "overview.wait."+reason, "kpi.reason."+reason)
		}
		for _, note := range kpi.Notes() {
			keys = append(keys, "kpi.note."+note)
		}
		for _, k := range kpi.List() {
			keys = append(keys, "kpi."+k.Key+".name", "kpi."+k.Key+".unit", "kpi."+k.Key+".formula", "kpi."+k.Key+".not")
		}
		for _, key := range keys {
			if !l.Has(key) {
				t.Errorf("%v has no %s", l, key)
			}
		}
	}
}

func TestHeadline(t *testing.T) {
	value := func(now, before float64) kpi.Value { return kpi.Value{Number: now, Previous: &before} }
	old := extent{first: 0, today: 400}
	for name, c := range map[string]struct {
		e       extent
		rate, h kpi.Value
		fr, en  string
	}{
		"rising":    {old, value(.184, .163), value(.63, .54), "La communauté se réchauffe. Les membres se parlent de plus en plus entre eux.", "The community is warming up. Members talk among themselves more and more."},
		"steady":    {old, value(.184, .183), value(.63, .63), "La participation tient bon. Les membres se parlent surtout entre eux.", "Participation holds steady. Members mostly talk among themselves."},
		"falling":   {old, value(.1, .2), value(.2, .2), "La participation baisse. La plupart des échanges passent par l’équipe.", "Participation is falling. Most exchanges go through the team."},
		"unlinked":  {old, value(.1, .2), kpi.Value{Reason: kpi.Unlinked}, "La participation baisse.", "Participation is falling."},
		"alone":     {old, kpi.Value{Number: .01}, kpi.Value{Number: .7}, "Un membre sur 100 prend part aux échanges. Les membres se parlent surtout entre eux.", "One member in 100 takes part. Members mostly talk among themselves."},
		"unknown":   {old, kpi.Value{Reason: kpi.NoMembers}, kpi.Value{}, "La participation n’est pas mesurable sur ces dates.", "Participation cannot be measured on these dates."},
		"too early": {extent{first: 390, today: 400}, value(.1, .2), kpi.Value{}, "Les premières braises prennent. Encore 3 semaines de données avant une tendance.", ""},
	} {
		values := map[string]kpi.Value{"engagement_rate": c.rate, "horizontal_share": c.h}
		for l, want := range map[i18n.Locale]string{i18n.French: c.fr, i18n.English: c.en} {
			if got := headline(l, c.e, period{}, values); want != "" && got != want {
				t.Errorf("%s: %q, want %q", name, got, want)
			}
		}
	}
}

func TestChange(t *testing.T) {
	find := func(key string) kpi.KPI { k, _ := kpi.Find(key); return k }
	for _, c := range []struct {
		key         string
		now, before float64
		text        string
		trend       ui.Trend
		tone        ui.Tone
	}{
		{"engagement_rate", .184, .163, "+2,1 pts", ui.Up, ui.Good},
		{"engagement_rate", .163, .184, "−2,1 pts", ui.Down, ui.Bad},
		{"engagement_rate", .1840, .1841, "stable", ui.Flat, ui.Neutral},
		{"unanswered", 3, 5, "−2", ui.Down, ui.Good},
		{"leavers", 5, 3, "+2", ui.Up, ui.Bad},
		{"contributions", 120, 100, "+20 %", ui.Up, ui.Good},
		{"new_members", 3, 0, "+3", ui.Up, ui.Good},
		{"first_reply", 3600, 5400, "−30 min", ui.Down, ui.Good},
		{"messages_per_active", 7.4, 7.7, "−0,3", ui.Down, ui.Neutral},
	} {
		k := find(c.key)
		text, trend := change(i18n.French, k, c.now, c.before)
		if text != c.text || trend != c.trend || tone(k, trend) != c.tone {
			t.Errorf("%s %v from %v: %q %v %v", c.key, c.now, c.before, text, trend, tone(k, trend))
		}
	}
}

func TestPeriod(t *testing.T) {
	e := extent{first: community.NewDate(2019, 5, 15), today: community.NewDate(2021, 3, 10)} // a Wednesday
	day := func(y int, m time.Month, d int) community.Date { return community.NewDate(y, m, d) }
	for query, want := range map[string]community.Window{
		"":                              {From: day(2020, 12, 14), To: day(2021, 3, 8)},
		"p=4":                           {From: day(2021, 2, 8), To: day(2021, 3, 8)},
		"p=all":                         {From: e.first, To: day(2021, 3, 8)},
		"p=nonsense":                    {From: day(2020, 12, 14), To: day(2021, 3, 8)},
		"from=2021-01-01&to=2021-01-31": {From: day(2021, 1, 1), To: day(2021, 2, 1)},
		"from=2021-02-01&to=2021-01-31": {From: day(2020, 12, 14), To: day(2021, 3, 8)},
	} {
		values, _ := url.ParseQuery(query)
		if p := parsePeriod(values, e); p.window != want {
			t.Errorf("%q: %v – %v", query, p.window.From, p.window.To)
		}
	}
	short := extent{first: day(2021, 3, 9), today: day(2021, 3, 10)}
	if p := parsePeriod(nil, short); p.window.From != short.first || p.window.To != short.today+1 {
		t.Errorf("two days of data: %v – %v", p.window.From, p.window.To)
	}
}

// BenchmarkOverview serves the page of a community of 400 people after 60 weeks.
func BenchmarkOverview(b *testing.B) {
	s := newSite(b)
	c := s.lived("Atelier Lisière", 60, 400, everything())
	handler, path := s.Handler(), communityPath(c.Scope, "")
	b.ReportAllocs()
	for b.Loop() {
		w := httptest.NewRecorder()
		r := httptest.NewRequestWithContext(b.Context(), http.MethodGet, "http://localhost"+path, nil)
		r.AddCookie(&http.Cookie{Name: sessionCookiePlain, Value: s.session})
		handler.ServeHTTP(w, r)
		if w.Code != http.StatusOK {
			b.Fatal(w.Code)
		}
	}
}

func TestFiguresMoveWhileTheyCan(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)
	today := community.DateOf(now, time.UTC)
	live := store.Connection{State: store.ConnectionActive}
	for name, c := range map[string]struct {
		to   community.Date
		from []store.Connection
		want bool
	}{
		"until today, live":     {today + 1, []store.Connection{{State: store.ConnectionFile}, live}, true},
		"until yesterday":       {today, []store.Connection{live}, false},
		"from files":            {today + 1, []store.Connection{{State: store.ConnectionFile}}, false},
		"paused":                {today + 1, []store.Connection{{State: store.ConnectionPaused}}, false},
		"nothing is connected":  {today + 1, nil, false},
		"beyond today, as well": {today + 20, []store.Connection{live}, true},
	} {
		f := facts{period: period{window: community.Window{From: today - 7, To: c.to}}, connections: c.from}
		if got := f.moving(now); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
