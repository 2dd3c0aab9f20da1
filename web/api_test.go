package web

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/foyer-app/foyer/internal/account"
	"github.com/foyer-app/foyer/internal/community"
	"github.com/foyer-app/foyer/internal/secret"
	"github.com/foyer-app/foyer/internal/store"
)

// apiPath is the address of a community in the API; more is appended to it.
func apiPath(c community.Community, more string) string {
	return "/api/v1/communities/" + idText(c.Scope.Community) + more
}

// key makes a key of the site's organisation.
func (s *site) key(scopes []account.Permission, communities ...int64) string {
	s.Helper()
	token, _ := secret.Token()
	key := keyPrefix + token
	k := store.Key{Organisation: s.Organisation, Name: "Entrepôt", Prefix: key[:12], Communities: communities}
	for _, p := range scopes {
		k.Scopes = append(k.Scopes, string(p))
	}
	if _, err := s.Store.CreateKey(s.Context(), k, s.owner.ID, secret.HashToken(key)); err != nil {
		s.Fatal(err)
	}
	return key
}

// fullScopes are the permissions that the API asks for.
func fullScopes() []account.Permission {
	return []account.Permission{account.ViewCommunities, account.ViewPeople, account.ExportData, account.ImportData}
}

// with asks with a key and no session.
func (s *site) with(key, method, path string, headers ...string) answer {
	s.Helper()
	before := s.session
	defer func() { s.session = before }()
	s.session = ""
	r := s.request(method, path, nil)
	if key != "" {
		r.Header.Set("Authorization", "Bearer "+key)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return s.do(r)
}

// decoded is the JSON of an answer that must have this status.
func decoded[T any](t testing.TB, a answer, status int) T {
	t.Helper()
	var v T
	if a.status != status {
		t.Fatalf("status %d, want %d: %.300s", a.status, status, a.body)
	}
	if err := json.Unmarshal([]byte(a.body), &v); err != nil {
		t.Fatalf("%v: %.300s", err, a.body)
	}
	return v
}

// refused checks that an answer is a problem of this kind.
func refused(t testing.TB, a answer, status int, kind string) {
	t.Helper()
	if got := a.header.Get("Content-Type"); got != "application/problem+json" {
		t.Fatalf("%d %s: %.200s", a.status, got, a.body)
	}
	p := decoded[apiProblem](t, a, status)
	if p.Type != "urn:foyer:problem:"+kind || p.Status != status || p.Instance != "urn:foyer:request:"+a.header.Get("X-Request-Id") || p.Title == "" || p.Detail == "" {
		t.Errorf("want %d %s, got %+v", status, kind, p)
	}
}

// lively is a community with data.
func (s *site) lively() community.Community {
	s.Helper()
	c := s.community("Lisière")
	s.run(c, s.brought(c, fire(60)), true)
	return c
}

func TestKeysOpenWhatTheyMay(t *testing.T) {
	s := newSite(t)
	ours, other := s.lively(), s.community("Autre")
	all, bound := s.key(fullScopes()), s.key(fullScopes(), ours.Scope.Community)
	figures := s.key([]account.Permission{account.ViewCommunities})
	for _, test := range []struct {
		name, key, path string
		status          int
	}{
		{"all opens members", all, apiPath(ours, "/members"), 200},
		{"all opens the other", all, apiPath(other, "/kpis"), 200},
		{"bound opens its own", bound, apiPath(ours, "/kpis"), 200},
		{"bound does not find the other", bound, apiPath(other, "/kpis"), 404},
		{"figures open figures", figures, apiPath(ours, "/kpis"), 200},
		{"figures open connections", figures, apiPath(ours, "/connections"), 200},
		{"figures open no members", figures, apiPath(ours, "/members"), 403},
		{"figures open no activities", figures, apiPath(ours, "/activities"), 403},
		{"figures open no imports", figures, apiPath(ours, "/imports"), 403},
		{"an unknown key", keyPrefix + strings.Repeat("x", 43), apiPath(ours, "/kpis"), 401},
		{"a key without its beginning", strings.TrimPrefix(all, keyPrefix), apiPath(ours, "/kpis"), 401},
		{"an endless key", keyPrefix + strings.Repeat("x", 1000), apiPath(ours, "/kpis"), 401},
		{"nothing", "", apiPath(ours, "/kpis"), 401},
	} {
		a := s.with(test.key, "GET", test.path)
		if a.status != test.status {
			t.Errorf("%s: %d, want %d: %.200s", test.name, a.status, test.status, a.body)
		}
		if asks := a.header.Get("WWW-Authenticate"); (test.status == 401) != strings.HasPrefix(asks, "Bearer ") || (test.key != "" && test.status == 401) != strings.Contains(asks, "invalid_token") {
			t.Errorf("%s: WWW-Authenticate %q", test.name, asks)
		}
	}
	list := decoded[listed[communityAPI]](t, s.with(bound, "GET", "/api/v1/communities"), 200)
	if len(list.Data) != 1 || list.Data[0].Name != "Lisière" {
		t.Errorf("a bound key lists %+v", list)
	}
	if a := s.with(all, "GET", communityPath(ours.Scope, "")); a.status != http.StatusSeeOther {
		t.Errorf("a key opens a page: %d", a.status)
	}
	revoked := s.key(fullScopes())
	keys, err := s.Store.Keys(t.Context(), s.Organisation)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Store.Pool().Exec(store.WithTenant(t.Context(), s.Organisation), `update api_key set revoked_at = now() where id = $1`, keys[0].ID); err != nil {
		t.Fatal(err)
	}
	refused(t, s.with(revoked, "GET", "/api/v1/me"), 401, "unauthenticated")
}

func TestMe(t *testing.T) {
	s := newSite(t)
	c := s.community("Lisière")
	key := s.key([]account.Permission{account.ViewCommunities, account.ExportData}, c.Scope.Community)
	me := decoded[meAPI](t, s.with(key, "GET", "/api/v1/me"), 200)
	if me.Kind != "key" || me.Name != "Entrepôt" || me.Role != nil || me.Organisation.Name != "Atelier" ||
		!slices.Equal(me.Permissions, []string{"communities.view", "data.export"}) || !slices.Equal(me.Communities, []int64{c.Scope.Community}) {
		t.Errorf("%+v", me)
	}
	me = decoded[meAPI](t, s.get("/api/v1/me"), 200)
	if me.Kind != "person" || *me.Role != "owner" || me.Communities != nil || len(me.Permissions) != len(account.Grants()) {
		t.Errorf("%+v", me)
	}
	s.as(s.colleague(store.RoleGuest))
	if me = decoded[meAPI](t, s.get("/api/v1/me"), 200); me.Communities == nil || len(me.Communities) != 0 {
		t.Errorf("a guest without communities: %+v", me)
	}
}

// TestSessionsOnlyFromOwnPages: a page elsewhere gets nothing by the cookie.
func TestSessionsOnlyFromOwnPages(t *testing.T) {
	s := newSite(t)
	for name, test := range map[string]struct {
		header, value string
		status        int
	}{
		"our page": {"Sec-Fetch-Site", "same-origin", 200}, "typed": {"Sec-Fetch-Site", "none", 200}, "an old browser": {"Accept", "*/*", 200},
		"another site": {"Sec-Fetch-Site", "cross-site", 401}, "a neighbour": {"Sec-Fetch-Site", "same-site", 401},
		"another origin": {"Origin", "https://evil.example", 401}, "no origin": {"Origin", "null", 401},
	} {
		r := s.request("GET", "/api/v1/me", nil)
		r.Header.Set(test.header, test.value)
		if a := s.do(r); a.status != test.status || a.header.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%s: %d, want %d", name, a.status, test.status)
		}
	}
	// A wrong key beside a good session opens nothing.
	r := s.request("GET", "/api/v1/me", nil)
	r.Header.Set("Authorization", "Bearer foyer_wrong")
	refused(t, s.do(r), 401, "unauthenticated")
}

