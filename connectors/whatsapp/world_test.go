package whatsapp_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/connectors/whatsapp"
	"github.com/foyer-app/foyer/connectors/whatsapp/whatsapptest"
	"github.com/foyer-app/foyer/internal/community"
)

// ticking is a clock that moves on by a second each time it is read.
func ticking() func() time.Time {
	var mu sync.Mutex
	at := time.Date(2026, 6, 1, 8, 0, 0, 0, time.UTC)
	return func() time.Time {
		mu.Lock()
		defer mu.Unlock()
		at = at.Add(time.Second)
		return at
	}
}

// live plays some days of life, somebody who changes the number, and the history.
func live(w *whatsapptest.World, n *whatsapptest.Number, acts int) {
	l := whatsapptest.NewLife(w, n, 20, 3)
	for range acts {
		l.Act()
	}
	people := l.People()
	w.ChangeNumber(people[5], n)
	w.Write(people[5], n, nil, "c'est mon nouveau numéro")
	w.History(n, people[1:4], 5)
}

func populated(t *testing.T) *whatsapptest.World {
	t.Helper()
	o := options()
	o.Now = ticking()
	w := whatsapptest.New(o)
	live(w, w.AddNumber("Atelier Lisière", "+33 1 00 00 00 00"), 60)
	return w
}

// ledger keeps activities as the store does: by the rules of Activity.
type ledger struct {
	mu       sync.Mutex
	keys     map[string]bool
	stands   map[string]community.Activity
	waiting  map[string]community.Activity
	people   map[string]string // identity → the one it is the same as
	failures []error
}

func newLedger() *ledger {
	return &ledger{
		keys: map[string]bool{}, stands: map[string]community.Activity{}, waiting: map[string]community.Activity{}, people: map[string]string{},
	}
}

// accept drops what came before, and normalises the rest.
func (l *ledger) accept(d connectors.Delivery) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, p := range d.Parcels {
		if key := p.Account + "/" + p.Payload.Key; l.keys[key] {
			continue
		} else {
			l.keys[key] = true
		}
		b, err := whatsapp.New().Normalize(p.Payload)
		if err != nil {
			l.failures = append(l.failures, err)
		}
		for _, i := range b.Identities {
			if l.people[i.ExternalID] == "" {
				l.people[i.ExternalID] = i.SameAs
			}
		}
		for _, a := range b.Activities {
			l.apply(a)
		}
	}
}

func (l *ledger) apply(a community.Activity) {
	old, stored := l.stands[a.ExternalID]
	switch {
	case !stored && a.At.IsZero():
		if w, ok := l.waiting[a.ExternalID]; !ok || a.Revision > w.Revision {
			l.waiting[a.ExternalID] = a
		}
	case !stored:
		l.stands[a.ExternalID] = a
		if w, ok := l.waiting[a.ExternalID]; ok {
			delete(l.waiting, a.ExternalID)
			l.apply(w)
		}
	case a.Revision > old.Revision:
		old.Features, old.Revision, old.Deleted = a.Features, a.Revision, a.Deleted
		l.stands[a.ExternalID] = old
	}
}

// person follows what is said of who is whom.
func (l *ledger) person(id string) string {
	for range 10 {
		if l.people[id] == "" {
			break
		}
		id = l.people[id]
	}
	return id
}

func (l *ledger) truth() whatsapptest.Truth {
	var t whatsapptest.Truth
	writers := map[string]bool{}
	for _, a := range l.stands {
		business := len(a.Actor) > 9 && a.Actor[:9] == "business:"
		if a.Kind == community.Message && !business {
			writers[l.person(a.Actor)] = true
		}
		switch {
		case a.Kind == community.Message && a.Deleted:
			t.Revoked++
		case a.Deleted:
		case a.Kind == community.Message:
			t.Length += a.Features.Length
			if business {
				t.Team++
				continue
			}
			t.Messages++
			if a.Features.Question {
				t.Questions++
			}
		case a.Kind == community.Reaction:
			t.Reactions++
		case a.Kind == community.Join:
			t.Joins++
		case a.Kind == community.Leave:
			t.Leaves++
		}
	}
	t.Writers = len(writers)
	return t
}

