package web

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/foyer-app/foyer/internal/store"
	"github.com/foyer-app/foyer/web/i18n"
)

func TestProgressStates(t *testing.T) {
	s := newSite(t)
	c := s.community("Lisière")
	i := store.Import{Scope: c.Scope, ID: s.brought(c, fire(50, "x broken"))}
	path := importPath(i, "")
	s.has(s.page(s.get(path), http.StatusOK), "L'import commence dans un instant.", `hx-sse:connect="`+path+`/events"`, "Arrêter l'import")
	i, err := s.Store.Import(t.Context(), c.Scope, i.ID)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Store.StartImport(t.Context(), i); err != nil {
		t.Fatal(err)
	}
	s.has(s.page(s.get(path), http.StatusOK), "Foyer lit vos échanges.", "0 %", `<progress class="prog live"`, "Fichiers reçus")
	s.run(c, i.ID, false)
	s.has(s.page(s.get(path), http.StatusOK), "50 activités sont entrées.", "Les chiffres se calculent encore", "hx-sse:connect", "Une ligne n'a pas pu être lue.")
	s.run(c, i.ID, true)
	page := s.page(s.get(path), http.StatusOK)
	s.has(page, "Voir la vue d'ensemble", `href="`+communityPath(c.Scope, "")+`"`, "Les heures sans fuseau sont celles de Europe/Paris.", path+"/refusals")
	if strings.Contains(page, "hx-sse:connect") {
		t.Error("a finished page still listens")
	}
	again := s.run(c, s.brought(c, fire(50)), true)
	s.has(s.page(s.get(importPath(again, "")), http.StatusOK), "Rien de nouveau : tout était déjà connu.")
	none := s.run(c, s.brought(c, fire(0)), true)
	s.has(s.page(s.get(importPath(none, "")), http.StatusOK), "Aucune activité dans ces fichiers.")
	failed := s.run(c, s.brought(c, "something else"), true)
	s.has(s.page(s.get(importPath(failed, "")), http.StatusOK), "L'import n'a pas abouti.", "Foyer ne reconnaît pas ces fichiers.", "Rien n'a été importé, et rien n'est perdu.", "Choisir des fichiers")
	s.header.Set("Accept-Language", "en")
	s.has(s.page(s.get(importPath(failed, "")), http.StatusOK), "The import did not succeed.", "Foyer does not recognise these files.")
}

func TestAnswer(t *testing.T) {
	s := newSite(t)
	c := s.community("Lisière")
	i := s.run(c, s.brought(c, fire(3, "ask 03/04/2024, 10:00")), false)
	s.has(s.page(s.get(importPath(i, "")), http.StatusOK), "Une question avant de continuer.", "mercredi 3 avril 2024", "lundi 4 mars 2024", "« 03/04/2024, 10:00 »")
	s.has(s.page(s.post(importPath(i, "/answer"), url.Values{"key": {"date_order"}}), http.StatusUnprocessableEntity), "Choisissez l'une des deux lectures.")
	s.page(s.post(importPath(i, "/answer"), url.Values{"key": {"date_order"}, "answer": {"ydm"}}), http.StatusUnprocessableEntity)
	for range 2 { // the second time it has been answered already
		if a := s.post(importPath(i, "/answer"), url.Values{"key": {"date_order"}, "answer": {"dmy"}}); a.status != http.StatusSeeOther || a.to != importPath(i, "") {
			t.Fatalf("answers %d %s", a.status, a.to)
		}
	}
	if i = s.run(c, i.ID, true); i.State != store.ImportDone || i.Answers["date_order"] != "dmy" {
		t.Errorf("%+v", i)
	}
	if a := s.get(importPath(i, "/answer")); a.to != importPath(i, "") {
		t.Errorf("the form's address leads to %s", a.to)
	}
}