func TestNothingOfOthersByTheAPI(t *testing.T) {
	s := newSite(t)
	ours := s.lively()
	key := s.key(fullScopes())
	seats, err := s.Store.Seats(t.Context(), s.stranger().ID)
	if err != nil {
		t.Fatal(err)
	}
	theirs, err := s.Store.CreateCommunity(t.Context(), seats[0].Organisation.ID, "La leur", ours.Location)
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range s.apiRoutes() {
		if !strings.Contains(n.pattern, "{community}") {
			continue
		}
		path := strings.NewReplacer("{kpi}", "contributions").Replace(n.pattern)
		refused(t, s.with(key, "GET", strings.Replace(path, "{community}", idText(theirs.Scope.Community), 1)), 404, "not_found")
		if a := s.with(key, "GET", strings.Replace(path, "{community}", idText(ours.Scope.Community), 1)); a.status != 200 {
			t.Errorf("%s: %d %s", path, a.status, a.body)
		}
	}
}

func TestKeysInAddressesAreRefused(t *testing.T) {
	s := newSite(t)
	key := s.key(fullScopes())
	for _, query := range []string{"access_token=" + key, "api_key=x", "search=" + key, "x=FOYER_abc", "token=1"} {
		refused(t, s.get("/api/v1/me?"+query), 400, "key_in_query")
	}
}

