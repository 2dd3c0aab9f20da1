package courier_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/foyer-app/foyer/internal/courier"
	"github.com/foyer-app/foyer/internal/dbtest"
	"github.com/foyer-app/foyer/internal/mail"
	"github.com/foyer-app/foyer/internal/store"
	"github.com/foyer-app/foyer/internal/vault"
	"github.com/foyer-app/foyer/web/i18n"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// wire is a transport that keeps what it is given and fails when told.
type wire struct {
	mu    sync.Mutex
	sent  []mail.Message
	fails []error
}

func (w *wire) Send(_ context.Context, m mail.Message) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.fails) > 0 {
		err := w.fails[0]
		w.fails = w.fails[1:]
		return err
	}
	w.sent = append(w.sent, m)
	return nil
}

func newCourier(t *testing.T, transport mail.Transport, log *bytes.Buffer) *courier.Courier {
	t.Helper()
	ring, err := vault.Ensure(filepath.Join(t.TempDir(), "keys", "ring"))
	if err != nil {
		t.Fatal(err)
	}
	return courier.New(courier.Config{
		Store: store.New(dbtest.New(t)), Ring: ring, Transport: transport, Log: slog.New(slog.NewTextHandler(log, nil)),
	})
}

const link = "https://foyer.example/enter/s3cr3t-t0ken"

func letter() courier.Letter {
	return courier.Letter{Kind: mail.MagicLink, Locale: i18n.French, Data: mail.Data{To: "zoe@atelier.example", Link: link, Valid: 15 * time.Minute}}
}

func TestKeptWithoutServer(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	c := newCourier(t, nil, &log)
	if err := c.Post(t.Context(), letter()); err != nil {
		t.Fatal(err)
	}
	list, err := c.Store.Letters(t.Context(), 0, 0, 10)
	if err != nil || len(list) != 1 || list[0].State != store.LetterKept {
		t.Fatalf("%+v, %v", list, err)
	}
	if bytes.Contains(list[0].Sealed, []byte("s3cr3t")) || strings.Contains(log.String(), "s3cr3t") || strings.Contains(log.String(), "zoe@") {
		t.Error("the link or the address can be read without the vault")
	}
	m, err := c.Open(list[0])
	if err != nil || !strings.Contains(m.Text, link) {
		t.Errorf("the operator reads %q, %v", m.Text, err)
	}
}

func TestSentOnceByTwo(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	w := &wire{}
	c := newCourier(t, w, &log)
	for range 10 {
		if err := c.Post(t.Context(), letter()); err != nil {
			t.Fatal(err)
		}
	}
	var g sync.WaitGroup
	for range 3 {
		g.Go(func() {
			if _, err := c.Deliver(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	g.Wait()
	ids := map[string]bool{}
	for _, m := range w.sent {
		ids[m.ID] = true
	}
	if len(w.sent) != 10 || len(ids) != 10 {
		t.Errorf("%d letters, %d different ones, of 10", len(w.sent), len(ids))
	}
}

func TestTriedAgainOrNot(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	w := &wire{fails: []error{errors.New("busy"), &mail.PermanentError{}}}
	c := newCourier(t, w, &log)
	for range 2 {
		if err := c.Post(t.Context(), letter()); err != nil {
			t.Fatal(err)
		}
	}
	if n, err := c.Deliver(t.Context()); n != 0 || err != nil {
		t.Fatalf("%d sent, %v", n, err)
	}
	list, err := c.Store.Letters(t.Context(), 0, 0, 10)
	if err != nil {
		t.Fatal(err)
	}
	states := map[string]int{}
	for _, l := range list {
		states[l.State]++
	}
	if states[store.LetterWaiting] != 1 || states[store.LetterFailed] != 1 {
		t.Errorf("states %v: a refusal is final, a busy server is not", states)
	}
}
