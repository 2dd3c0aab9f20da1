package web

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/internal/account"
	"github.com/foyer-app/foyer/internal/community"
	"github.com/foyer-app/foyer/internal/store"
	"github.com/foyer-app/foyer/web/i18n"
)

// What campfire offers live: an installation by OAuth and by hand, a webhook
// signed by a header, and a history of one page.

func (campfire) Missing(app connectors.App) []string {
	if app.ID == "" {
		return []string{"ID"}
	}
	return nil
}

func (campfire) InstallURL(app connectors.App, state, verifier string) string {
	return "https://campfire.example/authorize?" + url.Values{"state": {state}, "client": {app.ID}, "challenge": {verifier[:4]}}.Encode()
}

func (campfire) Install(_ context.Context, _ connectors.App, q url.Values, verifier string) (connectors.Connection, error) {
	switch {
	case q.Get("error") != "":
		return connectors.Connection{}, &connectors.InstallError{Reason: "denied"}
	case q.Get("code") == "few":
		return connectors.Connection{}, &connectors.InstallError{Reason: "scopes", Names: []string{"logs:read"}}
	case verifier == "":
		return connectors.Connection{}, &connectors.InstallError{Reason: "refused"}
	}
	return connectors.Connection{ExternalID: "camp-" + q.Get("code"), Name: "Camp", Credentials: connectors.Credentials{Access: "s3cr3t-access"}}, nil
}

func (campfire) Fields() []connectors.ManualField {
	return []connectors.ManualField{{Name: "key", Secret: true}}
}

func (campfire) InstallManual(_ context.Context, _ connectors.App, v map[string]string) (connectors.Connection, error) {
	if v["key"] != "right" {
		return connectors.Connection{}, &connectors.InstallError{Reason: "refused"}
	}
	return connectors.Connection{ExternalID: "by-hand", Name: "By hand"}, nil
}

func (campfire) Receive(_ connectors.App, r *http.Request, _ func(string) bool) (connectors.Delivery, error) {
	if r.Method == http.MethodGet {
		return connectors.Delivery{Answer: []byte(r.URL.Query().Get("challenge")), AnswerType: "text/plain"}, nil
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return connectors.Delivery{}, err
	}
	if r.Header.Get("X-Sign") != "right" {
		return connectors.Delivery{}, connectors.ErrSignature
	}
	account, line, ok := strings.Cut(string(body), "|")
	if !ok {
		return connectors.Delivery{}, &connectors.RefusedError{Reason: connectors.ReasonNotJSON}
	}
	if line == "gone" {
		return connectors.Delivery{Notices: []connectors.Notice{{Account: account, Kind: connectors.NoticeRevoked}}}, nil
	}
	return connectors.Delivery{Parcels: []connectors.Parcel{{Account: account, Payload: connectors.Payload{Key: line, Kind: "line", Body: []byte(line)}}}}, nil
}

func (campfire) Backfill(context.Context, connectors.App, connectors.Connection, string, time.Time) (connectors.Page, error) {
	return connectors.Page{Payloads: []connectors.Payload{{Key: "h1", Kind: "line", Body: []byte("1772474400 ada hello from before")}}}, nil
}

// TestSourceOfFiles: a source that only files speak of says until when they do.
func TestSourceOfFiles(t *testing.T) {
	s := newSite(t)
	c := s.community("Lisière")
	s.run(c, s.brought(c, fire(30)), true)
	page := s.page(s.get(communityPath(c.Scope, "/connections")), http.StatusOK)
	s.has(page, "Par export", "3 mars 2026", "24 messages")
	if strings.Contains(page, "aucune</dd>") {
		t.Error("a source with messages says that it has none")
	}
}

// begin starts an OAuth attempt and returns its state.
func (s *site) begin(c community.Community) string {
	s.Helper()
	a := s.get(communityPath(c.Scope, "/connect/campfire"))
	to, err := url.Parse(a.to)
	if err != nil || a.status != http.StatusSeeOther || to.Host != "campfire.example" {
		s.Fatalf("connecting leads to %d %s", a.status, a.to)
	}
	return to.Query().Get("state")
}