func TestProblemsSpeakBothLanguages(t *testing.T) {
	s := newSite(t)
	key := s.key(fullScopes())
	for language, want := range map[string]string{"fr": "Introuvable.", "en": "Not found.", "de": "Not found."} {
		a := s.with(key, "GET", "/api/v1/communities/99", "Accept-Language", language)
		refused(t, a, 404, "not_found")
		if p := decoded[apiProblem](t, a, 404); p.Title != want {
			t.Errorf("%s: %q", language, p.Title)
		}
	}
	refused(t, s.with(key, "GET", "/api/v1/nothing"), 404, "not_found")
	refused(t, s.with(key, "GET", "/api"), 404, "not_found")
	for _, method := range []string{"POST", "PUT", "PATCH", "DELETE", "FOO"} {
		a := s.with(key, method, "/api/v1/communities")
		refused(t, a, 405, "method")
		if a.header.Get("Allow") != "GET, HEAD" {
			t.Errorf("%s: Allow %q", method, a.header.Get("Allow"))
		}
	}
	large := s.request("GET", "/api/v1/me", strings.NewReader(strings.Repeat("x", apiBytes+1)))
	refused(t, s.do(large), 413, "too_large")
	r := s.request("GET", "/api/v1/me", nil)
	r.Host = "evil.example"
	refused(t, s.do(r), 403, "host")
}

func TestParameters(t *testing.T) {
	s := newSite(t)
	c := s.lively()
	key := s.key(fullScopes())
	for query, kind := range map[string]string{
		"/kpis?form=2026-01-01": "parameter", "/kpis?from=2026-01-01": "parameter", "/kpis?from=2026-13-01&to=2026-12-01": "parameter",
		"/kpis?from=2026-01-02&to=2026-01-02": "window", "/kpis?from=2020-01-01&to=2026-01-01": "window", "/kpis?from=0001-01-01&to=0001-01-02": "parameter",
		"/kpis?compare=never": "parameter", "/kpis?compare=none&compare=year": "parameter", "/kpis?population=bots": "parameter", "/kpis?%zz": "parameter",
		"/kpis/contributions/series?interval=hour": "parameter", "/kpis/contributions/series?compare=year": "parameter",
		"/kpis/cohort_retention/series?interval=day": "parameter", "/kpis/rhythm/series": "no_series",
		"/members?limit=0": "parameter", "/members?limit=501": "parameter", "/members?limit=x": "parameter", "/members?population=kings": "parameter",
		"/members?search=" + strings.Repeat("x", 201): "parameter", "/members?search=%00": "parameter", "/members?search=%ff": "parameter",
		"/members?cursor=zzz": "cursor", "/activities?cursor=" + strings.Repeat("A", 3000): "parameter", "/activities?since=yesterday": "parameter",
		"/activities?until=2026-01-01": "parameter", "/connections?x=1": "parameter", "/imports?page=2": "parameter", "?y=1": "parameter",
	} {
		refused(t, s.with(key, "GET", apiPath(c, query)), 400, kind)
	}
	if p := decoded[apiProblem](t, s.with(key, "GET", apiPath(c, "/kpis?form=2026-01-01")), 400); p.Parameter != "form" || !strings.Contains(p.Detail, "form") {
		t.Errorf("%+v", p)
	}
	refused(t, s.with(key, "GET", apiPath(c, "/kpis/happiness")), 404, "not_found")
}