func TestCancel(t *testing.T) {
	s := newSite(t)
	c := s.community("Lisière")
	i := store.Import{Scope: c.Scope, ID: s.brought(c, fire(3))}
	s.has(s.page(s.get(importPath(i, "/cancel")), http.StatusOK), "Arrêter cet import ?", "Continuer")
	if a := s.post(importPath(i, "/cancel"), nil); a.status != http.StatusSeeOther {
		t.Fatalf("answers %d", a.status)
	}
	s.has(s.page(s.get(importPath(i, "")), http.StatusOK), "Vous avez arrêté cet import.")
	if a := s.get(importPath(i, "/cancel")); a.to != importPath(i, "") {
		t.Errorf("an ended import asks again: %d", a.status)
	}
	if got := s.run(c, i.ID, false); got.State != store.ImportCancelled || got.Activities > 0 {
		t.Errorf("%+v", got)
	}
}

func TestEvents(t *testing.T) {
	s := newSite(t)
	c := s.community("Lisière")
	i := store.Import{Scope: c.Scope, ID: s.brought(c, fire(30))}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	res, err := http.DefaultClient.Do(s.request("GET", importPath(i, "/events"), nil).WithContext(ctx))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if kind := res.Header.Get("Content-Type"); kind != "text/event-stream" {
		t.Fatalf("content type %q", kind)
	}
	first := make([]byte, 6)
	if _, err := io.ReadFull(res.Body, first); err != nil || string(first) != "data: " {
		t.Fatalf("%q, %v", first, err)
	}
	s.run(c, i.ID, true)
	rest, err := io.ReadAll(res.Body) // ends by itself
	if err != nil {
		t.Fatal(err)
	}
	stream := string(rest)
	if !strings.HasSuffix(stream, "event: done\ndata:\n\n") {
		t.Errorf("the stream ends with %q", stream[max(0, len(stream)-60):])
	}
	s.has(stream, "The import begins in a moment.", "30 activities went in.")
	for line := range strings.SplitSeq(stream, "\n") {
		if line != "" && !strings.HasPrefix(line, "data:") && !strings.HasPrefix(line, "event:") && !strings.HasPrefix(line, ":") && !strings.HasPrefix(line, "<") {
			t.Errorf("a line that is no event: %q", line)
		}
	}
}

func TestFragmentNeverBreaksTheStream(t *testing.T) {
	got := newlines.Replace("a\nb\r\nc\rd")
	if got != "a\ndata: b\ndata: c\ndata: d" {
		t.Errorf("%q", got)
	}
}

func TestTimeLeft(t *testing.T) {
	now := time.Date(2026, 1, 1, 0, 1, 0, 0, time.UTC)
	minute := now.Add(-time.Minute)
	for name, tt := range map[string]struct {
		i    store.Import
		want time.Duration
		ok   bool
	}{
		"a quarter":     {store.Import{Started: minute, BytesRead: 25, BytesTotal: 100}, 3 * time.Minute, true},
		"not started":   {store.Import{BytesRead: 25, BytesTotal: 100}, 0, false},
		"just started":  {store.Import{Started: now.Add(-time.Second), BytesRead: 25, BytesTotal: 100}, 0, false},
		"nothing read":  {store.Import{Started: minute, BytesTotal: 100}, 0, false},
		"all read":      {store.Import{Started: minute, BytesRead: 100, BytesTotal: 100}, 0, false},
		"without bound": {store.Import{Started: minute, BytesRead: 1, BytesTotal: 1 << 50}, 0, false},
	} {
		if got, ok := timeLeft(tt.i, now); got != tt.want || ok != tt.ok {
			t.Errorf("%s: %v, %v", name, got, ok)
		}
	}
}

func TestReadSample(t *testing.T) {
	for _, tt := range []struct {
		sample, order, want string
	}{
		{"03/04/2024", "dmy", "mercredi 3 avril 2024"},
		{"03/04/2024", "mdy", "lundi 4 mars 2024"},
		{"3.4.24, 10:22", "dmy", "mercredi 3 avril 2024"},
		{"2024-04-03", "ymd", "mercredi 3 avril 2024"},
		{"31/04/2024", "dmy", ""},
		{"13/04/2024", "mdy", ""},
		{"", "dmy", ""},
		{"03/04/2024", "d", ""},
	} {
		got := ""
		if date, ok := readSample(tt.sample, tt.order); ok {
			got = i18n.French.LongDate(date)
		}
		if got != tt.want {
			t.Errorf("%s as %s: %q, want %q", tt.sample, tt.order, got, tt.want)
		}
	}
}