func TestTotalsEqualTheTruth(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		how  whatsapptest.Delivery
	}{
		{"one by one", whatsapptest.Delivery{}},
		{"batches", whatsapptest.Delivery{Batch: 1000}},
		{"duplicates", whatsapptest.Delivery{Batch: 7, Duplicates: 0.5}},
		{"shuffled", whatsapptest.Delivery{Batch: 3, Shuffle: true}},
		{"duplicates, shuffled", whatsapptest.Delivery{Batch: 10, Duplicates: 0.3, Shuffle: true}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			o := options()
			o.Now = ticking()
			w := whatsapptest.New(o)
			live(w, w.AddNumber("Atelier Lisière", "+33 1 00 00 00 00"), 1500)
			l := newLedger()
			bodies := w.Bodies(tt.how)
			for _, body := range bodies {
				d, err := receive(body, keepNothing)
				if err != nil {
					t.Fatal(err)
				}
				l.accept(d)
			}
			if got, want := l.truth(), w.Truth(); got != want || want.Messages < 300 || want.Reactions < 50 || want.Joins == 0 || want.Leaves == 0 {
				t.Errorf("from %d requests\n got %+v\nwant %+v", len(bodies), got, want)
			}
			if len(l.failures) > 0 {
				t.Errorf("%d payloads were refused: %v", len(l.failures), l.failures[0])
			}
			for id, a := range l.waiting {
				if !a.Deleted || a.Kind != community.Reaction { // taking back what was never given means nothing
					t.Errorf("%s waits for an activity that never came", id)
				}
			}
		})
	}
}

// TestOverLoopback goes the whole way: install, verify, deliver with a webhook that
// fails now and then, from several senders at once.
func TestOverLoopback(t *testing.T) {
	t.Parallel()
	o := options()
	o.Now = ticking()
	w := whatsapptest.New(o)
	n := w.AddNumber("Atelier Lisière", "+33 1 00 00 00 00")
	graph := httptest.NewServer(w)
	defer graph.Close()
	app := application()
	app.Base, app.HTTP, app.Now = graph.URL, graph.Client(), time.Now
	l := newLedger()
	var mu sync.Mutex
	requests := 0
	hook := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		d, err := whatsapp.Connector{}.Receive(app, r, keepNothing)
		if err != nil {
			rw.WriteHeader(http.StatusUnauthorized)
			return
		}
		l.accept(d)
		mu.Lock()
		requests++
		fail := requests%5 == 0 // stored, and not acknowledged: it comes again
		mu.Unlock()
		if fail {
			rw.WriteHeader(http.StatusInternalServerError)
			return
		}
		_, _ = rw.Write(d.Answer)
	}))
	defer hook.Close()
	ctx := context.Background()
	if _, err := w.Deliver(ctx, hook.URL, whatsapptest.Delivery{}); err == nil {
		t.Error("it was delivered before anybody subscribed")
	}
	c, err := whatsapp.Connector{}.InstallManual(ctx, app, map[string]string{
		"waba_id": w.Owner(), "phone_number_id": n.ID, "token": w.Token(whatsapptest.Permissions(), time.Time{}),
	})
	if err != nil || c.ExternalID != n.ID {
		t.Fatalf("%v, %+v", err, c)
	}
	if err := w.Verify(ctx, hook.URL, nil); err != nil {
		t.Fatal(err)
	}
	live(w, n, 300)
	var all sync.WaitGroup
	for range 3 {
		all.Go(func() {
			if _, err := w.Deliver(ctx, hook.URL, whatsapptest.Delivery{Batch: 5, Duplicates: 0.2, Shuffle: true, Tries: 5}); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if got, want := l.truth(), w.Truth(); got != want {
		t.Errorf(" got %+v\nwant %+v", got, want)
	}
}