func TestKPIsByTheAPI(t *testing.T) {
	s := newSite(t)
	c, empty := s.lively(), s.community("Vide")
	key := s.key(fullScopes())
	type value struct {
		Value, Previous        *float64
		Reason, PreviousReason *string `json:",omitempty"`
		Unit, Formula          string
		Rows                   any
	}
	type figures struct {
		From, To, Compare string
		KPIs              map[string]value
	}
	const days = "?from=2026-03-02&to=2026-03-04"
	got := decoded[figures](t, s.with(key, "GET", apiPath(c, "/kpis"+days)), 200)
	if len(got.KPIs) != 16 || got.From != "2026-03-02" || got.To != "2026-03-04" || got.Compare != "previous" {
		t.Errorf("%d figures from %s to %s against %s", len(got.KPIs), got.From, got.To, got.Compare)
	}
	if v := got.KPIs["contributions"]; v.Value == nil || *v.Value <= 0 || v.Reason != nil || v.Unit != "messages" || v.Formula == "" || v.Rows != nil {
		t.Errorf("contributions: %+v", v)
	}
	if v := got.KPIs["retention_factor"]; v.Value != nil || v.Reason == nil || *v.Reason != "joins_not_measured" {
		t.Errorf("retention_factor: %+v", v)
	}
	one := decoded[struct{ KPI value }](t, s.with(key, "GET", apiPath(c, "/kpis/rhythm"+days)), 200)
	if one.KPI.Rows == nil {
		t.Error("one figure comes without its list")
	}
	second := decoded[figures](t, s.with(key, "GET", apiPath(c, "/kpis?from=2026-03-03&to=2026-03-04&compare=none")), 200)
	if v := second.KPIs["contributions"]; v.Previous != nil || second.Compare != "none" {
		t.Errorf("compared with nothing: %+v", v)
	}
	series := decoded[seriesAPI](t, s.with(key, "GET", apiPath(c, "/kpis/contributions/series?interval=day&from=2026-03-01&to=2026-03-06")), 200)
	if len(series.Points) != 5 || series.Points[0].Value != nil || *series.Points[0].Reason != "before_first" {
		t.Errorf("%+v", series.Points)
	}
	sum := 0.0
	for _, p := range series.Points {
		if p.Value != nil {
			sum += *p.Value
		}
	}
	if sum != 48 { // of 60 lines, those of bots are not counted
		t.Errorf("the days hold %v messages", sum)
	}
	if got := decoded[figures](t, s.with(key, "GET", apiPath(empty, "/kpis")), 200); *got.KPIs["contributions"].Reason != "no_data" || got.KPIs["contributions"].Value != nil {
		t.Errorf("without data: %+v", got.KPIs["contributions"])
	}
}

func TestTags(t *testing.T) {
	s := newSite(t)
	c := s.lively()
	key := s.key(fullScopes())
	path := apiPath(c, "/members")
	first := s.with(key, "GET", path)
	tag := first.header.Get("ETag")
	if !strings.HasPrefix(tag, `"`) || len(tag) != 34 || first.header.Get("Cache-Control") != "private, no-cache" || !strings.Contains(strings.Join(first.header.Values("Vary"), ","), "Authorization") {
		t.Errorf("headers %v", first.header)
	}
	for name, test := range map[string]struct {
		sent   string
		status int
	}{
		"the same": {tag, 304}, "in a list": {`"x", ` + tag, 304}, "weakened by a proxy": {"W/" + tag, 304}, "any": {"*", 304}, "another": {`"x"`, 200},
	} {
		a := s.with(key, "GET", path, "If-None-Match", test.sent)
		if a.status != test.status || a.header.Get("ETag") != tag || (test.status == 304) != (a.body == "") {
			t.Errorf("%s: %d, %d bytes", name, a.status, len(a.body))
		}
	}
	if a := s.with(key, "HEAD", path); a.status != 200 || a.header.Get("ETag") != tag || a.body != "" {
		t.Errorf("HEAD: %d", a.status)
	}
	s.run(c, s.brought(c, fire(61)), true)
	if a := s.with(key, "GET", path, "If-None-Match", tag); a.status != 200 || a.header.Get("ETag") == tag {
		t.Errorf("after a change: %d", a.status)
	}
}