func (s *site) installed(c community.Community) store.Connection {
	s.Helper()
	list, err := s.Store.Connections(s.Context(), c.Scope)
	if err != nil {
		s.Fatal(err)
	}
	for _, conn := range list {
		if conn.Live() {
			return conn
		}
	}
	return store.Connection{}
}

func TestConnectByOAuth(t *testing.T) {
	s := newSite(t)
	c := s.community("Lisière")
	list := communityPath(c.Scope, "/connections")
	s.has(s.page(s.get(list), http.StatusOK), "Aucune source pour l'instant.", "Campfire", "Fichiers d'export")

	state := s.begin(c)
	back := "/connect/campfire/callback?code=one&state="
	// Another person, another browser of the same person, and nobody.
	s.as(s.stranger())
	s.page(s.get(back+state), http.StatusBadRequest)
	s.as(s.owner)
	s.page(s.get(back+state), http.StatusBadRequest) // spent by the attempt above
	state = s.begin(c)
	mine := s.session
	s.as(s.owner)
	s.page(s.get(back+state), http.StatusBadRequest)
	s.session = mine
	state = s.begin(c)
	if a := s.get(back + state); a.status != http.StatusSeeOther || a.to != list {
		t.Fatalf("%d %s", a.status, a.to)
	}
	s.page(s.get(back+state), http.StatusBadRequest) // works once
	s.page(s.get("/connect/campfire/callback?code=one"), http.StatusBadRequest)

	conn := s.installed(c)
	if conn.ExternalID != "camp-one" || len(conn.Sealed) == 0 || strings.Contains(string(conn.Sealed), "s3cr3t") {
		t.Errorf("stored as %+v", conn)
	}
	s.has(s.page(s.get(list), http.StatusOK), "Campfire est relié.", "Une source, tout avance.")
}

func TestNotConnected(t *testing.T) {
	s := newSite(t)
	c := s.community("Lisière")
	s.has(s.page(s.get("/connect/campfire/callback?error=access_denied&state="+s.begin(c)), http.StatusUnprocessableEntity),
		"l'accès a été refusé", "Recommencer")
	s.has(s.page(s.get("/connect/campfire/callback?code=few&state="+s.begin(c)), http.StatusUnprocessableEntity), "Il manque des droits", "logs:read")
	if conn := s.installed(c); conn.ID != 0 {
		t.Errorf("connected all the same: %+v", conn)
	}
	by := communityPath(c.Scope, "/connect/campfire/manual")
	s.page(s.get(by), http.StatusOK)
	s.has(s.page(s.post(by, url.Values{}), http.StatusUnprocessableEntity), "Collez cette valeur.")
	page := s.page(s.post(by, url.Values{"key": {"wrong-s3cr3t"}}), http.StatusUnprocessableEntity)
	s.has(page, "a refusé la connexion")
	if strings.Contains(page, "s3cr3t") {
		t.Error("the page shows the secret again")
	}
	if a := s.post(by, url.Values{"key": {"right"}}); a.status != http.StatusSeeOther {
		t.Errorf("by hand: %d", a.status)
	}
	s.page(s.get(communityPath(c.Scope, "/connect/nowhere")), http.StatusNotFound)
}