// TestPagesHoldStill reads pages while people and messages arrive: nothing comes
// twice, and nothing that was there is missed.
func TestPagesHoldStill(t *testing.T) {
	s := newSite(t)
	c := s.lively()
	key := s.key(fullScopes())
	before := decoded[paged[activityAPI]](t, s.with(key, "GET", apiPath(c, "/activities?limit=500")), 200)
	if len(before.Data) != 60 || before.Next != nil {
		t.Fatalf("%d activities, next %v", len(before.Data), before.Next)
	}
	added := false
	add := func() {
		if !added { // before, among and behind what is being read; by new people
			added = true
			base := time.Date(2026, 3, 2, 17, 0, 0, 0, time.UTC).Unix()
			s.run(c, s.brought(c, fire(1, fmt.Sprintf("%d eve early", base), fmt.Sprintf("%d fay between", base+7300), fmt.Sprintf("%d gil late", base+9e5))), true)
		}
	}
	activities := collect(t, s, key, apiPath(c, "/activities?limit=7"), add, func(a activityAPI) string { return a.At.String() + a.ID })
	for _, a := range before.Data {
		if !slices.Contains(activities, a.At.String()+a.ID) {
			t.Errorf("%s was missed", a.ID)
		}
	}
	if len(activities) != 61 { // the one behind is seen too
		t.Errorf("%d activities", len(activities))
	}
	added = false
	members := collect(t, s, key, apiPath(c, "/members?limit=2"), func() {
		if !added {
			added = true
			s.run(c, s.brought(c, fire(1, "1772474400 hal new")), true)
		}
	}, func(m memberAPI) string { return m.Name })
	if slices.Sort(members); !slices.Equal(members, []string{"Ada", "Bot", "Brigitte", "Chloe", "Dario", "Eve", "Fay", "Gil", "Hal"}) {
		t.Errorf("members %v", members)
	}
	window := "&since=2026-03-02T18:00:00Z&until=2026-03-02T22:00:00%2B01:00"
	if got := decoded[paged[activityAPI]](t, s.with(key, "GET", apiPath(c, "/activities?limit=500"+window)), 200); len(got.Data) != 5 {
		t.Errorf("%d activities from 18 to 21", len(got.Data))
	}
	for query, want := range map[string]int{"search=DARI": 1, "search=@atelier.example": 0, "population=bot": 1, "population=team": 0, "population=member&search=a": 4} {
		if got := decoded[paged[memberAPI]](t, s.with(key, "GET", apiPath(c, "/members?"+query)), 200); len(got.Data) != want {
			t.Errorf("%s: %+v, want %d", query, got.Data, want)
		}
	}
}

// collect reads all pages of a list, and does something after the first one.
func collect[T any](t *testing.T, s *site, key, path string, between func(), name func(T) string) []string {
	t.Helper()
	var all []string
	cursor := ""
	for range 100 {
		at := path
		if cursor != "" {
			at += "&cursor=" + url.QueryEscape(cursor)
		}
		page := decoded[paged[T]](t, s.with(key, "GET", at), 200)
		for _, row := range page.Data {
			if n := name(row); slices.Contains(all, n) {
				t.Errorf("%s comes twice", n)
			} else {
				all = append(all, n)
			}
		}
		if page.Next == nil {
			return all
		}
		cursor = *page.Next
		between()
	}
	t.Fatal("the pages never end")
	return nil
}

// TestNamesNeedTheirPermission: who may export but not see people gets no names.
func TestNamesNeedTheirPermission(t *testing.T) {
	s := newSite(t)
	c := s.lively()
	for _, test := range []struct {
		scopes []account.Permission
		named  bool
	}{{[]account.Permission{account.ExportData}, false}, {[]account.Permission{account.ExportData, account.ViewPeople}, true}} {
		a := s.with(s.key(test.scopes), "GET", apiPath(c, "/activities?limit=1"))
		got := decoded[paged[activityAPI]](t, a, 200).Data[0]
		if (got.Member != nil) != test.named || (got.Identity != nil) != test.named || got.MemberID == nil {
			t.Errorf("%v: %s", test.scopes, a.body)
		}
		if strings.Contains(a.body, "@atelier.example") || strings.Contains(a.body, "hello") {
			t.Errorf("an address or a text: %s", a.body)
		}
	}
}