func TestHooks(t *testing.T) {
	s := newSite(t)
	c := s.community("Lisière")
	s.get("/connect/campfire/callback?code=one&state=" + s.begin(c))
	s.as(store.User{}) // platforms have no session
	hook := func(sign, body string) answer {
		r := s.request("POST", "/hooks/campfire", strings.NewReader(body))
		r.Header.Set("X-Sign", sign)
		r.Header.Set("Origin", "https://campfire.example")
		r.Host = "foyer.public.example"
		return s.do(r)
	}
	for name, test := range map[string]struct {
		sign, body string
		status     int
	}{
		"right": {"right", "camp-one|1772474400 ada hello", 200}, "again": {"right", "camp-one|1772474400 ada hello", 200},
		"unknown account": {"right", "camp-two|1772474400 ada hello", 200}, "unsigned": {"", "camp-one|1772474400 eve hello", 401},
		"unreadable": {"right", "nothing", 400}, "too large": {"right", strings.Repeat("x", connectors.MaxDelivery+1), 413},
	} {
		if a := hook(test.sign, test.body); a.status != test.status {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
	}
	if a := s.get("/hooks/campfire?challenge=42"); a.status != http.StatusOK || a.body != "42" {
		t.Errorf("challenge: %d %q", a.status, a.body)
	}
	if a := s.get("/hooks/nowhere"); a.status != http.StatusNotFound {
		t.Errorf("unknown platform: %d", a.status)
	}
	conn := s.installed(c)
	if n, err := s.ingest.Drain(t.Context(), store.Pending{Scope: c.Scope, Connection: conn.ID}); err != nil || n != 1 {
		t.Errorf("%d payloads of one delivery that came twice, %v", n, err)
	}
	hook("right", "camp-one|gone")
	s.as(s.owner)
	s.has(s.page(s.get(communityPath(c.Scope, "/connections")), http.StatusOK), "Campfire n'accepte plus notre accès.", "Reconnecter Campfire", "une à réparer")
}

func TestPauseResumeDisconnect(t *testing.T) {
	s := newSite(t)
	c := s.community("Lisière")
	s.get("/connect/campfire/callback?code=one&state=" + s.begin(c))
	conn := s.installed(c)
	path := communityPath(c.Scope, "/connections/"+idText(conn.ID))
	s.post(path+"/pause", nil)
	s.has(s.page(s.get(communityPath(c.Scope, "/connections")), http.StatusOK), "En pause", "Reprendre")
	s.post(path+"/resume", nil)
	if got := s.installed(c).State; got != store.ConnectionActive {
		t.Errorf("resumed as %s", got)
	}
	walks, err := s.Store.Backfills(t.Context(), c.Scope)
	if err != nil || len(walks) != 2 {
		t.Fatalf("%d walks, %v", len(walks), err)
	}
	for _, b := range walks {
		if err := s.ingest.Backfill(t.Context(), c.Scope, b.ID); err != nil {
			t.Fatal(err)
		}
	}
	if n, err := s.ingest.Drain(t.Context(), store.Pending{Scope: c.Scope, Connection: conn.ID}); err != nil || n != 1 {
		t.Errorf("%d payloads of one page that was fetched twice, %v", n, err)
	}
	if err := s.ingest.RollUpNow(t.Context(), c.Scope); err != nil {
		t.Fatal(err)
	}
	s.page(s.get(path+"/disconnect"), http.StatusOK)
	s.has(s.page(s.post(path+"/disconnect", nil), http.StatusUnprocessableEntity), "Dites ce que deviennent les données.")
	if a := s.post(path+"/disconnect", url.Values{"data": {"erase"}}); a.status != http.StatusSeeOther {
		t.Fatalf("%d", a.status)
	}
	if err := s.ingest.RollUpNow(t.Context(), c.Scope); err != nil {
		t.Fatal(err)
	}
	for _, table := range []string{"activity", "identity", "member", "channel", "inbox", "connection", "member_day", "membership"} {
		var n int
		if err := s.Store.Pool().QueryRow(store.WithTenant(t.Context(), c.Organisation), `select count(*) from `+table).Scan(&n); err != nil || n != 0 {
			t.Errorf("%s keeps %d rows, %v", table, n, err)
		}
	}
	// A viewer sees the sources and changes none.
	s.as(s.colleague(store.RoleViewer))
	page := s.page(s.get(communityPath(c.Scope, "/connections")), http.StatusOK)
	if strings.Contains(page, "/connect/campfire") || account.May(store.RoleViewer, account.Connect) {
		t.Error("a viewer is offered to connect")
	}
}

func TestConnectionStates(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 10, 5, 12, 0, 0, 0, time.UTC)
	active := store.Connection{State: store.ConnectionActive}
	with := func(change func(*connectionFacts)) connectionFacts {
		f := connectionFacts{conn: active}
		change(&f)
		return f
	}
	history := store.Backfill{Kind: "history", State: "running", Progress: .4, Payloads: 12, Left: 3 * time.Hour}
	for want, f := range map[string]connectionFacts{
		"live": with(func(*connectionFacts) {}),
		"file": {conn: store.Connection{State: store.ConnectionFile}}, "paused": {conn: store.Connection{State: store.ConnectionPaused}},
		"revoked": {conn: store.Connection{State: store.ConnectionRevoked}}, "failed": {conn: store.Connection{State: store.ConnectionFailed}},
		"installing": with(func(f *connectionFacts) { f.walks = []store.Backfill{{Kind: "history", State: "running"}} }),
		"importing":  with(func(f *connectionFacts) { f.walks = []store.Backfill{history} }),
		"limited": with(func(f *connectionFacts) {
			f.walks, f.conn.Limited = []store.Backfill{history}, now.Add(time.Hour)
		}),
		"gap":    with(func(f *connectionFacts) { f.walks = []store.Backfill{{Kind: "gap", State: "running"}} }),
		"broken": with(func(f *connectionFacts) { f.walks = []store.Backfill{{Kind: "history", State: "failed"}} }),
		"behind": with(func(f *connectionFacts) {
			f.backlog = store.WaitingPayloads{Waiting: 3, Oldest: now.Add(-time.Hour)}
		}),
		"blind": with(func(f *connectionFacts) { f.blind = []string{"coulisses", "a", "b", "c", "d", "e", "f"} }),
		"weak":  with(func(f *connectionFacts) { f.weak = []string{"content"} }),
		"fatal": with(func(f *connectionFacts) { f.fatal = "token" }),
	} {
		n := stateOf(f, now)
		if n.key != want {
			t.Errorf("%s is called %s", want, n.key)
		}
		for _, l := range i18n.Locales() {
			if !l.Has("connection.state." + want) {
				t.Errorf("%v has no word for %s", l, want)
			}
			lead, text := n.sentence(l, f, "Campfire", now)
			if (want != "live" && want != "file") != (lead != "" && text != "") || strings.Contains(lead+text, "{") {
				t.Errorf("%v: %s is explained as %q %q", l, want, lead, text)
			}
		}
	}
	// What exactly is wrong is said where there are words for it, of every right that is missing.
	for want, f := range map[string]connectionFacts{
		"deux semaines":  {conn: store.Connection{State: store.ConnectionRevoked}, revoked: "primary_inactivity"},
		"n'accepte plus": {conn: store.Connection{State: store.ConnectionRevoked}, revoked: "something_new"},
		"ligne directe":  with(func(f *connectionFacts) { f.fatal = "app_token" }),
		"ni longueur":    with(func(f *connectionFacts) { f.weak = []string{"MESSAGE_CONTENT", "GUILD_MEMBERS"} }),
		"ni arrivées":    with(func(f *connectionFacts) { f.weak = []string{"MESSAGE_CONTENT", "GUILD_MEMBERS"} }),
	} {
		lead, text := stateOf(f, now).sentence(i18n.French, f, "Campfire", now)
		if !strings.Contains(strings.ReplaceAll(lead+" "+text, "’", "'"), want) {
			t.Errorf("%q does not say %q", lead+" "+text, want)
		}
	}
	// A moment's backlog is no delay.
	f := with(func(f *connectionFacts) { f.backlog = store.WaitingPayloads{Waiting: 3, Oldest: now.Add(-time.Second)} })
	if n := stateOf(f, now); n.key != "live" {
		t.Errorf("a second behind is called %s", n.key)
	}
}