func TestLimits(t *testing.T) {
	s := newSite(t)
	s.Limits = APILimits{Caller: 5, Address: 3}
	s.handle(s.Handler())
	key, other := s.key(fullScopes()), s.key(fullScopes())
	for n := range 3 { // a forged address makes no new count
		if a := s.with("", "GET", "/api/v1/me", "X-Forwarded-For", fmt.Sprintf("203.0.113.%d", n), "X-Real-Ip", fmt.Sprintf("203.0.113.%d", n)); a.status != 401 {
			t.Errorf("request %d: %d", n, a.status)
		}
	}
	a := s.with("", "GET", "/api/v1/me", "X-Forwarded-For", "203.0.113.77", "True-Client-Ip", "203.0.113.78", "Forwarded", "for=203.0.113.79")
	refused(t, a, 429, "rate_limited")
	if wait, err := strconv.Atoi(a.header.Get("Retry-After")); err != nil || wait < 1 || wait > 60 || a.header.Get("X-RateLimit-Limit") != "3" || a.header.Get("X-RateLimit-Remaining") != "0" || a.header.Get("X-RateLimit-Reset") == "" {
		t.Errorf("headers %v", a.header)
	}
	for n := range 5 {
		if a := s.with(key, "GET", "/api/v1/me"); a.status != 200 || a.header.Get("X-RateLimit-Remaining") != strconv.Itoa(4-n) {
			t.Errorf("request %d: %d, %s left", n, a.status, a.header.Get("X-RateLimit-Remaining"))
		}
	}
	refused(t, s.with(key, "GET", "/api/v1/me"), 429, "rate_limited")
	if a := s.with(other, "GET", "/api/v1/me"); a.status != 200 {
		t.Errorf("another key: %d", a.status)
	}
	if a := s.get("/api/v1/me"); a.status != 200 {
		t.Errorf("a person: %d", a.status)
	}
	if a := s.get("/healthz"); a.status != 200 {
		t.Errorf("healthz: %d", a.status)
	}
}

// TestLimitsBehindAProxy: what a trusted proxy says is believed, what stands
// before it is the visitor's invention.
func TestLimitsBehindAProxy(t *testing.T) {
	s := newSite(t)
	s.Limits = APILimits{Address: 2}
	s.Proxies = localNet()
	s.handle(s.Handler())
	for n, want := range []int{401, 401, 429} {
		if a := s.with("", "GET", "/api/v1/me", "X-Forwarded-For", fmt.Sprintf("192.0.2.%d, 203.0.113.9", n)); a.status != want {
			t.Errorf("request %d: %d, want %d", n, a.status, want)
		}
	}
	if a := s.with("", "GET", "/api/v1/me", "X-Forwarded-For", "192.0.2.1, 203.0.113.10"); a.status != 401 {
		t.Errorf("another visitor: %d", a.status)
	}
	for n, want := range []int{401, 401, 429} { // one household
		if a := s.with("", "GET", "/api/v1/me", "X-Forwarded-For", fmt.Sprintf("2001:db8:1:2::%d", n)); a.status != want {
			t.Errorf("IPv6 request %d: %d, want %d", n, a.status, want)
		}
	}
}

func FuzzCursor(f *testing.F) {
	for _, c := range []place{{}, {n: 7}, {n: 1772474400000000, key: "campfire/1|2/ada"}, {n: -1, key: "é"}} {
		f.Add(c.String())
	}
	for _, text := range []string{"", "=", "MXw", "MXwxfAA", "MnwxfA", strings.Repeat("A", 4000), "MXw5MjIzMzcyMDM2ODU0Nzc1ODA4fA"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		c, ok := parsePlace(text)
		if !ok {
			return
		}
		if again, ok := parsePlace(c.String()); !ok || again != c {
			t.Errorf("%q is %+v, then %+v", text, c, again)
		}
	})
}

func BenchmarkAPI(b *testing.B) {
	s := newSite(b)
	s.Limits = APILimits{Caller: 1 << 30}
	s.handle(s.Handler())
	c := s.community("Lisière")
	s.run(c, s.brought(c, fire(5000)), true)
	key := s.key(fullScopes())
	for name, path := range map[string]string{
		"kpis": "/kpis?from=2026-03-02&to=2026-06-01", "members": "/members?limit=500", "activities": "/activities?limit=500",
		"series": "/kpis/engagement_rate/series?interval=day&from=2026-03-02&to=2026-09-01",
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if a := s.with(key, "GET", apiPath(c, path)); a.status != http.StatusOK {
					b.Fatalf("%d", a.status)
				}
			}
		})
	}
}
